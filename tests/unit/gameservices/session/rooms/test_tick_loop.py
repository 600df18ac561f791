"""틱의 기한: 밀리지 않고, 조금 늦으면 따라잡고, 너무 늦으면 건너뛴다."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from gameservices.session.rooms.tick_loop import TickLoop
from tests.fakes.manual_clock import ManualClock

PERIOD_S = 0.05


class Run:
    """잠을 시계 돌리기로 바꾼 루프. `stalls_s`는 그 번째 틱이 잡아먹는 시간이다."""

    def __init__(
        self, ticks: int, stalls_s: dict[int, float] | None = None, overshoot_s: float = 0.0
    ) -> None:
        self.clock = ManualClock(0.0)
        self.at_s: list[float] = []
        self._ticks = ticks
        self._stalls_s = stalls_s or {}
        self._overshoot_s = overshoot_s

    async def sleep(self, delay_s: float) -> None:
        self.clock.now_s += delay_s + (self._overshoot_s if delay_s else 0.0)
        if len(self.at_s) >= self._ticks:
            raise asyncio.CancelledError

    def on_tick(self) -> None:
        self.at_s.append(round(self.clock.now_s, 6))
        self.clock.now_s += self._stalls_s.get(len(self.at_s), 0.0)

    async def go(self, on_tick: Callable[[], None] | None = None) -> list[float]:
        loop = TickLoop(on_tick or self.on_tick, rate_hz=20, clock=self.clock, sleep=self.sleep)
        with pytest.raises(asyncio.CancelledError):
            await loop.run()
        return self.at_s


async def test_ticks_come_at_equal_distances() -> None:
    assert await Run(4).go() == [0.05, 0.10, 0.15, 0.20]


async def test_lateness_does_not_add_up() -> None:
    at_s = await Run(200, overshoot_s=0.003).go()
    assert at_s[-1] == pytest.approx(200 * PERIOD_S + 0.003)


async def test_a_short_stall_is_caught_up_without_losing_a_tick() -> None:
    at_s = await Run(6, stalls_s={2: 0.12}).go()
    assert at_s == [0.05, 0.10, 0.22, 0.22, 0.25, 0.30]


async def test_a_long_stall_skips_what_is_lost() -> None:
    at_s = await Run(5, stalls_s={2: 10.02}).go()
    assert at_s[:3] == [0.05, 0.10, 10.12]
    assert at_s[3:] == [10.15, 10.20]


async def test_a_failed_tick_does_not_stop_the_next() -> None:
    run = Run(3)

    def fail() -> None:
        run.on_tick()
        raise ZeroDivisionError

    assert len(await run.go(fail)) == 3
