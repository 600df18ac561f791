"""소켓의 상태: 닫힘, 자리 바꿈, 느린 소비자."""

from __future__ import annotations

import asyncio
import weakref
from contextlib import suppress
from dataclasses import replace

import pytest

from gateway.protocol import server_frames
from gateway.websocket.connection import CLOSE_FLUSH_S
from gateway.websocket.connections import Connections
from kernel.errors import RateLimited
from tests.fakes.held_seat import RecordedSeat
from tests.fakes.manual_clock import ManualClock
from tests.unit.gateway.conftest import KEEPALIVE, SentConnection, make_connection


def test_an_error_always_has_a_trace_and_the_wait_where_there_is_one(conn: SentConnection) -> None:
    conn.push_error(RateLimited(retry_after_ms=70), re="1")
    (error,) = conn.sent()
    assert (error["code"], error["retry_after_ms"], error["re"]) == ("RATE_LIMITED", 70, "1")
    assert len(error["trace_id"]) == 32


def test_closing_sets_a_limit_on_the_flush_once(conn: SentConnection) -> None:
    conn.close(4409, "SUPERSEDED")
    conn.close(4900, "GOING_AWAY")
    assert conn.aborts_within_s == [CLOSE_FLUSH_S]
    assert conn.sent() == [{"t": "close", "code": 4409}]


def test_too_many_unread_answers_close_as_slow(conn: SentConnection) -> None:
    for _ in range(65):
        conn.push(server_frames.QueueTimeout(ticket_id="t"))
    assert conn.sent() == [{"t": "close", "code": 4408}]


def test_a_socket_stuck_behind_is_closed_by_the_sweep(conn: SentConnection, clock: ManualClock) -> None:
    for number in range(70):
        conn.push_state(bytes([1, 1 if number == 0 else 2]))
    conn.check_lag()
    assert not conn.is_closing
    clock.now_s += 5.0
    conn.check_lag()
    assert conn.sent() == [{"t": "close", "code": 4408}]


def test_a_socket_that_caught_up_asks_its_seat_for_a_snapshot(conn: SentConnection) -> None:
    seat = RecordedSeat()
    conn.take_seat(seat)
    for number in range(70):
        conn.push_state(bytes([1, 1 if number == 0 else 2]))
    conn.sent()
    conn.caught_up()
    conn.caught_up()
    assert seat.did == ["resync"]


def test_a_new_seat_releases_the_old_one(conn: SentConnection) -> None:
    old, new = RecordedSeat("old"), RecordedSeat("new")
    conn.take_seat(old)
    conn.take_seat(new)
    assert old.did == ["release"]
    assert conn.seat is new


def test_the_end_of_an_old_match_does_not_take_the_new_seat(conn: SentConnection) -> None:
    old, new = RecordedSeat("old"), RecordedSeat("new")
    conn.take_seat(old)
    conn.take_seat(new)
    conn.vacate(old, match_over=True)
    assert conn.seat is new
    assert conn.last_match_id == "old"


async def test_a_closed_socket_leaves_its_seat_and_takes_nothing_more(conn: SentConnection) -> None:
    seat = RecordedSeat()
    conn.take_seat(seat)
    conn.dispose()
    conn.push(server_frames.QueueTimeout(ticket_id="t"))
    assert seat.did == ["release"]
    assert len(conn.outbox) == 0


def test_the_first_state_after_a_resume_is_noticed_once(conn: SentConnection) -> None:
    seen: list[str] = []
    conn.call_on_next_state(lambda: seen.append("state"))
    conn.push_state(bytes([1, 1]))
    conn.push_state(bytes([1, 2]))
    assert seen == ["state"]


@pytest.mark.parametrize("player_id", ["p1", "other"])
def test_a_socket_is_found_only_by_its_own_player(clock: ManualClock, player_id: str) -> None:
    connections = Connections(KEEPALIVE)
    conn = make_connection(clock, player_id="p1")
    connections.add(conn)
    assert (connections.find(conn.conn_id, player_id) is conn) == (player_id == "p1")
    connections.remove(conn)
    assert connections.find(conn.conn_id, "p1") is None


async def test_the_resting_sweep_does_not_hold_the_socket_it_looked_at_last(clock: ManualClock) -> None:
    connections = Connections(replace(KEEPALIVE, look_every_s=0.001))
    conn = make_connection(clock)
    connections.add(conn)
    sweep = asyncio.create_task(connections.sweep_forever())
    async with asyncio.timeout(5):
        while not conn.closed_socket.looks:  # noqa: ASYNC110 - 알려 줄 이가 없다
            await asyncio.sleep(0.001)
    connections.remove(conn)
    held = weakref.ref(conn)
    del conn
    assert held() is None
    sweep.cancel()
    with suppress(asyncio.CancelledError):
        await sweep


async def test_bye_reaches_everyone(clock: ManualClock) -> None:
    connections = Connections(KEEPALIVE)
    conns = [make_connection(clock, conn_id=number, player_id="p") for number in range(1, 8)]
    for conn in conns:
        connections.add(conn)
    await connections.say_bye(0.0)
    for conn in conns:
        bye, close = conn.sent()
        assert (bye["t"], bye["reconnect"], close["code"]) == ("bye", True, 4900)
