"""밖에서 부르는 함수는 칸이 셋 이상인 튜플을 주고받지 않는다: 칸의 이름이 있는 dataclass가 그 자리다."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.rooms import ROOT

MAX_FIELDS = 2
# 칸을 읽지 않고 견주기만 하는 것.
SORT_KEYS = {"gameservices/matchmaking/director/formation.py: by_rating"}


def _annotations(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    every = function.args
    for argument in (*every.posonlyargs, *every.args, *every.kwonlyargs):
        if argument.annotation is not None:
            yield argument.annotation
    if function.returns is not None:
        yield function.returns


def _is_long_tuple(node: ast.AST) -> bool:
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Tuple):
        return False
    fields = node.slice.elts
    is_open = any(isinstance(each, ast.Constant) and each.value is Ellipsis for each in fields)
    return ast.unparse(node.value) == "tuple" and not is_open and len(fields) > MAX_FIELDS


def _with_long_tuples(text: str) -> list[str]:
    """긴 튜플을 주고받는, 밑줄로 시작하지 않는 함수들의 이름."""
    return [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
        if any(_is_long_tuple(part) for whole in _annotations(node) for part in ast.walk(whole))
    ]


def test_no_public_function_takes_or_gives_a_tuple_of_more_than_two_fields() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for top in ("platform", "gameservices")
        for path in sorted((ROOT / top).rglob("*.py"))
        for name in _with_long_tuples(path.read_text(encoding="utf-8"))
    }
    assert found == SORT_KEYS


def test_the_search_sees_long_tuples_in_any_place_of_a_signature() -> None:
    text = (
        "async def settle(self, rows: Sequence[tuple[str, str, int]]) -> None: ...\n"
        "def parse(token: str) -> tuple[str, str, str] | None: ...\n"
        "def many(rows: tuple[str, ...]) -> tuple[str, int]: ...\n"
        "def _own() -> tuple[int, int, int]: ...\n"
    )
    assert _with_long_tuples(text) == ["settle", "parse"]
