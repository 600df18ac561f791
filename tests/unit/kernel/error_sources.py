"""코드에서 오류의 원문을 모은다: 던지는 자리마다의 글, `tell`의 글, 오류 나무의 제목."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import ERRORS_BY_CODE

ROOT = Path(__file__).resolve().parents[3]
SOURCE_DIRS = ("platform", "gameservices")
ERROR_NAMES = {cls.__name__ for cls in ERRORS_BY_CODE.values()} | {"HanpanError"}
SPEAKERS = ERROR_NAMES | {"tell", "to_tell"}
NOT_PARAMS = {"retry_after_ms"}


@dataclass(frozen=True)
class Said:
    """글을 말하는 자리 하나. 글이 상수가 아니면 `source`가 None이다."""

    where: str
    source: str | None
    params: frozenset[str]


def said_messages() -> list[Said]:
    """모든 자리."""
    titles = [
        Said(f"kernel.errors {cls.__name__}.title", cls.title, frozenset()) for cls in ERRORS_BY_CODE.values()
    ]
    paths = sorted(path for folder in SOURCE_DIRS for path in (ROOT / folder).rglob("*.py"))
    return [
        *titles,
        *(
            said
            for path in paths
            for said in said_in(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
        ),
    ]


def said_in(code: str, name: str) -> Iterator[Said]:
    """파일 하나에서. kernel에서 들여온 이름과 그 자식으로 여기서 만든 오류만 본다."""
    tree = ast.parse(code)
    names = speaking_names(tree)
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names):
            continue
        if not node.args:
            continue
        params = frozenset(keyword.arg or "**" for keyword in node.keywords) - NOT_PARAMS
        yield Said(f"{name}:{node.lineno}", _constant(node.args[0]), params)


def speaking_names(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in {"kernel.errors", "kernel.messages"}:
            names |= {alias.asname or alias.name for alias in node.names if alias.name in SPEAKERS}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(
            isinstance(base, ast.Name) and base.id in names for base in node.bases
        ):
            names.add(node.name)
    return names


def _constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
