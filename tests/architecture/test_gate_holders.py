"""저장소도 앱도 Redis의 클라이언트를 쥐지 않는다: 문(redisstore.gate)을 쥔다."""

from __future__ import annotations

import ast

from tests.architecture.rooms import ROOT

# 클라이언트를 만드는 자리, 그것을 감싸는 문, 문 안에서 명령을 보내는 자리.
INSIDE_THE_GATE = {
    "platform/redisstore/client.py",
    "platform/redisstore/gate.py",
    "platform/redisstore/scripts.py",
}
# 문을 연 곳에서 나눈 함수다.
INSIDE_THE_GATE |= {"platform/redisstore/matches_listing.py", "platform/redisstore/tickets/queue.py"}
# 만든 쪽이 닫는다.
CLOSERS = {
    "platform/environment/assembly.py",
    "gameservices/session/service.py",
    "gameservices/matchmaking/server.py",
}


def _importers(names: set[str]) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for top in ("platform", "gameservices")
        for path in (ROOT / top).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and names & {each.name for each in node.names}
    }


def test_a_client_is_known_only_inside_the_gate_and_where_it_is_closed() -> None:
    assert _importers({"AsyncRedis", "SyncRedis"}) <= INSIDE_THE_GATE | CLOSERS
    assert _importers({"SyncRedisGate"}) - INSIDE_THE_GATE, (
        "문을 쥔 이가 없다면 이 시험은 아무것도 보지 않는다"
    )
