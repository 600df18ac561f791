"""SessionService의 답: 판의 상태, 저장된 결과를 읽을 수 있는 사람, Link의 첫마디와 끝."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import pytest

from gameservices.session import servicer as servicer_module
from gameservices.session.rooms.room_host import RoomHost
from gameservices.session.servicer import KnownPlayer, SessionServicer
from hanpan.v1 import common_pb2, session_pb2
from kernel.errors import InvalidArgument, MatchNotOver, NotFound, PermissionDenied
from matches.outcome import Settlement
from redisstore.live_matches import LiveMatch
from tests.fakes.manual_clock import ManualClock
from tests.fakes.session_rooms import IDENTITY, PACE, HeardEvents, plan, player_id

MATCH_ID = plan().match_id


class Row:
    """성적 한 줄."""

    def __init__(self, player: str, place: int) -> None:
        self.player_id, self.place, self.score = player, place, 3
        self.rating_before: float | None = 1500.0
        self.rating_after: float | None = 1510.0
        self.conceded = place > 1


class Context:
    """gRPC 문맥의 대역."""

    def __init__(self) -> None:
        self.on_done: list[Callable[[Any], None]] = []

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        self.on_done.append(callback)


class Desk:
    """저장된 결과와 산 기록이 손에 든 서비스."""

    def __init__(self) -> None:
        self.host = RoomHost(identity=IDENTITY, pace=PACE, clock=ManualClock(), events=HeardEvents())
        self.stored: list[Settlement | None] = []
        self.live: LiveMatch | None = None
        self.players: dict[str, KnownPlayer] = {}
        self.subject = SessionServicer(
            host=self.host, opener=cast(Any, None), live=self, read_stored=self.read_stored,
            read_player=self.read_player,
        )  # fmt: skip

    async def read_stored(self, _match_id: str) -> Settlement | None:
        return self.stored.pop(0) if self.stored else None

    async def read_player(self, player_id: str) -> KnownPlayer | None:
        return self.players.get(player_id)

    async def get(self, _match_id: str) -> LiveMatch | None:
        return self.live

    async def result(self, player: int = 1, match_id: str = MATCH_ID) -> session_pb2.MatchResult:
        request = session_pb2.GetResultRequest(match_id=match_id, player_id=player_id(player))
        return await self.subject.GetResult(request, cast(Any, None))


@pytest.fixture
async def desk() -> Desk:
    return Desk()


def finalized() -> Settlement:
    rows = (Row(player_id(1), 1), Row(player_id(2), 2))
    return Settlement(MATCH_ID, "", (player_id(1), player_id(2)), rows)


def live(status: str) -> LiveMatch:
    return LiveMatch(
        match_id=MATCH_ID,
        status=status,
        mode="duel",
        region="local",
        server_id="session1",
        player_ids=(player_id(1), player_id(2)),
        queued_at_ms=1,
        created_at_ms=2,
    )


# ---- 읽기


async def test_a_stored_result_is_read_by_its_players(desk: Desk) -> None:
    desk.stored = [finalized()]
    answer = await desk.result()
    assert answer.already_finalized
    assert answer.status == common_pb2.MATCH_STATUS_FINALIZED
    assert [(row.player_id, row.place, row.rating_after) for row in answer.results] == [
        (player_id(1), 1, 1510.0),
        (player_id(2), 2, 1510.0),
    ]


async def test_a_void_match_is_read_with_its_code(desk: Desk) -> None:
    desk.stored = [Settlement(MATCH_ID, "SESSION_DRAINING", (player_id(1),), ())]
    answer = await desk.result()
    assert (answer.status, answer.abort_code) == (common_pb2.MATCH_STATUS_ABORTED, "SESSION_DRAINING")


async def test_a_stranger_reads_neither_a_stored_nor_a_running_match(desk: Desk) -> None:
    desk.stored = [finalized()]
    with pytest.raises(PermissionDenied):
        await desk.result(player=9)
    desk.live = live("running")
    with pytest.raises(PermissionDenied):
        await desk.result(player=9)


@pytest.mark.parametrize("status", ["created", "running", "ended"])
async def test_a_match_without_a_stored_result_is_not_over(desk: Desk, status: str) -> None:
    desk.live = live(status)
    with pytest.raises(MatchNotOver):
        await desk.result()


async def test_a_match_nobody_knows_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await desk.result()


async def test_a_match_that_ends_between_the_two_reads_is_found(desk: Desk) -> None:
    desk.stored = [None, finalized()]
    assert (await desk.result()).already_finalized


async def test_a_match_id_that_is_none_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidArgument):
        await desk.result(match_id="1 OR 1=1")


async def test_the_state_of_a_match_is_created_then_running_until_settled(desk: Desk) -> None:
    request = session_pb2.GetMatchRequest(match_id=MATCH_ID)
    with pytest.raises(NotFound):
        await desk.subject.GetMatch(request, cast(Any, None))
    room = desk.host.open_room(plan())
    answer = await desk.subject.GetMatch(request, cast(Any, None))
    assert answer.status == common_pb2.MATCH_STATUS_CREATED
    room.start(1_000)
    desk.host.abort_all("SESSION_DRAINING")
    answer = await desk.subject.GetMatch(request, cast(Any, None))
    assert answer.status == common_pb2.MATCH_STATUS_RUNNING


# ---- Link


class Gateway:
    """Link의 다른 끝."""

    def __init__(self, desk: Desk) -> None:
        self._up: asyncio.Queue[session_pb2.LinkUp | None] = asyncio.Queue()
        self.context = Context()
        self.down = desk.subject.Link(self._requests(), cast(Any, self.context))

    async def _requests(self) -> AsyncIterator[session_pb2.LinkUp]:
        while (message := await self._up.get()) is not None:
            yield message

    def say(self, *items: session_pb2.UpItem) -> None:
        self._up.put_nowait(session_pb2.LinkUp(items=items))

    def hang_up(self) -> None:
        self._up.put_nowait(None)


HELLO = session_pb2.UpItem(hello=session_pb2.LinkHello(gateway_id="gateway1"))


def attach(player: int, conn_id: int) -> session_pb2.UpItem:
    seat = session_pb2.Attach(conn_id=conn_id, match_id=MATCH_ID, player_id=player_id(player), epoch=1)
    return session_pb2.UpItem(attach=seat)


async def test_items_that_come_with_the_hello_are_applied(desk: Desk) -> None:
    desk.host.open_room(plan())
    gateway = Gateway(desk)
    gateway.say(HELLO, attach(1, 7))
    message = await anext(gateway.down)
    assert message.controls[0].attached.match_id == MATCH_ID
    gateway.hang_up()
    assert [item async for item in gateway.down] == []


async def test_every_kind_of_item_reaches_its_room(desk: Desk) -> None:
    room = desk.host.open_room(plan())
    gateway = Gateway(desk)
    gateway.say(HELLO)
    gateway.say(attach(1, 7), attach(2, 8))
    await anext(gateway.down)
    desk.host.tick()
    gateway.say(
        session_pb2.UpItem(input=session_pb2.InputItem(conn_id=7, seq=4, values=[1, -1])),
        session_pb2.UpItem(resync=session_pb2.Resync(conn_id=8)),
        session_pb2.UpItem(leave=session_pb2.Leave(conn_id=8, match_id=MATCH_ID)),
        session_pb2.UpItem(detach=session_pb2.Detach(conn_id=8)),
        session_pb2.UpItem(),
    )
    gateway.hang_up()
    assert [item async for item in gateway.down]
    assert room.seats[0].last_seq == 4
    assert room.seats[1].needs_snapshot
    assert room.seats[1].viewer is None
    assert room.standings()[0].player_id == player_id(1)


async def test_a_stream_that_ends_empties_its_seats(desk: Desk) -> None:
    room = desk.host.open_room(plan())
    gateway = Gateway(desk)
    gateway.say(HELLO, attach(1, 7))
    await anext(gateway.down)
    assert room.seats[0].viewer is not None
    for callback in gateway.context.on_done:
        callback(None)
    assert room.seats[0].viewer is None


@pytest.mark.parametrize("first", [session_pb2.LinkUp(), session_pb2.LinkUp(items=[attach(1, 7)])])
async def test_a_link_must_say_hello_first(desk: Desk, first: session_pb2.LinkUp) -> None:
    gateway = Gateway(desk)
    gateway.say(*first.items)
    with pytest.raises(InvalidArgument):
        await anext(gateway.down)
    assert not desk.host.links()


async def test_a_link_that_says_nothing_is_not_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servicer_module, "HELLO_TIMEOUT_S", 0.01)
    with pytest.raises(InvalidArgument):
        await anext(Gateway(desk).down)
    gone = Gateway(desk)
    gone.hang_up()
    with pytest.raises(InvalidArgument):
        await anext(gone.down)


async def test_a_result_names_the_player_who_asked(desk: Desk) -> None:
    desk.players[player_id(1)] = KnownPlayer("Mina", is_bot=True)
    desk.stored = [finalized(), finalized()]
    result = await desk.result()
    assert (result.player_name, result.player_is_bot) == ("Mina", True)
    unknown = await desk.result(player=2)
    assert (unknown.player_name, unknown.player_is_bot) == ("", False)
