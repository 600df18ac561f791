"""SLO의 셈: 남은 예산과 닳는 빠르기, 지표의 더하기 빼기."""

from __future__ import annotations

import pytest

from ops.slo.objectives import OBJECTIVES, rate_expression, total
from ops.slo.since_start import shares_since_start

MATCH = OBJECTIVES[0]
METRICS = """
# TYPE finalize_total counter
finalize_total{result="finalized"} 990
finalize_total{result="aborted"} %d
finalize_total{result="already_finalized"} 7
# TYPE matchmaking_found_seconds histogram
matchmaking_found_seconds_bucket{le="1.0"} 6
matchmaking_found_seconds_bucket{le="+Inf"} 8
matchmaking_found_seconds_count 8
matchmaking_found_seconds_sum 9.5
"""


@pytest.mark.parametrize(
    ("bad_share", "left", "rate"),
    [(0.0, 1.0, 0.0), (0.0005, 0.5, 0.5), (0.001, 0.0, 1.0), (0.003, -2.0, 3.0)],
)
def test_the_budget_is_what_may_go_wrong(bad_share: float, left: float, rate: float) -> None:
    assert MATCH.budget_left(bad_share) == pytest.approx(left, abs=1e-9)
    assert MATCH.burn_rate(bad_share) == pytest.approx(rate, abs=1e-9)


def test_the_shares_add_up_over_all_processes_and_leave_out_what_never_happened() -> None:
    shares = shares_since_start([METRICS % 4, METRICS % 6])
    assert shares == {"match": pytest.approx(10 / 1990), "found": pytest.approx(4 / 16)}


def test_a_sum_adds_and_takes_away() -> None:
    values = {"finalize_seconds_count": 10.0, "finalize_seconds_bucket": 7.0}
    finalize = OBJECTIVES[-1]
    assert total(finalize.bad, lambda sample, _: values[sample]) == 3
    assert rate_expression(finalize.bad, "5m") == (
        'sum(rate(finalize_seconds_count[5m])) - sum(rate(finalize_seconds_bucket{le="0.25"}[5m]))'
    )


def test_the_targets_are_those_of_the_decision() -> None:
    assert {objective.key: objective.target for objective in OBJECTIVES} == {
        "match": 0.999, "found": 0.95, "tick": 0.99, "resume": 0.95, "finalize": 0.99,
    }  # fmt: skip
