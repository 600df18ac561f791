"""소켓 수의 상한: 누가 물러나는가(순수), 그리고 열리고 인사하고 닫히는 차례가 어떻든 새는 것이 없는가."""

from __future__ import annotations

from collections import Counter
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.websocket.player_phase import (
    ConnectedPlayer,
    Idle,
    Phase,
    Queued,
    Seated,
    UnansweredJoin,
    Unsure,
    Waiting,
)
from gateway.websocket.ports import HeldSeat
from gateway.websocket.socket_limits import SocketLimits, surplus
from kernel.errors import RateLimited
from tests.fakes.manual_clock import ManualClock
from tests.unit.gateway.conftest import SentConnection, make_connection

PLAYER = ConnectedPlayer("p1", "선수")
LEAST_FIRST: list[Phase] = [
    Idle(PLAYER),
    Unsure(PLAYER, Waiting()),
    Queued(PLAYER, Waiting()),
    Seated(PLAYER, Mock(spec=HeldSeat)),
]


def ranks_of(phases: list[Phase]) -> list[int]:
    return [LEAST_FIRST.index(phase) for phase in phases]


# ---- 누가 물러나는가


@given(phases=st.lists(st.sampled_from(LEAST_FIRST), min_size=1, max_size=12), limit=st.integers(1, 8))
def test_those_who_hold_least_go_and_of_them_the_oldest_but_never_the_newest(
    phases: list[Phase], limit: int
) -> None:
    going = surplus(phases, limit)
    ranks = ranks_of(phases)
    staying = set(range(len(phases) - 1)) - set(going)
    assert len(going) == len(set(going)) == max(0, len(phases) - limit)
    assert len(phases) - 1 not in going
    assert all((ranks[gone], gone) < (ranks[kept], kept) for gone in going for kept in staying)


@pytest.mark.parametrize("holder", [1, 2, 3])
def test_a_socket_that_holds_something_stays_while_an_idle_one_can_go(holder: int) -> None:
    phases = [LEAST_FIRST[holder], *[LEAST_FIRST[0]] * 5]
    assert surplus(phases, 5) == [1]


# ---- 선수마다


def limits(*, per_player: int = 5, greetings_per_address: int = 1000) -> SocketLimits:
    return SocketLimits(per_player=per_player, greetings_per_address=greetings_per_address)


def welcome(
    sockets: SocketLimits, clock: ManualClock, number: int, *, player_id: str = "p1"
) -> SentConnection:
    conn = make_connection(clock, conn_id=number)
    sockets.opened(conn, "203.0.113.1")
    conn.side.identify(ConnectedPlayer(player_id, "선수"))
    sockets.welcomed(conn)
    return conn


def test_the_sixth_socket_comes_in_and_the_oldest_idle_one_hears_why(clock: ManualClock) -> None:
    sockets = limits()
    conns = [welcome(sockets, clock, number) for number in range(6)]
    assert [conn.is_closing for conn in conns] == [True, False, False, False, False, False]
    bye, close = conns[0].sent()
    assert (bye["t"], bye["code"], bye["reconnect"]) == ("bye", "SUPERSEDED", False)
    assert "5" in bye["reason"]
    assert close["code"] == 4409


def test_other_players_are_not_counted(clock: ManualClock) -> None:
    sockets = limits(per_player=1)
    conns = [welcome(sockets, clock, number, player_id=f"p{number}") for number in range(20)]
    assert not any(conn.is_closing for conn in conns)


def test_a_waiting_socket_outlives_a_crowd_of_idle_ones(clock: ManualClock) -> None:
    sockets = limits()
    waiting = welcome(sockets, clock, 0)
    waiting.side.ask_join(UnansweredJoin("key", "duel", 0.0))
    crowd = [welcome(sockets, clock, number) for number in range(1, 301)]
    assert not waiting.is_closing
    assert [conn for conn in crowd if not conn.is_closing] == crowd[-4:]


def test_a_socket_on_its_way_out_frees_its_place_at_once(clock: ManualClock) -> None:
    sockets = limits(per_player=2)
    first, second = welcome(sockets, clock, 0), welcome(sockets, clock, 1)
    first.close(4400, "BAD_FRAME")
    third = welcome(sockets, clock, 2)
    assert (second.is_closing, third.is_closing) == (False, False)


def test_a_socket_that_left_while_it_was_let_in_is_not_kept(clock: ManualClock) -> None:
    sockets = limits(per_player=1)
    kept = welcome(sockets, clock, 0)
    gone = make_connection(clock, conn_id=1, player_id="p1")
    sockets.opened(gone, "203.0.113.1")
    gone.dispose()
    sockets.welcomed(gone)
    assert not kept.is_closing
    sockets.closed(gone)
    sockets.closed(kept)
    assert holds_nothing(sockets)


# ---- 인사하기 전에는 주소마다


def test_an_address_with_too_many_sockets_that_never_said_hello_is_turned_away(clock: ManualClock) -> None:
    sockets = limits(greetings_per_address=3)
    waiting = [make_connection(clock, conn_id=number) for number in range(3)]
    for conn in waiting:
        sockets.check("203.0.113.1")
        sockets.opened(conn, "203.0.113.1")
    with pytest.raises(RateLimited) as refused:
        sockets.check("203.0.113.1")
    assert refused.value.retry_after_ms == 1000
    sockets.check("203.0.113.2")
    waiting[0].side.identify(PLAYER)
    sockets.welcomed(waiting[0])
    sockets.check("203.0.113.1")
    sockets.opened(make_connection(clock, conn_id=9), "203.0.113.1")
    sockets.closed(waiting[1])
    sockets.check("203.0.113.1")


# ---- 차례가 어떻든


def holds_nothing(sockets: SocketLimits) -> bool:
    return not (sockets._greeting or sockets._by_address or sockets._by_player)


STEPS = st.lists(
    st.tuples(st.sampled_from(["open", "welcome", "close", "leave"]), st.integers(0, 7)), max_size=60
)


@given(steps=STEPS, per_player=st.integers(1, 3))
def test_no_order_of_comings_and_goings_passes_the_limit_or_leaks(
    steps: list[tuple[str, int]], per_player: int
) -> None:
    sockets, clock = limits(per_player=per_player, greetings_per_address=100), ManualClock(1_000.0)
    conns: dict[int, SentConnection] = {}
    for number, (step, which) in enumerate(steps):
        player_id, places = f"p{which % 2}", list(conns)
        if step == "open":
            conns[number] = make_connection(clock, conn_id=number)
            sockets.opened(conns[number], f"203.0.113.{which}")
        elif places:
            conn = conns[places[which % len(places)]]
            if step == "welcome" and conn.player is None and not conn.is_closing:
                conn.side.identify(ConnectedPlayer(player_id, "선수"))
                sockets.welcomed(conn)
                assert not conn.is_closing
            elif step == "close":
                conn.close(4400, "BAD_FRAME")
            elif step == "leave":
                del conns[conn.conn_id]
                sockets.closed(conn)
        living = Counter(
            conn.player.player_id for conn in conns.values() if conn.player and not conn.is_closing
        )
        assert all(count <= per_player for count in living.values())
    for conn in conns.values():
        sockets.closed(conn)
    assert holds_nothing(sockets)
