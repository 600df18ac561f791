"""번갈아 잰 짝들의 비: 중앙값과 그 믿음 구간, 그리고 차이가 잡음보다 큰가. 순수하다.

구간은 부호 검정을 뒤집은 것이다(순서 통계량. Conover, Practical Nonparametric Statistics, 3판 3.2절).
비가 어떤 분포든 중앙값은 k째로 작은 값과 k째로 큰 값 사이에 1 - 2·P(Bin(n, 1/2) < k)의 확률로 있다.
짝 여덟이면 k = 1(가장 작은 것에서 가장 큰 것까지)이고 확률은 99.2%다. 여섯 짝이 안 되면 95%에 이르지
못해 아무것도 가르지 못한다.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class MedianInterval:
    """중앙값이 `coverage`의 확률로 있는 구간. 값이 모자라면 끝이 없다(확률 1)."""

    low: float
    high: float
    coverage: float


def sign_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> MedianInterval:
    """중앙값의 가장 좁은 대칭 구간(확률이 `confidence` 이상인 것)."""
    ordered, count = sorted(values), len(values)
    rank, coverage = 0, 1.0
    outside = 0.0
    for candidate in range(1, count // 2 + 1):
        outside += math.comb(count, candidate - 1) / 2**count
        if 1 - 2 * outside < confidence:
            break
        rank, coverage = candidate, 1 - 2 * outside
    if rank == 0:
        return MedianInterval(-math.inf, math.inf, coverage)
    return MedianInterval(ordered[rank - 1], ordered[count - rank], coverage)


@dataclass(frozen=True, slots=True)
class PairedRatio:
    """새것 / 옛것. 1보다 크면 새것이 더 쓴다."""

    ratios: tuple[float, ...]
    median: float
    interval: MedianInterval

    @classmethod
    def of(cls, old: Sequence[float], new: Sequence[float]) -> PairedRatio:
        """짝마다의 비에서 만든다.

        Raises:
            ValueError: 짝이 없거나, 맞지 않거나, 0 이하의 값이 있다.
        """
        if not old or len(old) != len(new):
            raise ValueError("옛것과 새것의 수가 같고 하나 이상이어야 합니다")
        if min(*old, *new) <= 0:
            raise ValueError("잰 값은 0보다 커야 합니다")
        ratios = tuple(after / before for before, after in zip(old, new, strict=True))
        return cls(ratios, statistics.median(ratios), sign_interval(ratios))

    @property
    def below_noise(self) -> bool:
        """구간이 1을 품으면 이 짝들로는 차이가 있다고 말할 수 없다."""
        return self.interval.low <= 1 <= self.interval.high

    def verdict(self, limit: float) -> str:
        """사람이 읽는 한마디."""
        if math.isinf(self.interval.high):
            noise = "짝이 모자라 잡음을 모른다"
        elif self.below_noise:
            noise = "차이가 잡음보다 작다"
        else:
            noise = "더 쓴다" if self.median > 1 else "덜 쓴다"
        return noise if self.median <= limit else f"한도 {limit:g}을 넘었다({noise})"
