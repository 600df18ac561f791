"""포트 하나에 대역 하나: 두 벌이면 한쪽이 낡는다. 나눠 쓰는 대역은 `tests/fakes`에 있고 이름이 하나다."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.architecture.rooms import ROOT

TESTS = ROOT / "tests"
FAKES = TESTS / "fakes"
# 이보다 적으면 이름이 우연히 같다(`run`, `get`).
MIN_METHODS = 2
# 두 벌을 두는 까닭.
SEVERAL_WITH_A_REASON = {
    "Limiter": "정해 둔 답(FakeRedis)과, 세고 멈추고 넘치는 양동이",
    "PlayerHolds": "test_takeover의 것은 FakeRedis의 답을 고쳐 전한다",
    "TicketQueue": "이름만 같다: matchmaking의 저장소와, gRPC로 묻는 gateway",
}


def _classes(paths: Iterable[Path]) -> Iterator[tuple[Path, ast.ClassDef]]:
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                yield path, node


def _methods(node: ast.ClassDef) -> set[str]:
    return {each.name for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}


def _bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base) for base in node.bases}


def _ports() -> dict[str, set[str]]:
    """포트의 이름 → 제 메서드들. 다른 포트를 더한 것은 더한 것만 센다."""
    sources = [path for top in ("platform", "gameservices") for path in (ROOT / top).rglob("*.py")]
    found = {node.name: _methods(node) for _, node in _classes(sources) if "Protocol" in _bases(node)}
    return {name: methods for name, methods in found.items() if len(methods) >= MIN_METHODS}


def test_a_port_has_one_fake_unless_there_is_a_reason() -> None:
    fakes = list(_classes(path for room in ("unit", "fakes") for path in (TESTS / room).rglob("*.py")))
    ports, played = _ports(), defaultdict(list)
    assert len(ports) > 20
    for path, node in fakes:
        for port, methods in ports.items():
            if methods <= _methods(node):
                played[port].append(f"{path.relative_to(ROOT).as_posix()}: {node.name}")
    several = {port: places for port, places in played.items() if len(places) > 1}
    assert {port: several[port] for port in several.keys() - SEVERAL_WITH_A_REASON.keys()} == {}
    assert SEVERAL_WITH_A_REASON.keys() - several.keys() == set(), "이제 하나다: 까닭을 지운다"


def test_the_name_of_a_fake_means_one_thing() -> None:
    places = defaultdict(set)
    for path, node in _classes(TESTS.rglob("*.py")):
        if path.parent == FAKES or node.name.startswith("Fake"):
            places[node.name].add(path.relative_to(ROOT).as_posix())
    assert len(places) > 40
    assert {name: sorted(where) for name, where in places.items() if len(where) > 1} == {}
