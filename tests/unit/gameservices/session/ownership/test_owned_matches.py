"""맡은 판을 지키기: 끊겨 있던 사이 남이 끝낸 판은 되살리지 않고 놓는다."""

from __future__ import annotations

import pytest

from gameservices.session.fleet.drain import Drain
from gameservices.session.fleet.heartbeat import FleetHeartbeat
from gameservices.session.ownership.owned_matches import OwnedMatches
from gameservices.session.ownership.record_keeper import RecordKeeper, RecordStores
from gameservices.session.rooms.room_host import HostedRoom, RoomHost
from kernel.errors import SessionLost, Unavailable
from matches.outcome import Settlement
from redisstore import keys
from redisstore.seats import SeatRecord
from tests.fakes.manual_clock import ManualClock
from tests.fakes.session_records import MemoryRegistry, SessionRecords
from tests.fakes.session_rooms import IDENTITY, PACE, HeardEvents, plan, player_id

TTL_S = keys.SERVER_TTL_MS / 1000
SEAT = SeatRecord("secret", "", 0, 1, 220_000)


class KeptRecords(SessionRecords):
    """아무도 치우지 않는 기록."""

    async def drop(self, match_id: str) -> None:
        raise AssertionError(match_id)


class Owner:
    """서버 하나와 그 저장소들. `refreshed`는 기록을 늘린 판, `asked`는 저장된 끝을 물은 판이다."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.ended: dict[str, Settlement] = {}
        self.database_is_down = False
        self.asked: list[str] = []
        self.records = KeptRecords(seats={player_id(number): SEAT for number in range(1, 5)})
        self.host = RoomHost(identity=IDENTITY, pace=PACE, clock=self.clock, events=HeardEvents())
        self.heartbeat = FleetHeartbeat(
            registry=MemoryRegistry(),
            host=self.host,
            opening=(),
            drain=Drain(grace_ms=1_000),
            clock=self.clock,
            identity=IDENTITY,
            on_drained=lambda: None,
        )
        self.subject = OwnedMatches(
            host=self.host,
            heartbeat=self.heartbeat,
            records=RecordKeeper(
                host=self.host,
                stores=RecordStores(self.records, self.records, self.records),
                clock=self.clock,
                identity=IDENTITY,
            ),
            read_stored=self.read_stored,
        )

    async def cut_off(self) -> None:
        """등록부에서 사라졌다가 다시 닿는다."""
        await self.heartbeat.beat()
        self.clock.now_s += TTL_S + 1
        await self.heartbeat.beat()

    def taken(self, room: HostedRoom) -> None:
        """남이 이 판을 무효로 끝내 두었다."""
        self.ended[room.match_id] = Settlement(room.match_id, SessionLost.code, (), ())

    async def read_stored(self, match_id: str) -> Settlement | None:
        self.asked.append(match_id)
        if self.database_is_down:
            raise Unavailable
        return self.ended.get(match_id)

    @property
    def refreshed(self) -> list[str]:
        return [match.match_id for match in self.records.refreshed]


async def test_records_wait_while_the_heartbeat_is_late() -> None:
    owner = Owner()
    owner.host.open_room(plan())
    await owner.subject.keep()
    assert (owner.asked, owner.refreshed) == ([], [])


async def test_a_steady_server_keeps_its_records_without_asking() -> None:
    owner = Owner()
    room = owner.host.open_room(plan())
    await owner.heartbeat.beat()
    await owner.subject.keep()
    assert (owner.asked, owner.refreshed) == ([], [room.match_id])


async def test_a_match_that_others_ended_meanwhile_is_given_up() -> None:
    owner = Owner()
    mine, gone = owner.host.open_room(plan(1)), owner.host.open_room(plan(2, first_player=3))
    owner.taken(gone)
    await owner.cut_off()
    await owner.subject.keep()
    assert gone.abort_code == SessionLost.code
    assert owner.host.live_rooms() == [mine]
    assert not owner.heartbeat.was_cut_off


async def test_a_match_goes_on_while_nobody_can_tell_whose_it_is() -> None:
    owner = Owner()
    room = owner.host.open_room(plan())
    owner.taken(room)
    owner.database_is_down = True
    await owner.cut_off()
    await owner.subject.keep()
    assert owner.host.live_rooms() == [room]
    assert owner.heartbeat.was_cut_off, "다음 번에 다시 묻는다"
    owner.database_is_down = False
    await owner.subject.keep()
    assert owner.host.live_rooms() == []


@pytest.mark.parametrize("matches", [0, 1])
async def test_once_reconciled_nothing_is_asked_again(matches: int) -> None:
    owner = Owner()
    for number in range(matches):
        owner.host.open_room(plan(number + 1))
    await owner.cut_off()
    await owner.subject.keep()
    await owner.subject.keep()
    assert len(owner.asked) == matches
