"""방의 상태: 시작과 끝, 자리와 epoch, 입력 번호, 프레임."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gameservices.rules.star_collect import StarCollect
from gameservices.session.rooms.room import START_WAIT_S, AnyRoom, Room, RoomSeat, RoomStatus, RoomViewer
from kernel.errors import Abandoned, InvalidArgument, NotInMatch, Superseded
from tests.fakes.session_rooms import PACE, CollectingSink, duel, plan, player_id

NOW_S, NOW_MS = 50.0, 5_000
SeatOf = RoomSeat[CollectingSink]


def room_of(players: int = 2, *, duration_ms: int = 1_000) -> AnyRoom:
    mode = duel(duration_ms) if players == 2 else None
    return Room(plan(players=players, mode=mode), pace=PACE, created_at_s=NOW_S)


def sit(room: AnyRoom, number: int, sink: CollectingSink, *, epoch: int = 1, conn_id: int = 0) -> SeatOf:
    seat, _ = room.attach(player_id(number), epoch, RoomViewer(sink, conn_id or number))
    return seat


def running(players: int = 2, *, duration_ms: int = 1_000) -> tuple[AnyRoom, list[SeatOf], CollectingSink]:
    room, sink = room_of(players, duration_ms=duration_ms), CollectingSink()
    seats = [sit(room, number, sink) for number in range(1, players + 1)]
    room.start(NOW_MS)
    room.emit_frames()
    return room, seats, sink


# ---- 시작


def test_a_room_starts_when_everyone_sits_down() -> None:
    room, sink = room_of(), CollectingSink()
    assert not room.ready_to_announce(NOW_S)
    sit(room, 1, sink)
    assert not room.ready_to_announce(NOW_S)
    sit(room, 2, sink)
    assert room.ready_to_announce(NOW_S)


def test_a_room_starts_without_the_absent_after_three_seconds() -> None:
    room = room_of()
    assert not room.ready_to_announce(NOW_S + START_WAIT_S - 0.01)
    assert room.ready_to_announce(NOW_S + START_WAIT_S)


def test_a_room_does_not_wait_for_the_one_who_left() -> None:
    room, sink = room_of(3), CollectingSink()
    seats = [sit(room, number, sink) for number in (1, 2, 3)]
    room.leave(seats[2], RoomViewer(sink, 3))
    assert room.ready_to_announce(NOW_S)


def test_a_room_starts_when_its_countdown_is_over() -> None:
    room = Room(plan(), pace=replace(PACE, start_countdown_ms=1_500), created_at_s=NOW_S)  # type: ignore[var-annotated]
    assert (room.is_announced, room.starts_in_ms(NOW_S)) == (False, 0)
    room.announce(NOW_S)
    assert not room.ready_to_announce(NOW_S + START_WAIT_S)
    assert [room.starts_in_ms(NOW_S + after_s) for after_s in (0.0, 0.25, 1.4, 1.5, 9.0)] == [
        1_500, 1_250, 100, 0, 0,
    ]  # fmt: skip
    assert not room.ready_to_start(NOW_S + 1.49)
    assert room.ready_to_start(NOW_S + 1.5)
    room.start(NOW_MS)
    assert (room.starts_in_ms(NOW_S), room.status) == (0, RoomStatus.RUNNING)


def test_what_is_left_counts_the_wait_and_the_countdown() -> None:
    room = Room(plan(mode=duel(1_000)), pace=replace(PACE, start_countdown_ms=1_500), created_at_s=NOW_S)  # type: ignore[var-annotated]
    assert room.left_ms(NOW_S) == 3_000 + 1_500 + 1_000
    assert room.left_ms(NOW_S + 5) == 1_500 + 1_000
    room.announce(NOW_S + 1)
    assert room.left_ms(NOW_S + 2) == 500 + 1_000
    room.start(NOW_MS)
    assert room.left_ms(NOW_S + 2.5) == 1_000


def test_a_start_shows_tick_zero_to_everyone() -> None:
    _, _, sink = running()
    assert [(frame.conn_id, frame.is_snapshot, frame.tick) for frame in sink.seen] == [
        (1, True, 0),
        (2, True, 0),
    ]


# ---- 틱과 프레임


def test_each_tick_builds_on_the_one_before() -> None:
    room, _, sink = running()
    sink.seen.clear()
    room.step(NOW_MS)
    room.step(NOW_MS)
    mine = [frame for frame in sink.seen if frame.conn_id == 1]
    assert [(frame.is_snapshot, frame.tick, frame.base) for frame in mine] == [(False, 1, 0), (False, 2, 1)]


def test_a_frame_acknowledges_the_viewers_own_last_input() -> None:
    room, seats, sink = running()
    room.take_input(seats[0], 4, [1, 0])
    sink.seen.clear()
    room.step(NOW_MS)
    assert {frame.conn_id: frame.seq for frame in sink.seen} == {1: 4, 2: 0}


def test_a_link_that_does_not_drain_skips_frames_and_then_gets_a_snapshot() -> None:
    room, _, sink = running()
    sink.seen.clear()
    sink.accepts_frames = False
    room.step(NOW_MS)
    assert not sink.seen
    sink.accepts_frames = True
    room.step(NOW_MS)
    assert all(frame.is_snapshot and frame.tick == 2 for frame in sink.seen)


def test_a_slower_mode_still_ends_after_its_length() -> None:
    room, _, _ = running(duration_ms=1_000)
    for _ in range(20):
        assert room.status is RoomStatus.RUNNING
        room.step(NOW_MS)
    assert room.status is RoomStatus.ENDED
    assert room.tick == 20
    assert room.ended_at_ms == NOW_MS


# ---- 입력


def test_an_input_sent_again_is_not_applied_twice() -> None:
    room, seats, _ = running()
    twin, twin_seats, _ = running()
    for target, seat in ((room, seats[0]), (twin, twin_seats[0])):
        target.take_input(seat, 5, [1, 0])
    room.take_input(seats[0], 5, [-1, 0])
    room.take_input(seats[0], 4, [0, 1])
    room.step(NOW_MS)
    twin.step(NOW_MS)
    assert seats[0].last_seq == 5
    assert room._rules.entities() == twin._rules.entities()


def test_the_input_number_survives_a_new_connection() -> None:
    room, seats, sink = running()
    room.take_input(seats[0], 9, [1, 0])
    seat = sit(room, 1, sink, epoch=2, conn_id=77)
    assert seat.last_seq == 9, "머리가 알리는 번호는 자리의 것이다: 여기서 이어 세면 된다"
    room.take_input(seat, 1, [-1, 0])
    assert seat.last_seq == 1, "새 접속의 첫 입력은 번호가 무엇이든 듣는다"
    room.take_input(seat, 1, [1, 0])
    room.take_input(seat, 2, [1, 0])
    assert seat.last_seq == 2


def test_a_stream_that_is_opened_again_does_not_let_a_resent_input_through() -> None:
    room, seats, _ = running()
    room.take_input(seats[0], 9, [1, 0])
    room.attach(player_id(1), 1, RoomViewer(CollectingSink(), 1))
    room.take_input(seats[0], 8, [-1, 0])
    assert seats[0].last_seq == 9


@pytest.mark.parametrize("absurd", [2**32 - 1, 2**31, 2**31 + 9, 1_000])
def test_one_absurd_number_mutes_a_seat_on_no_socket(absurd: int) -> None:
    room, seats, sink = running(duration_ms=60_000)
    for seq in (1, 2, absurd, 3, 4):
        room.take_input(seats[0], seq, [1, 0])
    assert seats[0].last_seq == 4
    room.take_input(seats[0], absurd, [1, 0])
    seat = sit(room, 1, sink, epoch=2, conn_id=77)
    room.take_input(seat, 1, [0, 1])
    assert seat.last_seq == 1


def test_the_numbers_go_round() -> None:
    room, seats, _ = running()
    for seq in (2**32 - 2, 2**32 - 1, 1, 2**32 - 1, 2):
        room.take_input(seats[0], seq, [1, 0])
    assert seats[0].last_seq == 2


@pytest.mark.parametrize("values", [[], [1], [2, 0], [0, -2], [0, 0, 0]])
def test_an_input_outside_the_rules_is_refused(values: list[int]) -> None:
    room, seats, _ = running()
    with pytest.raises(InvalidArgument):
        room.take_input(seats[0], 1, values)
    assert seats[0].last_seq == 0


def test_an_input_before_the_start_moves_the_player_in_the_first_tick() -> None:
    room, sink = room_of(), CollectingSink()
    seat = sit(room, 1, sink)
    before = room._rules.entities()[0]
    room.take_input(seat, 1, [1, 0])
    room.start(NOW_MS)
    room.step(NOW_MS)
    assert sink.seen[-1].seq == 1
    assert room._rules.entities()[0] != before


def test_an_input_after_the_end_counts_for_nothing() -> None:
    room, seats, _ = running()
    room.abort("SESSION_DRAINING", NOW_MS)
    room.take_input(seats[0], 1, [1, 0])
    assert seats[0].last_seq == 0


# ---- 자리


def test_a_stranger_has_no_seat() -> None:
    with pytest.raises(NotInMatch):
        room_of().attach(player_id(9), 1, RoomViewer(CollectingSink(), 1))


def test_a_newer_connection_takes_the_seat_and_gets_a_snapshot() -> None:
    room, seats, sink = running()
    other = CollectingSink()
    seat, replaced = room.attach(player_id(1), 2, RoomViewer(other, 50))
    assert seat is seats[0]
    assert replaced == RoomViewer(sink, 1)
    room.step(NOW_MS)
    assert [(frame.conn_id, frame.is_snapshot) for frame in other.seen] == [(50, True)]


def test_an_older_connection_cannot_take_the_seat_back() -> None:
    room, _, _ = running()
    room.attach(player_id(1), 3, RoomViewer(CollectingSink(), 50))
    with pytest.raises(Superseded):
        room.attach(player_id(1), 2, RoomViewer(CollectingSink(), 51))


def test_the_same_socket_may_sit_down_again_without_replacing_itself() -> None:
    room, seats, sink = running()
    seat, replaced = room.attach(player_id(1), 1, RoomViewer(sink, 1))
    assert (seat, replaced) == (seats[0], None)


def test_a_late_detach_of_a_replaced_socket_changes_nothing() -> None:
    room, seats, sink = running()
    newer = RoomViewer(CollectingSink(), 50)
    room.attach(player_id(1), 2, newer)
    room.detach(seats[0], RoomViewer(sink, 1))
    assert seats[0].viewer == newer


def test_an_absent_player_stands_still() -> None:
    room, seats, sink = running(duration_ms=60_000)
    rules = room._rules
    assert isinstance(rules, StarCollect)
    room.take_input(seats[0], 1, [1, 1])
    room.step(NOW_MS)
    room.detach(seats[0], RoomViewer(sink, 1))
    before = rules.entities()[0][:2]
    room.step(NOW_MS)
    assert rules.entities()[0][:2] == before


# ---- 끝


def test_an_abort_keeps_its_code_and_happens_once() -> None:
    room, _, _ = running()
    room.abort("SESSION_DRAINING", NOW_MS)
    room.abort("OTHER", NOW_MS + 1)
    assert (room.status, room.abort_code, room.ended_at_ms) == (
        RoomStatus.ENDED,
        "SESSION_DRAINING",
        NOW_MS,
    )


def test_a_match_nobody_came_to_is_void() -> None:
    room = room_of(duration_ms=100)
    room.start(NOW_MS)
    room.step(NOW_MS)
    room.step(NOW_MS)
    assert (room.status, room.abort_code) == (RoomStatus.ENDED, Abandoned.code)


def test_a_match_counts_when_only_one_came() -> None:
    room = room_of(duration_ms=100)
    sit(room, 1, CollectingSink())
    room.start(NOW_MS)
    room.step(NOW_MS)
    room.step(NOW_MS)
    assert (room.status, room.abort_code) == (RoomStatus.ENDED, "")


def test_a_late_viewer_of_an_ended_match_gets_its_last_state() -> None:
    room, _, _ = running(duration_ms=100)
    room.step(NOW_MS)
    room.step(NOW_MS)
    late = CollectingSink()
    room.attach(player_id(1), 2, RoomViewer(late, 50))
    room.emit_snapshots()
    room.emit_snapshots()
    assert [(frame.is_snapshot, frame.tick) for frame in late.seen] == [(True, 2)]
