"""시간의 예산과 재시도의 예산."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resilience.budget import RetryBudget, RetryBudgetPolicy, TimeBudget

POLICY = RetryBudgetPolicy()
TIMES_S = st.floats(0, 1e6)


def test_a_budget_is_whole_at_first_and_spent_at_its_end() -> None:
    budget = TimeBudget.of(250, now_s=10)
    assert budget.left_ms(10) == 250
    assert not budget.is_spent(10.249)
    assert budget.is_spent(10.25)
    assert budget.left_ms(11) == 0


def test_what_one_call_took_is_gone_for_the_next() -> None:
    budget = TimeBudget.of(250, now_s=0)
    assert 149 <= budget.left_ms(0.1) <= 151


@given(limit_ms=st.floats(0, 1e5), part_ms=st.floats(0, 1e5), start_s=TIMES_S, gap_s=st.floats(0, 100))
def test_a_part_never_outlives_the_whole(
    limit_ms: float, part_ms: float, start_s: float, gap_s: float
) -> None:
    whole = TimeBudget.of(limit_ms, start_s)
    part = whole.at_most(part_ms, start_s + gap_s)
    assert part.ends_at_s <= whole.ends_at_s
    assert part.left_ms(start_s + gap_s) <= part_ms + 1e-3


@given(limit_ms=st.floats(0, 1e5), start_s=TIMES_S, gaps_s=st.lists(st.floats(0, 10), max_size=20))
def test_what_is_left_only_shrinks_and_is_never_negative(
    limit_ms: float, start_s: float, gaps_s: list[float]
) -> None:
    budget, now_s, last_ms = TimeBudget.of(limit_ms, start_s), start_s, float("inf")
    for gap_s in gaps_s:
        now_s += gap_s
        left_ms = budget.left_ms(now_s)
        assert 0 <= left_ms <= last_ms
        assert (left_ms == 0) is budget.is_spent(now_s)
        last_ms = left_ms


def test_a_quiet_peer_still_has_its_least() -> None:
    budget = RetryBudget(POLICY)
    assert [budget.take_retry(0) for _ in range(4)] == [True, True, True, False]


def test_a_busy_peer_has_a_fifth_of_its_calls() -> None:
    budget = RetryBudget(POLICY)
    for _ in range(100):
        budget.note_call(0)
    assert sum(budget.take_retry(0) for _ in range(100)) == 20


def test_a_refused_retry_costs_nothing() -> None:
    budget = RetryBudget(POLICY)
    for _ in range(50):
        budget.take_retry(0)
    for _ in range(20):
        budget.note_call(0)
    assert budget.take_retry(0)


def test_the_window_passes() -> None:
    budget = RetryBudget(POLICY)
    assert sum(budget.take_retry(0) for _ in range(9)) == 3
    assert not budget.take_retry(POLICY.window_s - 1.1)
    assert budget.take_retry(POLICY.window_s)


STEPS = st.lists(st.tuples(st.floats(0, 4), st.booleans()), max_size=300)


@given(steps=STEPS)
def test_no_window_lets_more_retries_out_than_its_calls_allow(steps: list[tuple[float, bool]]) -> None:
    budget, now_s = RetryBudget(POLICY), 0.0
    calls: list[float] = []
    retries: list[float] = []
    for gap_s, is_call in steps:
        now_s += gap_s
        if is_call:
            calls.append(now_s)
            budget.note_call(now_s)
        elif budget.take_retry(now_s):
            retries.append(now_s)
            # 창의 끝은 조각 하나만큼 어긋난다: 좁은 창의 재시도가 넓은 창의 부름을 넘지 않는다.
            sure_s = POLICY.window_s * 0.9
            within = [at_s for at_s in retries if now_s - at_s < sure_s]
            seen = [at_s for at_s in calls if now_s - at_s <= POLICY.window_s]
            assert len(within) <= max(POLICY.least, POLICY.ratio * len(seen))


@given(gaps_s=st.lists(st.floats(0, 0.001), min_size=200, max_size=400))
def test_its_memory_does_not_grow_with_the_calls(gaps_s: list[float]) -> None:
    budget, now_s = RetryBudget(POLICY), 0.0
    for gap_s in gaps_s:
        now_s += gap_s
        budget.note_call(now_s)
    assert len(budget._slices) <= 2


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    budget = RetryBudget(POLICY)
    assert sum(budget.take_retry(100) for _ in range(9)) == 3
    assert not budget.take_retry(50)
    assert not budget.take_retry(100)
