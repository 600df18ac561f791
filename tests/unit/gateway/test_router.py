"""프레임을 나누는 길: 곧바로 다루는 것, 차례로 다루는 것, 거절하는 것."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.protocol import client_frames
from gateway.protocol.mode_catalog import ModeCatalog
from gateway.router import MessageRouter
from gateway.websocket.player_phase import ConnectedPlayer
from hanpan.v1 import common_pb2, matchmaking_pb2
from hanpan.v1 import session_pb2 as pb
from kernel.errors import HanpanError, MatchNotOver, NotQueued
from kernel.ids import new_id
from tests.fakes.held_seat import RecordedSeat
from tests.fakes.manual_clock import ManualClock
from tests.unit.gateway.conftest import SentConnection, make_connection

INPUT = '{"t":"input","seq":1,"dx":1}'
PING = '{"t":"ping","id":"p","ts":3}'


class World:
    """소켓 하나와 그 뒤의 것들."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.conn = make_connection(clock, player_id="p1")
        self.did: list[str] = []
        self.failure: Exception | None = None
        modes = ModeCatalog()
        field = matchmaking_pb2.InputField(name="dx", min=-1, max=1)
        modes.learn([matchmaking_pb2.Mode(name="duel", input_fields=[field])])
        self.router = MessageRouter(hello=self, tickets=self, sessions=self, modes=modes, clock=clock)

    # ---- 인사, 대기표, session의 쌍둥이

    async def first(self, conn: SentConnection, message: client_frames.ClientMessage) -> None:
        self.did.append("first")

    def bad_first(self, conn: SentConnection, bad: client_frames.BadMessage) -> None:
        self.did.append("bad first")

    async def join(self, conn: SentConnection, player: ConnectedPlayer, message: Any) -> None:
        self.did.append(f"join {player.player_id} {message.mode}")
        if self.failure is not None:
            raise self.failure

    async def cancel(self, conn: SentConnection, player: ConnectedPlayer, message: Any) -> None:
        raise NotQueued

    async def result(self, match_id: str, player_id: str) -> pb.MatchResult:
        if isinstance(self.failure, HanpanError):
            raise self.failure
        return pb.MatchResult(match_id=match_id, status=common_pb2.MATCH_STATUS_FINALIZED)

    def seat(self, mode: str = "duel") -> RecordedSeat:
        """앉힌다."""
        seat = RecordedSeat(new_id(), mode)
        self.conn.take_seat(seat)
        return seat

    def codes(self) -> list[Any]:
        """보낸 것들의 종류나 코드."""
        return [frame.get("code", frame["t"]) for frame in self.conn.sent()]


@pytest.fixture
def world(clock: ManualClock) -> World:
    return World(clock)


# ---- 곧바로 다루는 길


def test_the_input_of_a_seated_player_is_sent_at_once(world: World) -> None:
    seat = world.seat()
    assert world.router.text_now(world.conn, INPUT)
    assert seat.did == [(1, [1])]


def test_a_ping_of_a_seated_player_is_answered_at_once(world: World) -> None:
    world.seat()
    assert world.router.text_now(world.conn, PING)
    assert world.conn.sent() == [{"t": "pong", "re": "p", "ts": 3, "server_time_ms": world.clock.now_ms()}]


@pytest.mark.parametrize("way", ["no seat", "greeting", "first frame", "unsent", "bad", "slow kind"])
async def test_what_cannot_be_done_at_once_is_left_to_the_slow_way(world: World, way: str) -> None:
    text = {"bad": "{", "slow kind": '{"t":"queue.cancel"}'}.get(way, INPUT)
    if way == "greeting":
        world.conn = make_connection(world.clock)
    seat = None if way == "no seat" else world.seat()
    if way == "first frame":
        world.conn.spawn_on_next_frame(lambda: asyncio.sleep(0))
    elif way == "unsent":
        world.conn.push_text("pong", "{}")
    assert not world.router.text_now(world.conn, text)
    assert seat is None or seat.did == []


def test_the_input_of_a_mode_not_learned_yet_is_unavailable(world: World) -> None:
    seat = world.seat("arena")
    assert world.router.text_now(world.conn, INPUT)
    assert (seat.did, world.codes()) == ([], ["UNAVAILABLE"])


# ---- 차례로 다루는 길


LEAVE = '{"t":"leave","match_id":"01a22f64-5df7-73f0-81cf-617e4a970b02"}'


@pytest.mark.parametrize("text", [INPUT, LEAVE], ids=["input", "leave"])
async def test_a_player_without_a_seat_is_in_no_match(world: World, text: str) -> None:
    await world.router.text(world.conn, text)
    assert world.codes() == ["NOT_IN_MATCH"]


async def test_the_first_frame_of_a_stranger_goes_to_the_greeting(world: World) -> None:
    world.conn = make_connection(world.clock)
    await world.router.text(world.conn, PING)
    await world.router.text(world.conn, '{"t":"queue.join"}')
    assert world.did == ["first", "bad first"]


async def test_a_request_reaches_its_room_with_its_player(world: World) -> None:
    await world.router.text(world.conn, '{"t":"queue.join","mode":"duel"}')
    assert world.did == ["join p1 duel"]


async def test_a_refusal_goes_back_to_its_request(world: World) -> None:
    await world.router.text(world.conn, '{"t":"queue.cancel","id":4}')
    (error,) = world.conn.sent()
    assert (error["code"], error["re"]) == ("NOT_QUEUED", 4)


async def test_our_own_mistake_is_told_without_its_reason(world: World) -> None:
    world.failure = RuntimeError("secret")
    await world.router.text(world.conn, '{"t":"queue.join","mode":"duel","id":4}')
    (error,) = world.conn.sent()
    assert (error["code"], error["re"]) == ("INTERNAL", 4)
    assert "secret" not in error["message"]


@pytest.mark.parametrize("kind", ["hello", "resume"])
async def test_a_player_greets_once(world: World, kind: str) -> None:
    await world.router.text(world.conn, f'{{"t":"{kind}","resume_token":"x"}}')
    assert (world.codes(), world.did) == (["INVALID_ARGUMENT"], [])


async def test_the_first_frame_after_a_resume_is_noticed_even_when_it_is_bad(world: World) -> None:
    heard = asyncio.Event()

    async def hear() -> None:
        heard.set()

    world.conn.spawn_on_next_frame(hear)
    await world.router.text(world.conn, '{"t":"dance"}')
    await asyncio.wait_for(heard.wait(), 5)
    assert world.conn.on_next_frame is None


async def test_a_finalize_answers_with_the_result_and_counts_as_the_end(world: World) -> None:
    match_id = new_id()
    await world.router.text(world.conn, f'{{"t":"finalize","id":"f","match_id":"{match_id}"}}')
    (result,) = world.conn.sent()
    assert (result["t"], result["re"], world.conn.last_match_id) == ("match.result", "f", match_id)
    assert world.conn.ends_heard == [match_id]


async def test_a_finalize_of_a_running_match_is_refused(world: World) -> None:
    world.failure = MatchNotOver()
    await world.router.text(world.conn, f'{{"t":"finalize","match_id":"{new_id()}"}}')
    assert world.codes() == ["MATCH_NOT_OVER"]


async def test_a_leave_frees_the_socket_before_the_answer(world: World) -> None:
    seat = world.seat()
    await world.router.text(world.conn, f'{{"t":"leave","id":"l","match_id":"{seat.match_id}"}}')
    assert seat.did == [("leave", "l")]
    assert (world.conn.seat, world.conn.last_match_id) == (None, seat.match_id)


# ---- 거절


def test_a_binary_frame_closes(world: World) -> None:
    world.router.binary(world.conn)
    assert world.codes() == [4400]


async def test_a_text_that_is_no_object_closes(world: World) -> None:
    await world.router.text(world.conn, "[]")
    assert world.codes() == [4400]


async def test_a_flood_is_warned_once_and_then_closed(world: World) -> None:
    for _ in range(122):
        await world.router.text(world.conn, PING)
        world.conn.outbox.pop()
    assert not world.conn.is_closing
    for _ in range(130):
        await world.router.text(world.conn, PING)
    assert world.codes()[-1] == 4429


async def test_a_closing_socket_is_heard_no_more(world: World) -> None:
    world.conn.close(4900, "GOING_AWAY")
    await world.router.text(world.conn, '{"t":"queue.join","mode":"duel"}')
    assert world.did == []
