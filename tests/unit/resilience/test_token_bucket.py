"""프로세스 안의 양동이."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resilience.token_bucket import TokenBucket


def test_a_full_bucket_gives_its_burst_and_no_more() -> None:
    bucket = TokenBucket(rate_per_s=10, burst=3, now_s=0)
    assert [bucket.take(0) for _ in range(4)] == [True, True, True, False]


def test_a_refused_take_costs_nothing() -> None:
    bucket = TokenBucket(rate_per_s=10, burst=1, now_s=0)
    bucket.take(0)
    for _ in range(5):
        assert not bucket.take(0.05)
    assert bucket.take(0.1)


def test_it_says_when_the_next_one_is_there() -> None:
    bucket = TokenBucket(rate_per_s=10, burst=1, now_s=0)
    bucket.take(0)
    assert not bucket.take(0.02)
    assert 79 <= bucket.retry_after_ms() <= 80


def test_a_clock_that_goes_back_neither_fills_nor_empties() -> None:
    bucket = TokenBucket(rate_per_s=10, burst=2, now_s=10)
    assert bucket.take(10)
    assert bucket.take(5)
    assert not bucket.take(5)


@given(gaps_s=st.lists(st.floats(0, 2), max_size=200), rate=st.floats(0.5, 100), burst=st.integers(1, 20))
def test_no_time_lets_more_out_than_burst_and_rate(gaps_s: list[float], rate: float, burst: int) -> None:
    bucket, now_s, taken = TokenBucket(rate_per_s=rate, burst=burst, now_s=0), 0.0, 0
    for gap_s in gaps_s:
        now_s += gap_s
        taken += bucket.take(now_s)
    assert taken <= burst + rate * now_s + 1e-6
