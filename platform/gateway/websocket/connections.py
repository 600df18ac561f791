"""이 gateway에 열린 모든 소켓."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from gateway.protocol import server_frames
from gateway.websocket.connection import Connection
from gateway.websocket.keepalive import Keepalive
from kernel.messages import tell
from telemetry import metrics

CLOSE_GOING_AWAY = 4900
SPREAD_STEP_S = 0.05


class Connections:
    """번호로 찾는 소켓들."""

    def __init__(self, keepalive: Keepalive) -> None:
        self._keepalive = keepalive
        self._by_id: dict[int, Connection] = {}
        self._is_empty = asyncio.Event()
        self._is_empty.set()

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Connection]:
        return iter(tuple(self._by_id.values()))

    def add(self, conn: Connection) -> None:
        """열렸다."""
        self._by_id[conn.conn_id] = conn
        self._is_empty.clear()
        metrics.gateway_connections.set(len(self._by_id))

    def remove(self, conn: Connection) -> None:
        """닫혔다."""
        self._by_id.pop(conn.conn_id, None)
        if not self._by_id:
            self._is_empty.set()
        metrics.gateway_connections.set(len(self._by_id))

    def find(self, conn_id: int, player_id: str) -> Connection | None:
        """이 선수의 살아 있는 소켓. 번호가 같아도 다른 선수면 없는 것이다."""
        conn = self._by_id.get(conn_id)
        if conn is None or conn.is_closing or conn.player is None or conn.player.player_id != player_id:
            return None
        return conn

    def get(self, conn_id: int) -> Connection | None:
        """이 번호의 소켓."""
        return self._by_id.get(conn_id)

    def waiting_tickets(self) -> dict[str, int]:
        """이 gateway에서 아직 기다리는 대기표와 그 소켓의 번호."""
        return {conn.ticket.ticket_id: conn.conn_id for conn in self._by_id.values() if conn.ticket}

    async def wait_empty(self) -> None:
        """소켓이 하나도 없을 때까지 기다린다."""
        await self._is_empty.wait()

    async def sweep_forever(self) -> None:
        """따라잡지 못하는 소켓과 떠난 소켓을 닫는다. 소켓마다의 타이머 대신 모두를 한 번에 둘러본다."""
        while True:
            await asyncio.sleep(self._keepalive.look_every_s)
            self._look_at_all()

    def _look_at_all(self) -> None:
        """한 번 둘러본다. 쉬는 동안 마지막에 본 소켓을 쥐고 있지 않도록 따로 있다."""
        for conn in self:
            conn.check_lag()
            conn.look(self._keepalive)

    async def say_bye(self, spread_s: float) -> None:
        """모두에게 나간다고 알리고 닫는다. 한꺼번에 몰려가지 않게 `spread_s`초에 걸쳐 흩는다."""
        conns = list(self)
        steps = max(1, round(spread_s / SPREAD_STEP_S))
        batch = max(1, -(-len(conns) // steps))
        for start in range(0, len(conns), batch):
            for conn in conns[start : start + batch]:
                going = server_frames.Bye(
                    code="GOING_AWAY", reason=tell("서버를 내리는 중입니다", conn.language), reconnect=True
                )
                conn.push(going)
                conn.close(CLOSE_GOING_AWAY, "GOING_AWAY")
            await asyncio.sleep(SPREAD_STEP_S)
