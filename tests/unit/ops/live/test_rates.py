"""누적 숫자의 빠르기: 재시작에도, 빠진 답에도 음수가 되지 않는다."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.live.rates import CounterRate


def test_one_look_is_not_a_rate() -> None:
    rate = CounterRate()
    assert rate.per_s() is None
    rate.note(0.0, {"a": 100})
    assert rate.per_s() is None


def test_the_rate_is_the_growth_of_all_processes_in_the_window() -> None:
    rate = CounterRate(window_s=2)
    for second in range(6):
        rate.note(float(second), {"a": 10 * second, "b": 1000 + 5 * second})
    assert rate.per_s() == pytest.approx(15)


def test_an_old_burst_leaves_the_window() -> None:
    rate = CounterRate(window_s=2)
    for second, total in enumerate([0, 500, 500, 500, 500]):
        rate.note(float(second), {"a": total})
    assert rate.per_s() == 0


def test_a_restarted_process_counts_from_zero() -> None:
    rate = CounterRate()
    rate.note(0.0, {"a": 1000})
    rate.note(1.0, {"a": 6})
    assert rate.per_s() == 6


def test_a_process_seen_for_the_first_time_adds_nothing() -> None:
    rate = CounterRate()
    rate.note(0.0, {})
    rate.note(1.0, {"a": 1_000_000})
    assert rate.per_s() == 0


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.floats(0, 1e9)), min_size=2, max_size=20))
def test_the_rate_is_never_negative(looks: list[dict[str, float]]) -> None:
    rate = CounterRate()
    for second, totals in enumerate(looks):
        rate.note(float(second), totals)
    assert (rate.per_s() or 0) >= 0
