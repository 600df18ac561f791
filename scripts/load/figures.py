"""잰 값에서 숫자를 뽑고 표로 찍는다. 순수하다."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


def percentile(sorted_values: Sequence[float], percent: float) -> float:
    """가장 가까운 순위 방식의 백분위(값은 정렬되어 있어야 한다). 비면 NaN."""
    if not sorted_values:
        return math.nan
    rank = max(1, math.ceil(percent / 100 * len(sorted_values)))
    return sorted_values[rank - 1]


@dataclass(frozen=True, slots=True)
class Spread:
    """한 묶음의 값: 수, p50, p95, p99, 최대."""

    count: int
    p50: float
    p95: float
    p99: float
    largest: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """값들에서 만든다."""
        ordered = sorted(values)
        return cls(
            len(ordered),
            percentile(ordered, 50),
            percentile(ordered, 95),
            percentile(ordered, 99),
            ordered[-1] if ordered else math.nan,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessUse:
    """잰 동안 프로세스 하나가 쓴 CPU 초와 끝날 때의 메모리."""

    name: str
    cpu_s: float
    memory_mib: float


@dataclass(slots=True, kw_only=True)
class Report:
    """시나리오 하나의 결과. `facts`는 이름 → 보여 줄 글, `spreads_ms`는 이름 → 퍼짐(밀리초)."""

    title: str
    elapsed_s: float
    facts: dict[str, str] = field(default_factory=dict)
    spreads_ms: dict[str, Spread] = field(default_factory=dict)
    uses: list[ProcessUse] = field(default_factory=list)
    operations: dict[str, int] = field(default_factory=dict)
    """잰 동안 한 일 → 그 수. 일 하나의 값을 셀 때 쓰고 표에는 없다."""

    def render(self) -> str:
        """사람이 읽고 보고서에 그대로 붙이는 마크다운."""
        lines = [f"### {self.title}", "", f"- 잰 시간: {self.elapsed_s:.2f} s"]
        lines += [f"- {name}: {text}" for name, text in self.facts.items()]
        if self.spreads_ms:
            lines += ["", "| 지연(ms) | 수 | p50 | p95 | p99 | 최대 |", "| --- " * 6 + "|"]
            lines += [
                f"| {name} | {s.count} | {s.p50:.1f} | {s.p95:.1f} | {s.p99:.1f} | {s.largest:.1f} |"
                for name, s in self.spreads_ms.items()
            ]
        if self.uses:
            lines += ["", "| 프로세스 | CPU(s) | 코어의 % | 메모리(MiB) |", "| --- " * 4 + "|"]
            lines += [self._use_row(use) for use in [*self.uses, self._sum()]]
        return "\n".join(lines)

    def _use_row(self, use: ProcessUse) -> str:
        percent = 100 * use.cpu_s / self.elapsed_s
        return f"| {use.name} | {use.cpu_s:.2f} | {percent:.1f} | {use.memory_mib:.0f} |"

    def _sum(self) -> ProcessUse:
        return ProcessUse(
            name="합",
            cpu_s=sum(use.cpu_s for use in self.uses),
            memory_mib=sum(use.memory_mib for use in self.uses),
        )
