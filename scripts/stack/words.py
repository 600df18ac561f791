"""이 도구가 하는 말: 한국어 원문과 이름 있는 값을 터미널의 언어(LC_ALL, LC_MESSAGES, LANG)로.

영어는 옆의 `en.po`에 있다. 번역을 읽는 법은 kernel의 것을 그대로 쓴다.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from gettext import NullTranslations
from pathlib import Path

from kernel.languages import KOREAN, language_of_environment
from kernel.messages import fill
from kernel.po import load_catalog

CATALOG_FILE = Path(__file__).parent / "en.po"
LANGUAGE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def told(source: str, /, **params: str | int | float | Path) -> str:
    """글 하나. `{이름}` 자리에 값이 들어간다."""
    return fill(_catalog(language_of_environment(os.environ)).gettext(source), _texts(params))


def terminal_language(environ: Mapping[str, str]) -> dict[str, str]:
    """터미널의 언어를 정하는 변수들. 그 터미널에서 돌리는 명령이 물려받는다."""
    return {name: environ[name] for name in LANGUAGE_VARIABLES if environ.get(name)}


def _texts(params: Mapping[str, str | int | float | Path]) -> dict[str, str]:
    return {name: str(value) for name, value in params.items()}


@cache
def _catalog(language: str) -> NullTranslations:
    return NullTranslations() if language == KOREAN else load_catalog(CATALOG_FILE)
