"""숫자를 한 번 모은다: 프로세스들의 /metrics와 Redis를 함께 묻고, 어느 것도 다른 것을 붙들지 못하게 한다."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from kernel.clock import Clock
from kernel.errors import Unavailable
from ops.live.exposition import ProcessFigures, read_figures
from ops.live.rates import CounterRate
from ops.live.reading import Reading, RedisLook, compose_reading
from ops.live.scrape import SCRAPE_TIMEOUT_S, fetch_metrics
from ops.live.targets import Target
from redisstore.gate import RedisGate
from redisstore.results import ResultStream
from redisstore.servers.registry import ServerRegistry
from redisstore.tickets.queue_depth import QueueDepth, read_queue_depths


class Poller:
    """한 platform의 눈. 기한은 프로세스마다 SCRAPE_TIMEOUT_S, Redis의 물음마다 요청 하나의 예산이다."""

    def __init__(
        self, *, source: str, gate: RedisGate, region: str, targets: Sequence[Target], clock: Clock
    ) -> None:
        self._source = source
        self._gate = gate
        self._region = region
        self._targets = tuple(targets)
        self._clock = clock
        self._registry = ServerRegistry(gate, region)
        self._results = ResultStream(gate, region)
        self._rate = CounterRate()
        self._modes: tuple[str, ...] = ()

    async def take(self) -> Reading:
        """지금의 모습. 답하지 않은 것은 모르는 것으로 담기며 던지지 않는다."""
        # 재기 시작한 때를 말한다: 이 뒤에 시킨 일은 여기에 없을 수 있다.
        at_ms = self._clock.now_ms()
        look, scraped = await asyncio.gather(self._look_at_redis(), self._scrape_all())
        self._learn_modes(scraped.values())
        self._rate.note(
            self._clock.monotonic_s(),
            {target.name: seen.finalized_total for target, seen in scraped.items() if seen},
        )
        return compose_reading(
            source=self._source,
            at_ms=at_ms,
            scraped=scraped,
            look=look,
            finalizes_per_s=self._rate.per_s(),
        )

    async def _look_at_redis(self) -> RedisLook | None:
        try:
            # 차례로 묻는다: 얼어붙은 Redis에서는 첫 물음이 예산 안에 실패하고 거기서 그만둔다.
            fleet = await self._registry.fleet()
            queues = await self._queues()
            pending = await self._results.depth()
            oldest = await self._results.pending(0, 1)
        except Unavailable:
            return None
        return RedisLook(
            fleet=fleet,
            queues=queues,
            pending=pending,
            pending_oldest_ms=oldest[0].age_ms if oldest else 0,
        )

    async def _queues(self) -> dict[str, QueueDepth] | None:
        return await read_queue_depths(self._gate, self._region, self._modes) if self._modes else None

    async def _scrape_all(self) -> dict[Target, ProcessFigures | None]:
        figures = await asyncio.gather(*(self._scrape(target) for target in self._targets))
        return dict(zip(self._targets, figures, strict=True))

    async def _scrape(self, target: Target) -> ProcessFigures | None:
        try:
            return read_figures(await fetch_metrics(target, timeout_s=SCRAPE_TIMEOUT_S))
        except (Unavailable, ValueError):
            return None

    def _learn_modes(self, figures: Iterable[ProcessFigures | None]) -> None:
        """모드의 이름은 matchmaking의 지표에서 배운다. 답하지 않는 동안에는 배운 것을 기억한다."""
        told = {mode for seen in figures if seen for mode in seen.queue_modes}
        if told:
            self._modes = tuple(sorted(told))
