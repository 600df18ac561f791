"""도는 판의 기록을 지키기: 바뀌면 적고, 5초마다 늘리고, 비워진 Redis에는 기억에서 되살린다."""

from __future__ import annotations

import pytest

from gameservices.session.ownership.record_keeper import RecordKeeper, RecordStores
from gameservices.session.rooms.gateway_link import GatewayLink
from gameservices.session.rooms.room import AnyRoom, RoomViewer
from gameservices.session.rooms.room_host import RoomHost
from kernel.errors import Unavailable
from redisstore.seats import Route, SeatRecord
from tests.fakes.manual_clock import ManualClock
from tests.fakes.session_records import SessionRecords
from tests.fakes.session_rooms import IDENTITY, PACE, HeardEvents, plan, player_id


def record(secret: str, epoch: int) -> SeatRecord:
    return SeatRecord(secret, "", 0, epoch, 220_000)


class Upkeep:
    """방 하나를 지키는 일."""

    def __init__(self) -> None:
        self.clock, self.redis = ManualClock(), SessionRecords()
        self.host = RoomHost(identity=IDENTITY, pace=PACE, clock=self.clock, events=HeardEvents())
        self.room: AnyRoom = self.host.open_room(plan())
        self.redis.seats = {player_id(1): record("a", 1), player_id(2): record("b", 1)}
        self.subject = RecordKeeper(
            host=self.host,
            stores=RecordStores(self.redis, self.redis, self.redis),
            clock=self.clock,
            identity=IDENTITY,
        )

    async def work_after(self, delay_s: float) -> None:
        self.clock.now_s += delay_s
        await self.subject.work()


@pytest.fixture
def upkeep() -> Upkeep:
    return Upkeep()


async def test_routes_are_refreshed_every_five_seconds_and_seats_only_while_attached(upkeep: Upkeep) -> None:
    link = GatewayLink("gateway1")
    upkeep.host.open_link(link)
    upkeep.host.attach(link, 1, upkeep.room.match_id, player_id(1), 1)
    await upkeep.work_after(0)
    await upkeep.work_after(4.9)
    assert len(upkeep.redis.refreshed) == 1
    assert set(upkeep.redis.refreshed[0].attached) == {player_id(1)}
    await upkeep.work_after(0.1)
    assert len(upkeep.redis.refreshed) == 2
    assert upkeep.redis.routes[upkeep.room.match_id] == Route("session1", "127.0.0.1:7000")


async def test_a_change_of_state_is_written_and_survives_an_outage(upkeep: Upkeep) -> None:
    upkeep.room.start(101_000)
    upkeep.subject.note_change(upkeep.room)
    upkeep.redis.is_down = True
    with pytest.raises(Unavailable):
        await upkeep.work_after(0)
    upkeep.redis.is_down = False
    await upkeep.work_after(1)
    written = upkeep.redis.matches[upkeep.room.match_id]
    assert (written.status, written.started_at_ms, written.server_id) == ("running", 101_000, "session1")


async def test_an_emptied_redis_gets_everything_back_within_a_second(upkeep: Upkeep) -> None:
    await upkeep.work_after(0)
    before = dict(upkeep.redis.seats)
    upkeep.redis.flush()
    await upkeep.work_after(1)
    assert upkeep.redis.seats == before
    assert upkeep.room.match_id in upkeep.redis.routes
    assert upkeep.redis.matches[upkeep.room.match_id].player_ids == (player_id(1), player_id(2))
    assert upkeep.redis.guarded == [player_id(1), player_id(2)]
    assert upkeep.redis.held == [upkeep.room.match_id]


async def test_an_emptied_redis_does_not_bind_one_who_left_again(upkeep: Upkeep) -> None:
    room = upkeep.host.open_room(plan(2, players=3, first_player=3))
    upkeep.redis.seats |= {player_id(number): record(str(number), 1) for number in (3, 4, 5)}
    await upkeep.work_after(0)
    room.leave(room.seats[0], RoomViewer(GatewayLink("gateway1"), 1))
    upkeep.redis.flush()
    await upkeep.work_after(1)
    assert set(upkeep.redis.guarded) == {player_id(number) for number in (1, 2, 4, 5)}
    assert player_id(3) not in upkeep.redis.seats
    assert upkeep.redis.matches[room.match_id].player_ids == room.player_ids


async def test_the_seat_of_one_who_left_is_not_missed(upkeep: Upkeep) -> None:
    """그의 resume 기록이 먼저 사라져도 Redis가 비었던 것이 아니다."""
    await upkeep.work_after(0)
    upkeep.room.leave(upkeep.room.seats[0], RoomViewer(GatewayLink("gateway1"), 1))
    del upkeep.redis.seats[player_id(1)]
    await upkeep.work_after(5)
    assert not upkeep.redis.guarded


async def test_a_guard_never_comes_back_before_the_record_of_its_match(upkeep: Upkeep) -> None:
    await upkeep.work_after(0)
    upkeep.redis.flush()
    upkeep.redis.is_record_refused = True
    with pytest.raises(Unavailable):
        await upkeep.work_after(1)
    assert not upkeep.redis.guarded
    upkeep.redis.is_record_refused = False
    await upkeep.work_after(5)
    assert upkeep.room.match_id in upkeep.redis.matches
    assert upkeep.redis.guarded == [player_id(1), player_id(2)]


async def test_a_secret_that_a_newer_connection_retired_is_not_brought_back(upkeep: Upkeep) -> None:
    await upkeep.work_after(0)
    link = GatewayLink("gateway1")
    upkeep.host.open_link(link)
    upkeep.host.attach(link, 1, upkeep.room.match_id, player_id(1), 4)
    upkeep.redis.flush()
    await upkeep.work_after(1)
    assert upkeep.redis.seats[player_id(1)] == SeatRecord("", "", 0, 4, upkeep.clock.now_ms() + 120_000)
    assert upkeep.redis.seats[player_id(2)] == record("b", 1)


async def test_an_ended_match_keeps_its_record_but_not_its_guards(upkeep: Upkeep) -> None:
    await upkeep.work_after(0)
    upkeep.host.abort_all("SESSION_DRAINING")
    upkeep.redis.flush()
    await upkeep.work_after(1)
    assert upkeep.redis.matches[upkeep.room.match_id].status == "ended"
    assert not upkeep.redis.guarded


async def test_a_settled_match_is_left_alone(upkeep: Upkeep) -> None:
    await upkeep.work_after(0)
    upkeep.host.abort_all("SESSION_DRAINING")
    upkeep.subject.note_change(upkeep.room)
    upkeep.host._ended.clear()
    upkeep.redis.flush()
    await upkeep.work_after(10)
    assert not upkeep.redis.matches
    assert not upkeep.redis.routes


@pytest.mark.parametrize("is_changed", [True, False], ids=["the-record", "the-route"])
async def test_a_match_that_is_settled_while_it_is_written_leaves_nothing(
    upkeep: Upkeep, is_changed: bool
) -> None:
    upkeep.host.abort_all("SESSION_DRAINING")
    if is_changed:
        upkeep.subject.note_change(upkeep.room)
    # 뒷일이 기록을 치운 다음에야 우리의 쓰기가 Redis에 닿는다.
    upkeep.redis.before_write = upkeep.host._ended.clear
    await upkeep.work_after(0)
    assert not upkeep.redis.matches
    assert not upkeep.redis.routes
