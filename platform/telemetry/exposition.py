"""/metrics의 글: 루프 밖에서 1초에 한 번만 만들어 함께 묻는 이들이 나눠 갖고, 크기에 상한이 있다.

왜: 묻는 이는 이름을 대지 않는다. 물을 때마다 루프에서 만들면 묻기만 해도 프로세스가 멈춘다.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from prometheus_client import REGISTRY, Metric, generate_latest

from kernel.clock import Clock, SystemClock
from telemetry import metrics
from telemetry.logs import get_logger

log = get_logger(__name__)

SLOT_S = 1.0
MAX_BYTES = 200_000
# 이보다 많은 줄을 가진 지표는 라벨이 새는 것이다. 글로 만들지도 않는다.
MAX_FAMILY_SAMPLES = 400


class MetricSource(Protocol):
    """지표를 내놓는 것. prometheus_client의 등록부가 이 모양이다."""

    def collect(self) -> Iterable[Metric]:
        """지금의 지표들."""
        ...


@dataclass(frozen=True, slots=True)
class Exposition:
    """한 번의 /metrics. `withheld`는 상한을 넘어 싣지 않은 지표의 이름이다."""

    body: bytes
    withheld: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Single:
    """지표 하나짜리 등록부."""

    family: Metric

    def collect(self) -> Iterable[Metric]:
        return (self.family,)


def expose(source: MetricSource, *, max_bytes: int = MAX_BYTES) -> Exposition:
    """상한 안의 글. 넘치면 가장 큰 지표부터 빼므로, 하나가 새어도 나머지는 보인다."""
    texts: dict[str, bytes] = {}
    withheld: list[str] = []
    for family in source.collect():
        if len(family.samples) > MAX_FAMILY_SAMPLES:
            withheld.append(family.name)
        else:
            texts[family.name] = generate_latest(_Single(family))
    total = sum(map(len, texts.values()))
    while total > max_bytes:
        largest = max(texts, key=lambda name: len(texts[name]))
        total -= len(texts.pop(largest))
        withheld.append(largest)
    return Exposition(b"".join(texts.values()), tuple(sorted(withheld)))


class SharedExposition:
    """프로세스의 /metrics 하나. 이벤트 루프에서 묻고, 만드는 일은 제 스레드 하나가 한다."""

    def __init__(
        self, make: Callable[[], Exposition] = lambda: expose(REGISTRY), clock: Clock | None = None
    ) -> None:
        self._make = make
        self._clock = clock or SystemClock()
        # 여럿이 쓰는 스레드가 막혀도 지표는 보여야 하므로 제 스레드다.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="metrics")
        self._running: asyncio.Future[Exposition] | None = None
        self._latest: Exposition | None = None
        self._slot = 0

    async def body(self) -> bytes:
        """많아야 1초 묵은 글. 누가 이미 만들게 했으면 그것을 함께 기다린다.

        1초짜리 칸마다 한 번 만든다. 만든 때부터 세면, 1초마다 재는 대시보드가 두 번에 한 번은 같은 수를 본다.
        """
        if self._running is None:
            slot = int(self._clock.monotonic_s() // SLOT_S)
            if self._latest is not None and slot == self._slot:
                return self._latest.body
            self._slot = slot
            self._running = asyncio.get_running_loop().run_in_executor(self._thread, self._make)
            self._running.add_done_callback(self._made)
        # 먼저 물은 이가 떠나도 함께 기다리는 이들의 것은 이어진다.
        return (await asyncio.shield(self._running)).body

    def _made(self, running: asyncio.Future[Exposition]) -> None:
        """만들기가 끝났다. 실패는 기다리던 이들이 받고, 다음에 묻는 이가 다시 만들게 한다."""
        self._running = None
        if running.cancelled() or running.exception() is not None:
            self._latest = None
            return
        made, before = running.result(), self._latest
        self._latest = made
        if not made.withheld:
            return
        metrics.invariant_violations.labels("metrics_withheld").inc()
        if before is None or before.withheld != made.withheld:
            log.error("metrics.withheld", families=made.withheld)
