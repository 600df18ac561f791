"""부하 도구의 숫자: 백분위와 표."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from load.figures import ProcessUse, Report, Spread, percentile

VALUES = st.lists(st.floats(min_value=0, max_value=1e6), min_size=1, max_size=200)


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (50, 2), (75, 3), (76, 4), (100, 4)])
def test_a_percentile_is_the_nearest_ranked_value(percent: float, expected: float) -> None:
    assert percentile([1, 2, 3, 4], percent) == expected


def test_nothing_measured_is_not_a_number() -> None:
    assert math.isnan(percentile([], 50))
    assert math.isnan(Spread.of([]).largest)


@given(VALUES)
def test_a_spread_grows_from_p50_to_the_largest(values: list[float]) -> None:
    spread = Spread.of(values)
    assert min(values) <= spread.p50 <= spread.p95 <= spread.p99 <= spread.largest == max(values)


def test_a_report_shows_each_process_and_their_sum_as_parts_of_a_core() -> None:
    report = Report(title="판", elapsed_s=10.0)
    report.uses = [
        ProcessUse(name="gateway1", cpu_s=1.0, memory_mib=50),
        ProcessUse(name="session1", cpu_s=2.0, memory_mib=60),
    ]
    text = report.render()
    assert "| gateway1 | 1.00 | 10.0 | 50 |" in text
    assert "| 합 | 3.00 | 30.0 | 110 |" in text
