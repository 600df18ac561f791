"""스택 도구의 말: 모두 `told`를 지나고, 영어가 빠짐없이 있으며, 터미널의 언어를 따른다."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from pathlib import Path

import pytest

from kernel.messages import is_korean, placeholders
from kernel.po import read_po
from stack.errors import PortInUse
from stack.words import CATALOG_FILE, terminal_language, told

# 기계가 읽는 글에 남기는 설명.
NOT_SPOKEN = {"supervisor_config.py"}
ENGLISH = {
    entry.source: entry.translation
    for entry in read_po(CATALOG_FILE.read_text(encoding="utf-8"))
    if entry.source
}


def _texts(path: Path) -> list[ast.expr]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents
    ]


def _spoken() -> dict[str, str]:
    found = {}
    for path in sorted(CATALOG_FILE.parent.glob("*.py")):
        if path.name not in NOT_SPOKEN:
            for node in _texts(path):
                if is_korean(node.value):  # type: ignore[attr-defined]
                    found[node.value] = f"{path.name}:{node.lineno}"  # type: ignore[attr-defined]
    return found


def test_every_korean_text_of_the_tool_has_its_english_and_nothing_is_left_over() -> None:
    spoken = _spoken()
    missing = {text: where for text, where in spoken.items() if text not in ENGLISH}
    assert missing == {}, f"{CATALOG_FILE}에 영어를 더하십시오. f-string은 told의 이름 있는 값으로 바꿉니다"
    assert ENGLISH.keys() - spoken.keys() == set()


@pytest.mark.parametrize("source", sorted(ENGLISH))
def test_the_english_names_the_same_values(source: str) -> None:
    assert placeholders(ENGLISH[source]) == placeholders(source)
    assert not is_korean(ENGLISH[source])


def test_the_locale_of_the_terminal_picks_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {}
    for locale in ("ko_KR.UTF-8", "en_US.UTF-8", "C"):
        monkeypatch.setenv("LC_ALL", locale)
        said[locale] = (told("{project} 멈추는 중", project="it"), str(PortInUse("127.0.0.1", 8080, None)))
    assert said["ko_KR.UTF-8"][0] == "it 멈추는 중"
    assert "다른 프로세스가" in said["ko_KR.UTF-8"][1]
    assert said["C"] == said["en_US.UTF-8"]
    assert said["C"][0] == "stopping it"
    assert said["C"][1].startswith("Port 8080 (127.0.0.1) is already used by another process.")


def test_a_command_in_a_service_inherits_the_language_of_the_terminal() -> None:
    environ = {"LC_ALL": "", "LANG": "ko_KR.UTF-8", "HOME": "/"}
    assert terminal_language(environ) == {"LANG": "ko_KR.UTF-8"}


@pytest.mark.parametrize(("locale", "korean"), [("ko_KR.UTF-8", True), ("en_US.UTF-8", False), ("C", False)])
def test_the_scripts_help_in_the_language_of_the_terminal(locale: str, korean: bool) -> None:
    root = CATALOG_FILE.parents[2]
    done = subprocess.run(
        ["bash", root / "scripts" / "up.sh", "--help"],
        env={**os.environ, "LC_ALL": locale}, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "scripts/up.sh --detach" in done.stderr
    assert is_korean(done.stderr) is korean


def test_the_scripts_say_nothing_past_the_pick_of_the_language() -> None:
    spoken = re.compile(r"^\s*(?!#).*?(?:echo|printf|say|fail|step)\b.*")
    for name in ("up.sh", "build.sh"):
        text = (CATALOG_FILE.parents[1] / name).read_text(encoding="utf-8")
        plain = [
            line for line in text.splitlines() if spoken.match(line) and is_korean(line.partition(" #")[0])
        ]
        assert [line for line in plain if "pick" not in line] == [], (
            f"scripts/{name}: pick '한국어' 'English'"
        )
