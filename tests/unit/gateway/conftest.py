"""gateway 단위 시험이 함께 쓰는 것: 보낸 것을 볼 수 있는 소켓과 그것의 시계."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.settings import OutboxLimits
from gateway.websocket.connection import Connection, SocketGuards
from gateway.websocket.flood import FloodGuard
from gateway.websocket.keepalive import Keepalive, Patience
from gateway.websocket.outbox import Close, DeliveryReceipt
from gateway.websocket.player_phase import ConnectedPlayer
from tests.fakes.gateway_stage import trace_for_tests
from tests.fakes.manual_clock import ManualClock

KEEPALIVE = Keepalive.of(busy_ping_s=2, busy_limit_s=5, heartbeat_s=15)


class ClosedSocket:
    """곧바로 받지 않는 소켓: 보낼 것이 모두 상자에 남는다."""

    def __init__(self) -> None:
        self.aborts_within_s: list[float] = []
        self.looks: list[Patience] = []
        self.forgiven = 0
        self.went_silent = False

    def look(self, patience: Patience) -> None:
        """둘러본 참을성을 적는다."""
        self.looks.append(patience)

    def forgive(self) -> None:
        """잊은 횟수를 센다."""
        self.forgiven += 1

    def write_now(self, _item: str | bytes | DeliveryReceipt) -> bool:
        """아무것도 쓰지 않는다."""
        return False

    def abort_within(self, limit_s: float) -> None:
        """끊기로 한 초를 적는다."""
        self.aborts_within_s.append(limit_s)


class SentConnection(Connection):
    """상자에 든 것을 꺼내 볼 수 있는 소켓."""

    aborts_within_s: list[float]
    closed_socket: ClosedSocket
    ends_heard: list[str]

    def sent(self) -> list[dict[str, Any]]:
        """지금까지 보낸 글 프레임들."""
        frames: list[dict[str, Any]] = []
        while isinstance(item := self.outbox.pop(), str | DeliveryReceipt):
            if isinstance(item, DeliveryReceipt):
                item.heard()
            else:
                frames.append(json.loads(item))
        if isinstance(item, Close):
            frames.append({"t": "close", "code": item.code})
        return frames


def make_connection(clock: ManualClock, *, conn_id: int = 7, player_id: str | None = None) -> SentConnection:
    """소켓 하나. `player_id`를 주면 이미 들어온 선수다."""
    socket, heard = ClosedSocket(), list[str]()
    conn = SentConnection(
        conn_id=conn_id,
        region="local",
        guards=SocketGuards(OutboxLimits(), FloodGuard(rate_per_s=60, burst=120, now_s=clock.now_s)),
        clock=clock,
        socket=socket,
        on_end_heard=lambda _conn, match_id: heard.append(match_id),
    )
    conn.aborts_within_s = socket.aborts_within_s
    conn.closed_socket = socket
    conn.ends_heard = heard
    if player_id is not None:
        conn.side.identify(ConnectedPlayer(player_id, "선수"))
    return conn


@pytest.fixture(autouse=True)
def _traced() -> None:
    trace_for_tests()


@pytest.fixture
def clock() -> ManualClock:
    """손으로 돌리는 시계."""
    return ManualClock(1_000.0)


@pytest.fixture
def conn(clock: ManualClock) -> SentConnection:
    """아직 인사하지 않은 소켓."""
    return make_connection(clock)
