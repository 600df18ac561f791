"""하트비트가 얼마나 이어졌는지: 끊김은 hash의 수명만큼 늦은 것이고, 그 뒤에는 처음부터 다시 센다."""

from __future__ import annotations

import pytest

from gameservices.session.fleet.drain import Drain
from gameservices.session.fleet.heartbeat import FleetHeartbeat
from gameservices.session.rooms.room_host import RoomHost
from kernel.errors import Unavailable
from redisstore import keys
from tests.fakes.manual_clock import ManualClock
from tests.fakes.session_records import MemoryRegistry
from tests.fakes.session_rooms import IDENTITY, PACE, HeardEvents

TTL_S = keys.SERVER_TTL_MS / 1000


class Beating:
    """등록부의 대역과 하트비트."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.registry = MemoryRegistry()
        self.subject = FleetHeartbeat(
            registry=self.registry,
            host=RoomHost(identity=IDENTITY, pace=PACE, clock=self.clock, events=HeardEvents()),
            opening=(),
            drain=Drain(grace_ms=1_000),
            clock=self.clock,
            identity=IDENTITY,
            on_drained=lambda: None,
        )

    async def beat_after(self, delay_s: float) -> None:
        self.clock.now_s += delay_s
        await self.subject.beat()
        assert self.registry.written == [], "적을 뜻이 없다"


async def test_before_the_first_beat_nothing_is_steady() -> None:
    beating = Beating()
    assert (beating.subject.steady_s, beating.subject.is_late) == (0.0, True)
    await beating.beat_after(0)
    assert not beating.subject.was_cut_off
    assert not beating.subject.is_late


async def test_beats_within_the_lifetime_add_up() -> None:
    beating = Beating()
    for _ in range(5):
        await beating.beat_after(TTL_S - 0.1)
    assert beating.subject.steady_s == pytest.approx(4 * (TTL_S - 0.1))
    assert not beating.subject.was_cut_off


async def test_a_gap_of_the_lifetime_starts_over_and_is_remembered() -> None:
    beating = Beating()
    await beating.beat_after(0)
    beating.clock.now_s += TTL_S
    assert (beating.subject.steady_s, beating.subject.is_late) == (0.0, True)
    await beating.beat_after(0)
    assert beating.subject.was_cut_off
    assert beating.subject.steady_s == 0.0
    await beating.beat_after(1)
    assert beating.subject.steady_s == pytest.approx(1)


async def test_a_beat_that_does_not_arrive_is_no_beat() -> None:
    beating = Beating()
    await beating.beat_after(0)
    beating.registry.is_down = True
    with pytest.raises(Unavailable):
        await beating.beat_after(TTL_S)
    assert beating.subject.is_late
