"""Prometheus가 없을 때의 셈: 프로세스들의 /metrics에서, 저마다 뜬 뒤로 쌓인 수를 더한다."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from asgiref.sync import async_to_sync
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from kernel.errors import Unavailable
from ops.live.scrape import SCRAPE_TIMEOUT_S, fetch_metrics
from ops.live.targets import Target
from ops.slo.objectives import OBJECTIVES, total


def shares_since_start(texts: Iterable[str]) -> dict[str, float]:
    """목표의 열쇠마다 나쁜 일의 몫. 아무 일도 없던 목표는 빠진다. 순수하다."""
    families = [family for text in texts for family in text_string_to_metric_families(text)]

    def value_of(sample: str, labels: Mapping[str, str]) -> float:
        return sum(_values(families, sample, labels))

    shares: dict[str, float] = {}
    for objective in OBJECTIVES:
        happened = total(objective.all, value_of)
        if happened > 0:
            shares[objective.key] = max(0.0, total(objective.bad, value_of) / happened)
    return shares


def read_all(targets: Iterable[Target]) -> list[str]:
    """닿는 프로세스들의 /metrics. 닿지 않는 것은 건너뛴다."""
    return async_to_sync(_gather)(list(targets))


async def _gather(targets: list[Target]) -> list[str]:
    texts = await asyncio.gather(*map(_text_or_none, targets))
    return [text for text in texts if text is not None]


async def _text_or_none(target: Target) -> str | None:
    try:
        return await fetch_metrics(target, timeout_s=SCRAPE_TIMEOUT_S)
    except Unavailable:
        return None


def _values(families: Iterable[Metric], sample: str, labels: Mapping[str, str]) -> Iterable[float]:
    return (
        row.value
        for family in families
        for row in family.samples
        if row.name == sample and labels.items() <= row.labels.items()
    )
