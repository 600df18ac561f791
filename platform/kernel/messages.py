"""사람이 읽는 글: 한국어 원문과 이름 있는 값. 읽는 이의 언어로는 나가는 자리에서만 옮긴다.

표준 라이브러리만 안다. 오류의 영어는 `locale/en.po`에 있다: 새 오류를 쓰면 거기에 더한다(시험이 말해 준다).
값의 이름이 `count`이고 번역에 여러 꼴이 있으면 그 수의 꼴을 고른다("1 game", "2 games").
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from kernel.languages import KOREAN
from kernel.po import load_catalog

Params = Mapping[str, str | int]
CATALOG_FILES: Final = {"en": Path(__file__).parent / "locale" / "en.po"}
COUNT: Final = "count"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def placeholders(source: str) -> set[str]:
    """글이 바라는 값의 이름들."""
    return set(_PLACEHOLDER.findall(source))


def fill(text: str, params: Params) -> str:
    """`{이름}` 자리에 값을 넣는다. 값이 없는 자리는 그대로 둔다: 오류를 말하다가 또 실패하지 않는다."""
    return _PLACEHOLDER.sub(lambda found: str(params.get(found[1], found[0])), text)


def translate(source: str, params: Params, language: str | None) -> str | None:
    """원문을 `language`(None은 원문)로 옮겨 값을 채운다. 번역이 없으면 None이다."""
    if language in {None, KOREAN} or not is_korean(source):
        return fill(source, params)
    text = _translated(source, params, str(language))
    return None if text == source else fill(text, params)


def tell(source: str, language: str | None, /, **params: str | int) -> str:
    """오류가 아닌 글 하나를 읽는 이의 언어로. 번역이 없으면 원문이다."""
    return translate(source, params, language) or fill(source, params)


def to_tell(source: str) -> str:
    """나중에 `tell`이 옮길 원문이라는 표시. 글을 그대로 준다(시험이 이 표시로 영어를 찾는다)."""
    return source


def is_korean(text: str) -> bool:
    """한글이 있는가. 없으면(이름, 값만 있는 글) 어느 언어에서나 그대로다."""
    return any("가" <= char <= "힣" or "ㄱ" <= char <= "ㆎ" for char in text)


def _translated(source: str, params: Params, language: str) -> str:
    catalog = _catalog(language)
    count = params.get(COUNT)
    if count is not None and str(count).isdecimal():
        return catalog.ngettext(source, source, int(count))
    return catalog.gettext(source)


@cache
def _catalog(language: str) -> gettext.NullTranslations:
    path = CATALOG_FILES.get(language)
    return load_catalog(path) if path is not None else gettext.NullTranslations()
