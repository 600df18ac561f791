"""떠나기와 비운 자리: 방들의 주인이 줄마다 무엇을 알리는가."""

from __future__ import annotations

import pytest

from gameservices.session.rooms.gateway_link import GatewayLink
from gameservices.session.rooms.link_events import match_over
from gameservices.session.rooms.room import AnyRoom, RoomStatus
from hanpan.v1 import session_pb2
from matches.outcome import Settlement
from tests.fakes.session_rooms import plan, player_id
from tests.unit.gameservices.session.rooms.test_room_host import Table, counting_down, kinds, started


@pytest.fixture
def table() -> Table:
    return Table()


def test_leaving_a_match_one_is_not_in_is_refused(table: Table) -> None:
    room = started(table)
    table.host.leave(table.links[0], 1, str(plan(9).match_id), player_id(1))
    table.host.leave(table.links[0], 1, room.match_id, player_id(9))
    assert [control.refused.code for control in table.received(0)[0]] == ["NOT_IN_MATCH"] * 2
    assert table.events.left == []


def result_of(room: AnyRoom) -> session_pb2.Control:
    return match_over(Settlement(room.match_id, "", room.player_ids, ()))


def test_one_who_leaves_a_duel_is_let_go_told_so_and_then_told_the_result(table: Table) -> None:
    room = started(table)
    table.host.leave(table.links[0], 1, room.match_id, player_id(1))
    table.tick()
    assert (room.status, table.events.left) == (RoomStatus.ENDED, [(room, player_id(1))])
    table.host.settle(room.match_id, result_of(room))
    controls, frames = table.received(0)
    assert kinds(controls) == [("left", [1]), ("match_result", [1])]
    assert (controls[0].left.is_over, frames) == (True, [])
    assert kinds(table.received(1)[0]) == [("match_result", [2])]


def room_of_three(table: Table) -> AnyRoom:
    room = table.host.open_room(plan(players=3))
    for number in (1, 2, 3):
        table.attach(room, number, gateway=number % 2)
    table.tick()
    for gateway in (0, 1):
        table.received(gateway)
    return room


def test_one_who_leaves_a_room_of_three_hears_nothing_more_of_it(table: Table) -> None:
    room = room_of_three(table)
    table.host.leave(table.links[0], 2, room.match_id, player_id(2))
    table.tick(2)
    table.host.abort(room.match_id, "SESSION_DRAINING")
    table.host.settle(room.match_id, result_of(room))
    controls, frames = table.received(0)
    assert kinds(controls) == [("left", [2])]
    assert (controls[0].left.is_over, frames) == (False, [])
    assert {frame.conn_id for frame in table.received(1)[1]} == {1, 3}


def test_a_leave_said_again_on_a_new_stream_needs_no_seat_and_is_answered_there(table: Table) -> None:
    room = room_of_three(table)
    table.host.leave(table.links[0], 2, room.match_id, player_id(2))
    again = GatewayLink("gateway1")
    table.host.open_link(again)
    table.links[0] = again
    table.host.leave(again, 2, room.match_id, player_id(2))
    assert kinds(table.received(0)[0]) == [("left", [2])]
    assert room.status is RoomStatus.RUNNING


def test_a_leave_of_the_last_version_of_a_gateway_names_only_its_socket(table: Table) -> None:
    room = started(table)
    table.host.leave(table.links[1], 2, room.match_id, "")
    assert table.events.left == [(room, player_id(2))]


def test_one_who_leaves_frees_his_socket_for_another_match(table: Table) -> None:
    room = room_of_three(table)
    table.host.leave(table.links[0], 2, room.match_id, player_id(2))
    other = table.open(2, first_player=2)
    table.attach(other, 2)
    table.host.detach(table.links[0], 2)
    assert other.seats[0].viewer is None
    table.host.abort(room.match_id, "SESSION_DRAINING")
    table.host.settle(room.match_id, result_of(room))


def test_a_leave_while_a_newer_socket_holds_the_seat_tells_both(table: Table) -> None:
    room = room_of_three(table)
    table.attach(room, 2, gateway=1, conn_id=50, epoch=2)
    for gateway in (0, 1):
        table.received(gateway)
    table.host.leave(table.links[0], 2, room.match_id, player_id(2))
    assert kinds(table.received(0)[0]) == [("left", [2])]
    assert kinds(table.received(1)[0]) == [("left", [50])]


def test_a_leave_before_the_start_ends_a_duel_without_a_tick(table: Table) -> None:
    room = table.open()
    table.attach(room, 1)
    table.host.leave(table.links[0], 1, room.match_id, player_id(1))
    table.tick()
    assert (room.status, room.abort_code, room.tick) == (RoomStatus.ENDED, "", 0)
    assert [row.conceded for row in room.standings()] == [False, True]
    assert (table.events.started, table.events.ended) == ([], [room])


def test_a_leave_in_the_countdown_ends_a_duel_without_a_tick() -> None:
    table, room = counting_down()
    table.host.leave(table.links[0], 1, room.match_id, player_id(1))
    table.tick()
    assert (room.status, room.abort_code, room.tick) == (RoomStatus.ENDED, "", 0)


def test_a_match_that_everybody_is_gone_from_is_retired_as_abandoned(table: Table) -> None:
    room = started(table, duration_ms=60_000)
    table.host.detach(table.links[0], 1)
    table.host.detach(table.links[1], 2)
    table.tick(199)
    assert room.status is RoomStatus.RUNNING
    table.tick()
    assert (table.events.ended, room.abort_code) == ([room], "ABANDONED")


def test_without_a_single_link_no_match_is_abandoned(table: Table) -> None:
    room = started(table, duration_ms=60_000)
    for link in table.links:
        table.host.drop_link(link)
    table.tick(400)
    table.host.open_link(GatewayLink("gateway1"))
    table.tick(199)
    assert room.status is RoomStatus.RUNNING
    table.tick()
    assert room.abort_code == "ABANDONED"


def test_one_link_that_is_left_counts_those_of_the_other_as_gone(table: Table) -> None:
    room = started(table, duration_ms=60_000)
    table.host.drop_link(table.links[0])
    table.tick(301)
    assert (room.status, room.abort_code) == (RoomStatus.ENDED, "")
    assert [row.conceded for row in room.standings()] == [False, True]
