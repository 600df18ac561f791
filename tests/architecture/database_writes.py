"""MariaDB에 쓰는 곳과, 그것이 `run_transaction` 안에서만 불리는지를 소스에서 찾는다.

쓰는 함수는 그것을 가리키는 모든 곳이 `run_transaction(…)`의 인자이거나 다시 그런 함수의 안일 때 덮여 있다.
이름은 제 모듈의 것이거나 그 모듈에서 들여온 것만 본다(`self.…`는 제 모듈의 것이다).
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

TRANSACTION = "run_transaction"
MODEL_WRITES = {
    "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
    "create_user", "create_superuser",
}  # fmt: skip
QUERIES = (".objects", ".filter(", "sign_ins")
# 다대다와 객체 권한: 받는 것의 이름으로 알아본다.
RELATION_WRITES = {"add", "set", "remove", "clear"}
RELATIONS = (".groups", ".permissions", ".user_permissions")
FUNCTION_WRITES = {"assign_perm", "remove_perm"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Name = tuple[str, str]
"""(모듈, 함수의 이름)."""


@dataclass(frozen=True, slots=True)
class Place:
    """소스의 한 자리: 바깥에서 안으로의 함수들. `is_argument`면 트랜잭션의 인자 안이다."""

    functions: tuple[Name, ...]
    is_argument: bool


def uncovered_writes(sources: Mapping[str, str]) -> list[str]:
    """트랜잭션 밖에서 불릴 수 있는 쓰기(`모듈:줄`). `sources`는 점으로 이은 모듈의 이름에서 글로."""
    scans = [_Scan(module, ast.parse(text), sources) for module, text in sources.items()]
    references: dict[Name, list[Place]] = defaultdict(list)
    for scan in scans:
        for name, place in scan.references:
            references[name].append(place)
    covered = _covered(references)
    return [
        line
        for scan in scans
        for line, place in scan.writes
        if not place.is_argument and not any(name in covered for name in place.functions)
    ]


def _covered(references: Mapping[Name, list[Place]]) -> set[Name]:
    """트랜잭션의 인자에서 닿고, 그 밖의 길로는 닿지 않는 함수들."""
    left = {name for name, places in references.items() if any(place.is_argument for place in places)}
    grown = True
    while grown:
        more = {
            name
            for name, places in references.items()
            if name not in left and any(set(place.functions) & left for place in places)
        }
        grown = bool(more)
        left |= more
    while True:
        kept = {
            name
            for name in left
            if all(place.is_argument or set(place.functions) & left for place in references[name])
        }
        if kept == left:
            return kept
        left = kept


class _Scan(ast.NodeVisitor):
    """모듈 하나에서 모은 쓰기와 가리킴."""

    def __init__(self, module: str, tree: ast.Module, known: Mapping[str, str]) -> None:
        self._module = module
        self._place = Place((), False)
        self._defined = {node.name for node in ast.walk(tree) if isinstance(node, Function)}
        self._imported: dict[str, Name] = {}
        self._modules: dict[str, str] = {}
        self.writes: list[tuple[str, Place]] = []
        self.references: list[tuple[Name, Place]] = []
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    self._imported[alias.asname or alias.name] = (node.module, alias.name)
                    if f"{node.module}.{alias.name}" in known:
                        self._modules[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        self.visit(tree)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._inside(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._inside(node)

    def visit_Call(self, node: ast.Call) -> None:
        if _is_write(node):
            self.writes.append((f"{self._module}:{node.lineno}", self._place))
        before = self._place
        if _last_name(node.func) == TRANSACTION:
            self._place = Place(before.functions, True)
        self.generic_visit(node)
        self._place = before

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in self._defined:
            self.references.append(((self._module, node.id), self._place))
        elif node.id in self._imported:
            self.references.append((self._imported[node.id], self._place))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        if owner in {"self", "cls"} and node.attr in self._defined:
            self.references.append(((self._module, node.attr), self._place))
        elif owner in self._modules:
            self.references.append(((self._modules[owner], node.attr), self._place))
        self.generic_visit(node)

    def _inside(self, node: Function) -> None:
        before = self._place
        self._place = Place((*before.functions, (self._module, node.name)), False)
        self.generic_visit(node)
        self._place = before


def _is_write(call: ast.Call) -> bool:
    name = _last_name(call.func)
    if not isinstance(call.func, ast.Attribute):
        return name in FUNCTION_WRITES
    receiver = ast.unparse(call.func.value)
    if name == "save":
        return not receiver.startswith("super()")
    if name in MODEL_WRITES:
        return any(mark in receiver for mark in QUERIES)
    return name in RELATION_WRITES and receiver.endswith(RELATIONS)


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
