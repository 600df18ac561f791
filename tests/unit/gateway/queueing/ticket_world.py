"""대기표의 단위 시험이 함께 쓰는 것: 시키는 대로 답하는 matchmaking과, 그 앞의 소켓 하나."""

from __future__ import annotations

import asyncio

from gateway.protocol import client_frames, server_frames
from gateway.protocol.mode_catalog import ModeCatalog
from gateway.queueing.ports import TicketRequest
from gateway.queueing.tickets import WaitingTickets
from gateway.websocket.connection import Connection
from gateway.websocket.connections import Connections
from hanpan.v1 import matchmaking_pb2 as pb
from kernel.errors import HanpanError
from tests.fakes.manual_clock import ManualClock
from tests.unit.gateway.conftest import KEEPALIVE, SentConnection, make_connection

JOIN = client_frames.QueueJoin(id="j", mode="duel")


class FakeQueue:
    """matchmaking으로 가는 길. `join_failures`를 차례로 던지고, 다 쓰면 표를 준다."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.cancelled: list[str] = []
        self.withdrawn: list[str] = []
        self.adopted: list[str] = []
        self.adoptions: list[pb.AdoptResponse | HanpanError] = []
        self.join_failures: list[HanpanError] = []
        self.cancel_failures: list[HanpanError] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def join(self, asked: TicketRequest) -> pb.Joined:
        self.keys.append(asked.request_key)
        await self.may_answer.wait()
        if self.join_failures:
            raise self.join_failures.pop(0)
        return pb.Joined(ticket_id=f"t{len(self.keys)}", mode=asked.mode, expires_in_ms=60_000)

    async def cancel(self, *, ticket_id: str, only_own: bool, **_rest: object) -> str:
        (self.withdrawn if only_own else self.cancelled).append(ticket_id)
        if self.cancel_failures:
            raise self.cancel_failures.pop(0)
        return ticket_id or "t-any"

    async def adopt(self, *, ticket_id: str, **_rest: object) -> pb.AdoptResponse:
        self.adopted.append(ticket_id)
        await self.may_answer.wait()
        reply = self.adoptions.pop(0) if self.adoptions else adopted(ticket_id)
        if isinstance(reply, HanpanError):
            raise reply
        return reply


def adopted(ticket_id: str) -> pb.AdoptResponse:
    return pb.AdoptResponse(adopted=pb.Joined(ticket_id=ticket_id, mode="duel", expires_in_ms=42_000))


class GivenSeats:
    """자리에 앉히는 쪽."""

    def __init__(self) -> None:
        self.found_matches: list[str] = []

    def found(self, conn: Connection, match: pb.MatchFound, seat: pb.FoundSeat) -> None:
        self.found_matches.append(match.match_id)
        conn.push(server_frames.QueueTimeout(ticket_id=f"found:{match.match_id}"))


class World:
    """시험 하나의 모든 것."""

    def __init__(self, clock: ManualClock, *, return_s: float = 0.0) -> None:
        self.queue, self.seating, self.connections = FakeQueue(), GivenSeats(), Connections(KEEPALIVE)
        modes = ModeCatalog()
        modes.learn([pb.Mode(name="duel"), pb.Mode(name="arena")])
        self.tickets = WaitingTickets(
            queue=self.queue,
            connections=self.connections,
            seats=self.seating,
            modes=modes,
            clock=clock,
            return_s=return_s,
        )
        self.conn = make_connection(clock, player_id="p1")
        self.connections.add(self.conn)

    async def join(self, message: client_frames.QueueJoin = JOIN) -> None:
        assert self.conn.player is not None
        await self.tickets.join(self.conn, self.conn.player, message)

    async def cancel(self) -> None:
        assert self.conn.player is not None
        await self.tickets.cancel(self.conn, self.conn.player, client_frames.QueueCancel(id="c"))

    def found(self, match_id: str = "m1", conn: SentConnection | None = None, player_id: str = "p1") -> None:
        target = conn or self.conn
        seat = pb.FoundSeat(player_id=player_id, ticket_id="t1", conn_id=target.conn_id)
        self.tickets.match_found(pb.MatchFound(match_id=match_id, seats=[seat]))
