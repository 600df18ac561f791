"""코드의 한국어 글은 모두 번역을 지난다: gettext, 오류, `tell`. 아니면 아래에 까닭이 있다."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from kernel.messages import is_korean
from tests.unit.kernel.error_sources import ROOT, SOURCE_DIRS, SPEAKERS, speaking_names
from tests.unit.ops.messages import SHAPES

# 사람에게 보이는 답이 아닌 것들.
NOT_TOLD = {
    "platform/environment/env.py": "환경 변수의 표. test_env.py가 영어를 본다",
    "platform/telemetry/metrics.py": "지표의 HELP: 언어를 청할 수 없는 기계의 쪽이다",
    "platform/webserver/request_metrics.py": "지표의 HELP: 언어를 청할 수 없는 기계의 쪽이다",
    "platform/kernel/errors.py": "제목들. test_messages.py가 영어를 본다",
    "platform/kernel/messages.py": "한글의 범위",
    "platform/webserver/openapi.py": "스키마의 설명. test_translations.py가 영어를 본다",
    "platform/bots/swarm.py": "봇의 이름은 자료다",
    "platform/matches/bots.py": "봇의 이름은 자료다",
    "platform/players/names.py": "손님의 이름은 자료다",
    "platform/config/settings.py": "언어의 제 이름과 스키마의 설명(test_translations.py가 본다)",
    "platform/database/management/commands/render_sql.py": "SQL 파일의 머리(문서는 한국어다)",
    "platform/ops/live/targets.py": "설정이 틀려 뜨지 못하는 프로세스의 로그",
    "gameservices/rules/base.py": "설정이 틀려 뜨지 못하는 프로세스의 로그",
    "gameservices/runtime/launch.py": "설정이 틀려 뜨지 못하는 프로세스의 로그",
    "gameservices/runtime/worker.py": "주소를 열지 못해 뜨지 못하는 프로세스의 로그",
    "gameservices/session/servicer.py": "끊긴 스트림의 gRPC 상태: 사람에게 가지 않는다",
    "platform/config/serve.py": "받는 쪽이 떠난 답의 끝: 아무에게도 가지 않는다",
    "platform/webserver/streaming.py": "받는 쪽이 떠난 답의 끝: 아무에게도 가지 않는다",
}


def untold(code: str) -> list[tuple[int, str]]:
    """번역을 지나지 않는 한국어 글의 줄과 글. docstring, help_text는 스키마의 설명이라 따로 본다."""
    tree = ast.parse(code)
    speakers = SPEAKERS | speaking_names(tree)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in SHAPES or name in speakers or name == "translated":
                told |= {id(inner) for argument in node.args for inner in ast.walk(argument)}
            told |= {
                id(inner)
                for keyword in node.keywords
                if keyword.arg == "help_text"
                for inner in ast.walk(keyword.value)
            }
        if isinstance(node, ast.Raise) and node.exc is not None and _is_developers(node.exc):
            told |= {id(inner) for inner in ast.walk(node.exc)}
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and is_korean(node.value)
        and id(node) not in told
    ]


def _is_developers(raised: ast.expr) -> bool:
    """프로그래머에게 하는 말: 잡히면 우리 잘못이거나 뜨지 못하는 프로세스의 로그다."""
    name = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(name, ast.Name) and name.id in {
        "ValueError", "TypeError", "RuntimeError", "KeyError", "ConnectionError", "SystemExit", "EnvError",
        "PoError", "ModeError", "CodecError", "KeysMissing", "AssertionError", "ClientGone",
    }  # fmt: skip


@pytest.mark.parametrize(
    "path",
    sorted(
        path.relative_to(ROOT).as_posix()
        for folder in SOURCE_DIRS
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
    ),
)
def test_no_korean_text_passes_by_the_catalogues(path: str) -> None:
    if path in NOT_TOLD:
        return
    found = untold(Path(ROOT / path).read_text(encoding="utf-8"))
    assert found == [], f"{path}: gettext나 tell로 감싸고 영어를 더하십시오"


def test_the_walk_finds_a_text_told_past_the_catalogues() -> None:
    code = 'def f():\n    """설명"""\n    say("말")\n    _("글")\n    raise ValueError("까닭")\n'
    assert untold(code) == [(3, "말")]


def test_an_exception_of_the_rule_still_holds_korean() -> None:
    for path in NOT_TOLD:
        assert is_korean((ROOT / path).read_text(encoding="utf-8")), path
