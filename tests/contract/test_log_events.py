"""로그의 사건표가 코드와 같다: 이름, 수준, 두 쪽 모두."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "design" / "log-events.md").read_text("utf-8")
NAME = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*")
LEVELS = {"exception": "error", "debug": "debug", "info": "info", "warning": "warning", "error": "error"}
# 이름을 부르는 쪽이 주는 자리: rpc.batch.answer_each(failed_event=...)
GIVEN_BY_THE_CALLER = "failed_event"


def calls_of(path: Path) -> Iterator[tuple[ast.expr, str]]:
    """이 파일의 `log.<수준>(이름, ...)`들의 이름과 수준."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        yield from ((word.value, "error") for word in node.keywords if word.arg == GIVEN_BY_THE_CALLER)
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in LEVELS:
            owner = function.value
            if isinstance(owner, ast.Name) and owner.id == "log":
                yield node.args[0], LEVELS[function.attr]


def names_in(expression: ast.expr, path: Path) -> list[str]:
    """이름은 글이거나 두 글 가운데 하나다. 다른 식이면 표로 만들 수 없다."""
    if isinstance(expression, ast.IfExp):
        return names_in(expression.body, path) + names_in(expression.orelse, path)
    if isinstance(expression, ast.Name) and expression.id == GIVEN_BY_THE_CALLER:
        return []
    assert isinstance(expression, ast.Constant), f"{path}: 사건의 이름은 글이어야 한다"
    return [str(expression.value)]


def logged() -> dict[str, set[str]]:
    """코드가 적는 사건마다의 수준들."""
    found: dict[str, set[str]] = {}
    for folder in ("platform", "gameservices"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for expression, level in calls_of(path):
                for name in names_in(expression, path):
                    found.setdefault(name, set()).add(level)
    return found


def test_every_event_is_in_the_document_with_its_level_and_none_is_left_over() -> None:
    told = dict(re.findall(r"^\| `([^`]+)` \| (\w+) \|", DOCUMENT, flags=re.MULTILINE))
    assert {name: {level} for name, level in told.items()} == logged()


def test_names_are_a_noun_and_a_verb() -> None:
    assert [name for name in logged() if not NAME.fullmatch(name)] == []


def test_every_logger_is_called_log() -> None:
    """다른 이름으로 부르는 로거의 사건은 이 시험이 보지 못한다."""
    others = [
        f"{path.relative_to(ROOT)}: {name}"
        for folder in ("platform", "gameservices")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name in re.findall(r"^\s*(\w+)[^\n=]*= get_logger\(", path.read_text("utf-8"), re.MULTILINE)
        if name != "log"
    ]
    assert others == []
