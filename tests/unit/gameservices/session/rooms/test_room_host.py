"""방들의 주인: 시작과 끝을 알리고, 소켓을 앉히고 밀어내며, gateway마다 한 묶음을 낸다."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gameservices.session.rooms import room_host
from gameservices.session.rooms.gateway_link import GatewayLink
from gameservices.session.rooms.link_events import match_over
from gameservices.session.rooms.room import AnyRoom, Room, RoomPace, RoomStatus
from gameservices.session.rooms.room_host import RoomHost
from hanpan.v1 import session_pb2
from kernel.errors import Unavailable
from matches.outcome import Settlement
from tests.fakes.manual_clock import ManualClock
from tests.fakes.session_rooms import IDENTITY, PACE, HeardEvents, SeenFrame, duel, plan, player_id


class Table:
    """방 주인과 gateway 둘, 그리고 그들이 받은 것."""

    def __init__(self, pace: RoomPace = PACE) -> None:
        self.clock = ManualClock()
        self.events = HeardEvents()
        self.host = RoomHost(identity=IDENTITY, pace=pace, clock=self.clock, events=self.events)
        self.links = [GatewayLink("gateway1"), GatewayLink("gateway2")]
        for link in self.links:
            self.host.open_link(link)

    def open(self, match: int = 1, *, duration_ms: int = 1_000, first_player: int = 1) -> AnyRoom:
        return self.host.open_room(plan(match, mode=duel(duration_ms), first_player=first_player))

    def attach(
        self, room: AnyRoom, number: int, *, gateway: int = 0, conn_id: int = 0, epoch: int = 1
    ) -> None:
        self.host.attach(self.links[gateway], conn_id or number, room.match_id, player_id(number), epoch)

    def tick(self, times: int = 1) -> None:
        for _ in range(times):
            self.clock.now_s += 0.05
            self.host.tick()

    def received(self, gateway: int) -> tuple[list[session_pb2.Control], list[SeenFrame]]:
        """쌓인 것을 꺼낸다(쓰는 쪽이 하는 일)."""
        link = self.links[gateway]
        messages = list(link._queue)
        link._queue.clear()
        controls = [control for message in messages for control in message.controls]
        frames = [
            SeenFrame.read(conn_id, frame.payload)
            for message in messages
            for frame in message.frames
            for conn_id in frame.conn_ids
        ]
        return controls, frames


def kinds(controls: list[session_pb2.Control]) -> list[tuple[str, list[int]]]:
    return [(control.WhichOneof("event"), list(control.conn_ids)) for control in controls]


@pytest.fixture
def table() -> Table:
    return Table()


def started(table: Table, **options: int) -> AnyRoom:
    room = table.open(**options)
    table.attach(room, 1)
    table.attach(room, 2, gateway=1)
    table.tick()
    for gateway in (0, 1):
        table.received(gateway)
    return room


# ---- 시작과 끝


def test_a_match_starts_with_attached_then_start_then_a_snapshot(table: Table) -> None:
    room = table.open()
    table.attach(room, 1)
    table.attach(room, 2, gateway=1)
    table.tick()
    controls, frames = table.received(0)
    assert kinds(controls) == [("attached", [1]), ("match_start", [1])]
    assert controls[0].attached.session_id == IDENTITY.server_id
    assert dict(controls[1].match_start.entity_players) == {0: player_id(1), 1: player_id(2)}
    assert [(frame.is_snapshot, frame.tick) for frame in frames] == [(True, 0)]
    assert table.events.started == [room]


def counting_down() -> tuple[Table, AnyRoom]:
    """둘이 앉아 카운트다운(1초)이 막 시작된 방."""
    table = Table(replace(PACE, start_countdown_ms=1_000))
    room = table.open(duration_ms=200)
    table.attach(room, 1)
    table.attach(room, 2, gateway=1)
    table.tick()
    return table, room


def test_a_countdown_is_told_with_tick_zero_and_the_ticks_begin_when_it_is_over() -> None:
    table, room = counting_down()
    controls, frames = table.received(0)
    assert controls[-1].match_start.starts_in_ms == 1_000
    assert [(frame.is_snapshot, frame.tick) for frame in frames] == [(True, 0)]
    assert (table.events.started, room.status) == ([], RoomStatus.CREATED)
    table.tick(19)
    assert table.received(0) == ([], [])
    table.tick()
    assert (table.events.started, room.status) == ([room], RoomStatus.RUNNING)
    assert room.started_at_ms == table.clock.now_ms()
    table.tick()
    assert [frame.tick for frame in table.received(0)[1]] == [1]


def test_one_who_comes_in_the_countdown_hears_what_is_left_of_it_and_sees_tick_zero_at_once() -> None:
    table, room = counting_down()
    table.tick(10)
    table.received(0)
    table.attach(room, 1, conn_id=9, epoch=2)
    table.tick()
    controls, frames = table.received(0)
    assert controls[-1].match_start.starts_in_ms == 500
    assert [(frame.conn_id, frame.is_snapshot, frame.tick) for frame in frames] == [(9, True, 0)]


def test_one_who_comes_after_tick_zero_hears_that_nothing_is_left_to_wait_for(table: Table) -> None:
    room = started(table)
    table.attach(room, 1, conn_id=9, epoch=2)
    assert table.received(0)[0][-1].match_start.starts_in_ms == 0


def test_a_socket_that_lost_the_snapshot_of_the_countdown_gets_it_again() -> None:
    table, _ = counting_down()
    table.received(0)
    table.host.resync(table.links[0], 1)
    table.tick()
    assert [(frame.is_snapshot, frame.tick) for frame in table.received(0)[1]] == [(True, 0)]


def test_an_input_of_the_countdown_is_acknowledged_at_once_and_applied_at_the_first_tick() -> None:
    table, room = counting_down()
    table.received(0)
    table.host.take_input(table.links[0], 1, 4, [1, 0])
    table.tick()
    assert [(frame.is_snapshot, frame.tick, frame.seq) for frame in table.received(0)[1]] == [(True, 0, 4)]
    before = room._rules.entities()[0]
    table.tick(20)
    assert table.received(0)[1][-1].seq == 4
    assert room._rules.entities()[0] != before


def test_every_tick_sends_each_gateway_only_its_own_players(table: Table) -> None:
    started(table)
    table.tick(2)
    assert [(frame.conn_id, frame.tick) for frame in table.received(0)[1]] == [(1, 1), (1, 2)]
    assert [(frame.conn_id, frame.tick) for frame in table.received(1)[1]] == [(2, 1), (2, 2)]


def test_an_ended_match_is_told_once_and_waits_for_its_result(table: Table) -> None:
    room = started(table, duration_ms=100)
    table.tick(5)
    assert table.events.ended == [room]
    assert (table.host.running_matches, table.host.unsettled_matches) == (0, 1)
    assert table.host.find(room.match_id) is room


def test_a_settled_match_tells_the_result_and_is_gone(table: Table) -> None:
    room = started(table, duration_ms=100)
    table.tick(3)
    table.received(0)
    table.host.settle(room.match_id, match_over(Settlement(room.match_id, "", room.player_ids, ())))
    controls, _ = table.received(0)
    assert kinds(controls) == [("match_result", [1])]
    assert table.host.find(room.match_id) is None
    table.host.take_input(table.links[0], 1, 1, [0, 0])
    table.attach(room, 1, epoch=2)
    refused = table.received(0)[0][0].refused
    assert refused.code == "SESSION_LOST"


def test_an_aborted_match_tells_its_code(table: Table) -> None:
    room = started(table)
    table.host.abort_all("SESSION_DRAINING")
    table.received(0)
    assert table.events.ended == [room]
    settlement = Settlement(room.match_id, "SESSION_DRAINING", room.player_ids, ())
    table.host.settle(room.match_id, match_over(settlement))
    (control,) = table.received(0)[0]
    assert control.match_aborted.code == "SESSION_DRAINING"


def test_a_broken_rule_ends_its_own_match_only(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = started(table)
    healthy = table.open(2, first_player=3)
    table.attach(healthy, 3)
    table.attach(healthy, 4)
    table.tick()

    real_step = Room.step

    def step(room: AnyRoom, now_ms: int) -> None:
        if room is broken:
            raise ZeroDivisionError
        real_step(room, now_ms)

    monkeypatch.setattr(Room, "step", step)
    table.tick(2)
    assert (broken.status, broken.abort_code) == (RoomStatus.ENDED, "INTERNAL")
    assert table.events.ended == [broken]
    assert healthy.tick == 2


def test_capacity_counts_matches_that_still_run(table: Table) -> None:
    for match in range(IDENTITY.capacity_matches):
        table.host.check_capacity()
        with pytest.raises(Unavailable):
            table.host.check_capacity(opening=IDENTITY.capacity_matches - match)
        table.open(match + 1, first_player=1 + 2 * match)
    with pytest.raises(Unavailable):
        table.host.check_capacity()
    table.host.abort_all("SESSION_DRAINING")
    table.host.check_capacity()


def test_too_many_results_waiting_for_the_database_close_the_door(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_host, "MAX_UNSETTLED_ROOMS", 1)
    table.open()
    table.host.abort_all("SESSION_DRAINING")
    with pytest.raises(Unavailable):
        table.host.check_capacity()


# ---- 소켓


def test_a_player_coming_back_gets_the_start_and_a_snapshot_and_the_old_socket_is_told(table: Table) -> None:
    room = started(table)
    table.tick()
    table.received(0)
    table.attach(room, 1, gateway=1, conn_id=50, epoch=2)
    table.tick()
    assert kinds(table.received(0)[0]) == [("superseded", [1])]
    controls, frames = table.received(1)
    assert kinds(controls) == [("attached", [50]), ("match_start", [50])]
    assert [(frame.is_snapshot, frame.tick) for frame in frames if frame.conn_id == 50] == [(True, 2)]


def test_a_replaced_socket_can_no_longer_play(table: Table) -> None:
    room = started(table)
    table.attach(room, 1, gateway=1, conn_id=50, epoch=2)
    table.host.take_input(table.links[0], 1, 9, [1, 0])
    assert room.seats[0].last_seq == 0
    table.host.take_input(table.links[1], 50, 9, [1, 0])
    assert room.seats[0].last_seq == 9


def test_an_older_epoch_is_refused(table: Table) -> None:
    room = started(table)
    table.attach(room, 1, conn_id=50, epoch=3)
    table.received(0)
    table.attach(room, 1, conn_id=51, epoch=2)
    assert table.received(0)[0][0].refused.code == "SUPERSEDED"


def test_a_stranger_is_refused(table: Table) -> None:
    room = started(table)
    table.attach(room, 99)
    assert table.received(0)[0][0].refused.code == "NOT_IN_MATCH"


def test_a_detached_player_may_sit_down_again(table: Table) -> None:
    room = started(table)
    table.host.detach(table.links[0], 1)
    table.host.detach(table.links[0], 1)
    assert room.seats[0].viewer is None
    table.attach(room, 1, conn_id=60, epoch=2)
    table.tick()
    assert [frame.conn_id for frame in table.received(0)[1]] == [60]


def test_a_broken_link_empties_its_seats_and_the_match_goes_on(table: Table) -> None:
    room = started(table)
    table.host.drop_link(table.links[0])
    table.host.drop_link(table.links[0])
    table.tick(2)
    assert room.seats[0].viewer is None
    assert [frame.tick for frame in table.received(1)[1]] == [1, 2]


def test_a_gateway_that_comes_back_replaces_its_old_link(table: Table) -> None:
    room = started(table)
    old = table.links[0]
    table.links[0] = GatewayLink("gateway1")
    table.host.open_link(table.links[0])
    assert old.is_closed
    assert room.seats[0].viewer is None
    table.attach(room, 1)
    table.tick()
    assert [frame.is_snapshot for frame in table.received(0)[1]] == [True]


def test_the_same_socket_sitting_down_elsewhere_leaves_its_old_seat(table: Table) -> None:
    first = started(table)
    second = table.open(2, first_player=1)
    table.attach(second, 1)
    assert first.seats[0].viewer is None
    assert second.seats[0].viewer is not None


def test_a_resync_brings_one_snapshot(table: Table) -> None:
    started(table)
    table.tick()
    table.received(0)
    table.host.resync(table.links[0], 1)
    table.host.resync(table.links[0], 999)
    table.tick(2)
    assert [frame.is_snapshot for frame in table.received(0)[1]] == [True, False]


def test_a_wrong_input_is_refused_and_the_seat_stays(table: Table) -> None:
    room = started(table)
    table.host.take_input(table.links[0], 1, 1, [5, 5])
    assert table.received(0)[0][0].refused.code == "INVALID_ARGUMENT"
    table.host.take_input(table.links[0], 1, 1, [1, 0])
    assert room.seats[0].last_seq == 1


def test_a_viewer_of_an_ended_match_still_gets_a_snapshot(table: Table) -> None:
    room = started(table, duration_ms=100)
    table.tick(3)
    table.received(1)
    table.attach(room, 1, gateway=1, conn_id=50, epoch=2)
    table.tick(2)
    controls, frames = table.received(1)
    assert kinds(controls) == [("attached", [50]), ("match_start", [50])]
    assert [(frame.conn_id, frame.is_snapshot, frame.tick) for frame in frames] == [(50, True, 2)]


def test_an_input_after_the_end_sends_the_last_tick_no_second_time(table: Table) -> None:
    started(table, duration_ms=100)
    table.tick(3)
    table.received(0)
    table.host.take_input(table.links[0], 1, 1, [1, 0])
    table.tick(2)
    assert table.received(0) == ([], [])
