"""자리 하나: 스트림의 통지가 소켓에서 무엇이 되고, 소켓의 청이 스트림에서 무엇이 되는가."""

from __future__ import annotations

import asyncio

import pytest

from gateway.seats.seat import PlayerSeat
from gateway.websocket.player_phase import Idle
from hanpan.v1 import session_pb2 as pb
from kernel.errors import NotInMatch, SessionLost, Superseded
from tests.fakes.manual_clock import ManualClock
from tests.unit.gateway.conftest import SentConnection, make_connection
from tests.unit.gateway.seats.seat_world import FakeLink, says_nothing


class World:
    """앉은 소켓 하나."""

    def __init__(self, clock: ManualClock) -> None:
        self.conn: SentConnection = make_connection(clock, player_id="p1")
        self.link = FakeLink(says_nothing)
        self.vanished: list[str] = []
        attach = pb.Attach(conn_id=self.conn.conn_id, match_id="m1", player_id="p1", epoch=3)
        self.seat = PlayerSeat(
            self.conn, attach, self.link, on_vanished=lambda _conn, seat: self.vanished.append(seat.match_id)
        )
        self.conn.take_seat(self.seat)

    def kinds(self) -> list[str]:
        return [frame["t"] for frame in self.conn.sent()]


@pytest.fixture
def world(clock: ManualClock) -> World:
    return World(clock)


async def test_a_leave_is_answered_once_with_its_request(world: World) -> None:
    leaving = asyncio.create_task(world.seat.leave("l", 5.0))
    await asyncio.sleep(0)
    assert world.link.did == ["leave"]
    world.seat.left()
    world.seat.left()
    await leaving
    assert world.conn.sent() == [{"t": "match.left", "re": "l", "match_id": "m1"}]
    assert (world.conn.seat, world.conn.last_match_id) == (None, "m1")


async def test_a_leave_without_an_answer_lets_go_at_its_limit_and_is_still_told_later(world: World) -> None:
    await world.seat.leave("l", 0.001)
    assert world.kinds() == []
    world.seat.lost()
    assert world.conn.sent()[0] == {"t": "match.left", "re": "l", "match_id": "m1"}


async def test_a_socket_that_waits_for_its_seat_hears_why_it_has_none(world: World) -> None:
    waiting = asyncio.create_task(world.seat.wait_attached(5.0))
    await asyncio.sleep(0)
    world.seat.superseded()
    with pytest.raises(Superseded):
        await waiting
    assert not world.conn.is_closing


async def test_a_seat_nobody_answers_about_is_lost_at_the_limit(world: World) -> None:
    with pytest.raises(SessionLost):
        await world.seat.wait_attached(0.001)


async def test_leaving_while_waiting_ends_the_wait(world: World) -> None:
    waiting = asyncio.create_task(world.seat.wait_attached(5.0))
    await asyncio.sleep(0)
    await world.seat.leave("l", 0.0)
    with pytest.raises(NotInMatch):
        await waiting


def test_a_newer_socket_closes_this_one(world: World) -> None:
    world.seat.superseded()
    assert world.kinds() == ["bye", "close"]
    assert world.conn.last_match_id == ""


async def test_a_seat_refused_because_its_player_left_is_told_as_left(world: World) -> None:
    world.seat.unseated(pb.Refused(match_id="m1", code=NotInMatch.code))
    assert (world.kinds(), world.vanished) == (["match.left"], [])


@pytest.mark.parametrize("way", ["unseated", "lost"])
def test_a_seat_that_vanished_is_settled_by_its_owner(world: World, way: str) -> None:
    if way == "lost":
        world.seat.lost()
    else:
        world.seat.unseated(pb.Refused(match_id="m1", code=SessionLost.code))
    assert world.vanished == ["m1"]
    assert isinstance(world.conn.side.phase, Idle)
    assert world.conn.last_match_id == ""


def test_a_refused_input_keeps_the_seat(world: World) -> None:
    world.seat.refused(pb.Refused(match_id="m1", code="RATE_LIMITED"))
    assert [frame["code"] for frame in world.conn.sent()] == ["RATE_LIMITED"]
    assert world.conn.seat is world.seat


def test_the_end_frees_the_socket_and_is_told_last(world: World) -> None:
    world.seat.ended("match.aborted", '{"t":"match.aborted"}')
    assert world.kinds() == ["match.aborted"]
    assert (world.conn.seat, world.conn.last_match_id, world.conn.ends_heard) == (None, "m1", ["m1"])


def test_what_the_socket_asks_goes_to_the_stream_of_its_seat(world: World) -> None:
    world.seat.send_input(1, [1])
    world.seat.resync()
    world.seat.release()
    assert world.link.did == ["input", "resync", "detach"]
