"""재시도의 규칙: 횟수와 간격."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience.retry import RetryPolicy

POLICY = RetryPolicy(max_attempts=3, base_ms=50, cap_ms=500)


@pytest.mark.parametrize(("made", "allowed"), [(0, True), (1, True), (2, True), (3, False), (4, False)])
def test_the_first_try_counts_as_one_of_the_attempts(made: int, allowed: bool) -> None:
    assert POLICY.allows(made) is allowed


@pytest.mark.parametrize(("made", "ceiling_ms"), [(1, 50), (2, 100), (3, 200), (4, 400), (5, 500), (50, 500)])
def test_the_ceiling_doubles_up_to_the_cap(made: int, ceiling_ms: float) -> None:
    assert POLICY.delay_ms(made, 1.0) == ceiling_ms


@given(made=st.integers(1, 1_000_000), chance=st.floats(0, 1))
def test_the_jitter_covers_everything_below_the_ceiling(made: int, chance: float) -> None:
    delay_ms = POLICY.delay_ms(made, chance)
    assert 0 <= delay_ms <= POLICY.cap_ms
    assert delay_ms == POLICY.delay_ms(made, 1.0) * chance
