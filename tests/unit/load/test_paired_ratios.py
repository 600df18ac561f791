"""번갈아 잰 짝들의 비: 부호 검정의 구간과, 차이가 잡음보다 작다는 말."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from load.paired_ratios import PairedRatio, sign_interval

POSITIVE = st.floats(min_value=0.01, max_value=100)


@pytest.mark.parametrize(
    ("count", "low", "high", "coverage"),
    [(6, 1, 6, 0.96875), (8, 1, 8, 0.9921875), (9, 2, 8, 0.9609375), (20, 6, 15, 0.95861)],
)
def test_the_interval_is_that_of_the_sign_test(count: int, low: int, high: int, coverage: float) -> None:
    interval = sign_interval([float(value) for value in range(count, 0, -1)])
    assert (interval.low, interval.high) == (low, high)
    assert interval.coverage == pytest.approx(coverage, abs=1e-5)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_too_few_pairs_bound_nothing(count: int) -> None:
    interval = sign_interval([1.0] * count)
    assert math.isinf(interval.low) and math.isinf(interval.high)
    assert PairedRatio.of([1.0] * count, [2.0] * count).below_noise


@given(st.lists(POSITIVE, min_size=1, max_size=40))
def test_the_median_stands_inside_its_interval(values: list[float]) -> None:
    ratio = PairedRatio.of([1.0] * len(values), values)
    assert ratio.interval.low <= ratio.median <= ratio.interval.high


def test_each_ratio_is_of_one_pair() -> None:
    ratio = PairedRatio.of([1.0, 10.0, 100.0], [2.0, 10.0, 50.0])
    assert ratio.ratios == (2.0, 1.0, 0.5)
    assert ratio.median == 1.0


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ([0.98, 0.99, 1.0, 1.01, 1.02, 0.97, 1.03, 1.0], "차이가 잡음보다 작다"),
        ([1.02, 1.03, 1.02, 1.03, 1.02, 1.03, 1.02, 1.03], "더 쓴다"),
        ([0.9] * 8, "덜 쓴다"),
        ([1.1] * 8, "한도 1.05을 넘었다(더 쓴다)"),
        ([0.9, 1.1, 1.2, 1.1, 1.1, 1.1, 1.1, 1.1], "한도 1.05을 넘었다(차이가 잡음보다 작다)"),
        ([1.0], "짝이 모자라 잡음을 모른다"),
    ],
)
def test_the_verdict_tells_noise_from_a_difference(new: list[float], said: str) -> None:
    assert PairedRatio.of([1.0] * len(new), new).verdict(1.05) == said


@pytest.mark.parametrize(("old", "new"), [([], []), ([1.0], [1.0, 2.0]), ([0.0], [1.0]), ([1.0], [-1.0])])
def test_what_cannot_be_a_pair_is_refused(old: list[float], new: list[float]) -> None:
    with pytest.raises(ValueError, match="합니다"):
        PairedRatio.of(old, new)
