"""밀리지 않는 틱: 기한은 시작 시각에서 곱해 구하므로 늦은 한 번이 다음으로 쌓이지 않는다.

조금 늦으면 곧바로 따라잡고, 너무 늦으면 그만큼 건너뛴다(몰아 돌면 더 늦어지고 선수는 빨리 감은 판을 본다).
판의 길이는 틱으로 세므로 건너뛴 만큼 벽시계로 길어질 뿐 결과는 같다.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from kernel.clock import Clock
from telemetry import metrics
from telemetry.logs import get_logger

log = get_logger(__name__)

LATE_S = 0.005
MAX_CATCH_UP_TICKS = 5


class TickLoop:
    """`on_tick`을 초당 `rate_hz`번 부른다."""

    def __init__(
        self,
        on_tick: Callable[[], None],
        *,
        rate_hz: int,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._on_tick = on_tick
        self._period_s = 1 / rate_hz
        self._clock = clock
        self._sleep = sleep
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """지금부터 센다."""
        self._task = asyncio.create_task(self.run(), name="ticks")

    async def stop(self) -> None:
        """멈춘다."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def run(self) -> None:
        """취소될 때까지 돈다. 틱 하나의 고장은 적고 다음 틱으로 간다."""
        origin_s = self._clock.monotonic_s()
        index = 0
        while True:
            index += 1
            due_s = origin_s + index * self._period_s
            # 늦었어도 한 번은 양보한다: 입력과 보내기가 굶지 않는다.
            await self._sleep(max(0.0, due_s - self._clock.monotonic_s()))
            lateness_s = self._clock.monotonic_s() - due_s
            if lateness_s > LATE_S:
                metrics.session_tick_late.inc()
            if lateness_s > MAX_CATCH_UP_TICKS * self._period_s:
                skipped = int(lateness_s / self._period_s)
                index += skipped
                log.warning("ticks.skipped", ticks=skipped)
            self._tick()

    def _tick(self) -> None:
        try:
            self._on_tick()
        except Exception:
            log.exception("ticks.failed")
            metrics.invariant_violations.labels("tick_failed").inc()
