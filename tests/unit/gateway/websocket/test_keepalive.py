"""조용한 소켓을 얼마나 기다리는가."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.websocket.keepalive import Keepalive, Patience
from tests.fakes.held_seat import RecordedSeat
from tests.fakes.manual_clock import ManualClock
from tests.unit.gateway.conftest import SentConnection, make_connection


def test_the_usual_settings_ask_twice_and_give_up_within_five_seconds() -> None:
    keepalive = Keepalive.of(busy_ping_s=2, busy_limit_s=5, heartbeat_s=15)
    assert keepalive.look_every_s == 0.5
    assert keepalive.busy == Patience(looks_per_ping=4, give_up_looks=10)
    assert keepalive.idle == Patience(looks_per_ping=30, give_up_looks=90)


@given(busy_ping_s=st.floats(0.1, 10), patience=st.floats(2, 10), heartbeat_s=st.floats(0.1, 60))
def test_the_limit_is_never_passed_and_at_least_one_ping_comes_before_it(
    busy_ping_s: float, patience: float, heartbeat_s: float
) -> None:
    limit_s = busy_ping_s * patience
    keepalive = Keepalive.of(busy_ping_s=busy_ping_s, busy_limit_s=limit_s, heartbeat_s=heartbeat_s)
    assert keepalive.busy.give_up_looks * keepalive.look_every_s <= limit_s + 1e-9
    assert 0 < keepalive.busy.looks_per_ping < keepalive.busy.give_up_looks
    assert keepalive.idle.give_up_looks == 3 * keepalive.idle.looks_per_ping


def test_a_socket_is_busy_while_it_waits_or_plays(clock: ManualClock) -> None:
    keepalive = Keepalive.of(busy_ping_s=2, busy_limit_s=5, heartbeat_s=15)
    conn = make_connection(clock, player_id="p1")
    seen = conn.closed_socket

    def looked_as(patience: Patience, forgiven: int) -> None:
        conn.look(keepalive)
        assert (seen.looks[-1], seen.forgiven) == (patience, forgiven)

    looked_as(keepalive.idle, 0)
    conn.side.sit(RecordedSeat())
    looked_as(keepalive.busy, 1)
    looked_as(keepalive.busy, 1)
    conn.side.stand()
    looked_as(keepalive.idle, 2)


def test_an_end_is_heard_after_everything_before_it(conn: SentConnection) -> None:
    conn.push_end("m1", "match.aborted", '{"t":"match.aborted"}')
    assert conn.ends_heard == []
    assert conn.sent() == [{"t": "match.aborted"}]
    assert (conn.ends_heard, conn.last_match_id) == (["m1"], "m1")
