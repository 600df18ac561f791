"""자리의 단위 시험이 함께 쓰는 것: 시키는 대로 답하는 session 서버와, 그 앞의 소켓 하나."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from gateway.seats.match_endings import MatchEndings
from gateway.seats.ports import LinkedSeat
from gateway.seats.seat_entry import SeatEntry
from gateway.websocket.player_phase import ConnectedPlayer
from hanpan.v1 import common_pb2, matchmaking_pb2
from hanpan.v1 import session_pb2 as pb
from kernel.errors import (
    HanpanError,
    NotFound,
)
from kernel.ids import new_id
from tests.fakes.gateway_ports import FakeRedis
from tests.fakes.manual_clock import ManualClock
from tests.unit.gateway.conftest import make_connection

ADDRESS = "session1:7000"
Answer = Callable[[LinkedSeat], None]


def accepts(seat: LinkedSeat) -> None:
    """앉힌다."""
    row = common_pb2.MatchPlayer(player_id=seat.player_id, name="가람", rating=1500.0)
    seat.attached(
        pb.Attached(
            match_id=seat.match_id,
            mode="duel",
            tick=41,
            tick_rate_hz=20,
            session_id="session1",
            players=[row],
        )
    )


def refuses(error: type[HanpanError]) -> Answer:
    """붙기를 거절한다."""
    return lambda seat: seat.unseated(pb.Refused(match_id=seat.match_id, code=error.code))


def supersedes(seat: LinkedSeat) -> None:
    """더 새로운 소켓이 있다."""
    seat.superseded()


def says_nothing(_seat: LinkedSeat) -> None:
    """답하지 않는다."""


class FakeLink:
    """붙은 자리에 이벤트 루프 한 바퀴 뒤에 답하는 스트림."""

    def __init__(self, answer: Answer) -> None:
        self.seats: list[LinkedSeat] = []
        self.did: list[str] = []
        self._answer = answer

    def attach(self, seat: LinkedSeat) -> None:
        self.seats.append(seat)
        self.did.append(f"attach {seat.begin_attach().epoch}")
        asyncio.get_running_loop().call_soon(self._answer, seat)

    def detach(self, seat: LinkedSeat) -> None:
        self.did.append("detach")

    def send_input(self, conn_id: int, seq: int, values: Sequence[int]) -> None:
        self.did.append("input")

    def leave(self, seat: LinkedSeat) -> None:
        self.did.append("leave")

    def resync(self, seat: LinkedSeat) -> None:
        self.did.append("resync")


class FakeSessions:
    """session 서버들. 결과의 대답은 차례로 쓰고 마지막 것은 남는다."""

    def __init__(self) -> None:
        self.answer: Answer = accepts
        self.results: list[pb.MatchResult | HanpanError] = [NotFound()]
        self.links: list[FakeLink] = []
        self.addresses: list[str] = []
        self.asked = 0
        self.on_asked: Callable[[], None] = lambda: None

    def link(self, address: str) -> FakeLink:
        self.addresses.append(address)
        self.links.append(FakeLink(self.answer))
        return self.links[-1]

    async def result(self, match_id: str, player_id: str) -> pb.MatchResult:
        self.asked += 1
        self.on_asked()
        answer = self.results.pop(0) if len(self.results) > 1 else self.results[0]
        if isinstance(answer, HanpanError):
            raise answer
        return answer


class World:
    """판 하나와 그 선수의 소켓 하나."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.redis, self.sessions = FakeRedis(), FakeSessions()
        self.match_id, self.player_id = new_id(), new_id()
        self.token = self.redis.open_match(self.match_id, [self.player_id], ADDRESS)[
            self.player_id
        ].resume_token
        self.conn = make_connection(clock)
        self.entry = SeatEntry(
            gateway_id="gateway9",
            seats=self.redis,
            sessions=self.sessions,
            endings=MatchEndings(self.sessions),
            clock=clock,
        )

    def result(self, *, name: str = "", status: int = common_pb2.MATCH_STATUS_FINALIZED) -> pb.MatchResult:
        return pb.MatchResult(
            match_id=self.match_id, status=status, player_name=name, abort_code="SERVER_LOST"
        )

    async def resume(self, known_name: str = "", token: str | None = None) -> bool:
        async with asyncio.timeout(5):
            return await self.entry.resume(self.conn, token or self.token, re="r", known_name=known_name)

    async def rejoin(self) -> bool:
        self.conn.side.identify(ConnectedPlayer(self.player_id, "가람"))
        async with asyncio.timeout(5):
            return await self.entry.rejoin(self.conn, self.player_id, self.match_id)

    def found(self) -> None:
        self.entry.found(
            self.conn,
            matchmaking_pb2.MatchFound(match_id=self.match_id, mode="duel", session_address=ADDRESS),
            matchmaking_pb2.FoundSeat(player_id=self.player_id, conn_id=self.conn.conn_id, epoch=1),
        )
