"""떠나기와 비운 자리: 누가 포기한 것이고, 언제 판이 버려진 것인가."""

from __future__ import annotations

import pytest

from gameservices.rules.base import TICK_RATE_HZ
from gameservices.session.rooms.room import AnyRoom, RoomStatus, RoomViewer
from kernel.errors import Abandoned, NotInMatch
from tests.fakes.session_rooms import CollectingSink, player_id
from tests.unit.gameservices.session.rooms.test_room import NOW_MS, room_of, running, sit


def ranks(room: AnyRoom) -> list[tuple[str, int, bool]]:
    return [(row.player_id, row.place, row.conceded) for row in room.standings()]


def test_leaving_a_duel_ends_it_with_the_other_first_and_the_leaver_hears_the_end() -> None:
    room, seats, sink = running()
    room.leave(seats[0], RoomViewer(sink, 1))
    assert (seats[0].viewer, seats[0].ear) == (None, RoomViewer(sink, 1))
    room.step(NOW_MS)
    assert (room.status, room.abort_code) == (RoomStatus.ENDED, "")
    assert ranks(room) == [(player_id(2), 1, False), (player_id(1), 2, True)]


def test_in_a_room_of_three_the_others_play_on_and_the_leaver_sees_and_hears_nothing_more() -> None:
    room, seats, sink = running(3, duration_ms=60_000)
    room.leave(seats[0], RoomViewer(sink, 1))
    sink.seen.clear()
    room.step(NOW_MS)
    assert {frame.conn_id for frame in sink.seen} == {2, 3}
    assert (room.status, seats[0].ear) == (RoomStatus.RUNNING, None)


def test_one_who_left_cannot_sit_down_again_with_any_epoch() -> None:
    room, seats, sink = running(3)
    room.leave(seats[0], RoomViewer(sink, 1))
    for epoch in (1, 2, 99):
        with pytest.raises(NotInMatch):
            room.attach(player_id(1), epoch, RoomViewer(sink, 1))


def test_leaving_twice_or_after_the_end_changes_no_result() -> None:
    room, seats, sink = running(duration_ms=50)
    room.step(NOW_MS)
    before = ranks(room)
    room.leave(seats[0], RoomViewer(sink, 1))
    room.leave(seats[0], RoomViewer(sink, 9))
    assert (ranks(room), seats[0].ear) == (before, RoomViewer(sink, 9))


def test_a_duel_that_one_left_before_its_start_is_decided() -> None:
    room, sink = room_of(), CollectingSink()
    seat = sit(room, 1, sink)
    assert not room.is_decided
    room.leave(seat, RoomViewer(sink, 1))
    assert room.is_decided


# ---- 빈 자리


def pass_seconds(room: AnyRoom, seconds: float, *, is_held: bool = False) -> None:
    for _ in range(round(seconds * TICK_RATE_HZ)):
        room.pass_tick(NOW_MS, is_held=is_held)


def test_a_room_nobody_comes_to_is_abandoned_after_ten_seconds() -> None:
    room = room_of(3)
    pass_seconds(room, 9.95)
    assert room.status is RoomStatus.CREATED
    pass_seconds(room, 0.05)
    assert (room.status, room.abort_code) == (RoomStatus.ENDED, Abandoned.code)


def test_a_running_match_that_all_left_behind_is_void_ten_seconds_after_the_last() -> None:
    room, seats, sink = running(3, duration_ms=60_000)
    room.detach(seats[0], RoomViewer(sink, 1))
    pass_seconds(room, 30)
    room.leave(seats[1], RoomViewer(sink, 2))
    room.detach(seats[2], RoomViewer(sink, 3))
    pass_seconds(room, 9.95)
    assert room.status is RoomStatus.RUNNING
    pass_seconds(room, 0.05)
    assert (room.status, room.abort_code) == (RoomStatus.ENDED, Abandoned.code)


def test_one_who_comes_back_keeps_the_match() -> None:
    room, seats, sink = running(3, duration_ms=60_000)
    for number, seat in enumerate(seats, start=1):
        room.detach(seat, RoomViewer(sink, number))
    pass_seconds(room, 9)
    sit(room, 2, sink, epoch=2)
    pass_seconds(room, 60)
    assert room.status is RoomStatus.RUNNING


def test_one_who_is_away_from_a_duel_for_fifteen_seconds_concedes() -> None:
    room, seats, sink = running(duration_ms=60_000)
    room.detach(seats[0], RoomViewer(sink, 1))
    pass_seconds(room, 14.95)
    assert not room.is_decided
    pass_seconds(room, 0.05)
    room.step(NOW_MS)
    assert (room.status, room.abort_code) == (RoomStatus.ENDED, "")
    assert ranks(room) == [(player_id(2), 1, False), (player_id(1), 2, True)]


def test_of_two_who_are_both_away_nobody_concedes() -> None:
    room, seats, sink = running(duration_ms=60_000)
    room.detach(seats[0], RoomViewer(sink, 1))
    pass_seconds(room, 14)
    room.detach(seats[1], RoomViewer(sink, 2))
    pass_seconds(room, 9.95)
    assert not room.is_decided
    pass_seconds(room, 0.05)
    assert room.abort_code == Abandoned.code


def test_a_server_without_any_gateway_holds_the_clock_and_starts_it_anew() -> None:
    room, seats, sink = running(duration_ms=60_000)
    for number, seat in enumerate(seats, start=1):
        room.detach(seat, RoomViewer(sink, number))
    pass_seconds(room, 9)
    pass_seconds(room, 300, is_held=True)
    pass_seconds(room, 9.95)
    assert room.status is RoomStatus.RUNNING
    pass_seconds(room, 0.05)
    assert room.abort_code == Abandoned.code
