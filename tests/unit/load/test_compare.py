"""견주는 명령의 순수한 곳: 보고서에서 일 하나의 값, 그리고 표와 판정."""

from __future__ import annotations

import pytest

from load.compare import Cost, Costs, cost, table, within_limit
from load.figures import ProcessUse, Report, Spread


def costs(join_us: float, state_us: float = 10.0) -> Costs:
    return {"join": Cost(join_us, 5.0), "state": Cost(state_us, 50.0)}


def test_the_cost_of_an_operation_is_the_cpu_of_ours_and_redis_over_their_number() -> None:
    report = Report(title="", elapsed_s=1.0)
    report.uses = [
        ProcessUse(name=name, cpu_s=used_s, memory_mib=1.0)
        for name, used_s in (("gateway1", 0.5), ("redis", 0.25), ("mariadb", 9.0), ("lb", 9.0))
    ]
    report.operations["join"] = 1000
    report.spreads_ms["답"] = Spread.of([1.0, 2.0, 9.0])
    assert cost(report, "join", "답") == Cost(cpu_us=750.0, latency_ms=2.0)


def test_one_operation_over_the_limit_is_enough_to_fail() -> None:
    old = [costs(100.0)] * 8
    assert within_limit(old, [costs(105.0)] * 8)
    assert not within_limit(old, [costs(100.0, state_us=10.6)] * 8)


def test_latency_is_shown_and_does_not_decide() -> None:
    slow: Costs = {"join": Cost(100.0, 50.0), "state": Cost(10.0, 50.0)}
    assert within_limit([costs(100.0)] * 8, [slow] * 8)
    assert "| 10.000 |" in table([costs(100.0)] * 8, [slow] * 8)


@pytest.mark.parametrize("join_us", [99.0, 101.0])
def test_the_table_says_when_a_difference_is_below_its_noise(join_us: float) -> None:
    old = [costs(100.0)] * 8
    new = [costs(join_us), costs(200.0 - join_us)] * 4
    assert "차이가 잡음보다 작다" in table(old, new).splitlines()[4]
