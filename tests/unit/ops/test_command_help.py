"""`manage.py` 명령들의 도움말: 터미널의 언어로, 한 언어로만."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.utils import translation

from kernel.messages import is_korean

ROOT = Path(__file__).resolve().parents[3]
OURS = sorted((name, app) for name, app in get_commands().items() if app in {"ops", "front"})


@pytest.mark.parametrize(("name", "app"), OURS)
def test_the_help_of_a_command_is_in_the_language_of_the_terminal(name: str, app: str) -> None:
    said = {}
    for language in ("ko", "en"):
        with translation.override(language):
            said[language] = load_command_class(str(app), name).create_parser("manage.py", name).format_help()
    assert is_korean(said["ko"])
    assert not is_korean(said["en"]), "gettext로 감싸고 ops/locale/en의 django.po에 더하십시오"


@pytest.mark.parametrize(
    ("locale", "told"), [("ko_KR.UTF-8", "서버의 이름"), ("C.UTF-8", "name of the server")]
)
def test_manage_py_follows_the_locale(locale: str, told: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "undrain", "--help"],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": locale},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert told in done.stdout, done.stdout
