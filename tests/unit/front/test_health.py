"""상태의 쪽이 묻는 법: 1초에 한 번, 로드 밸런서의 말은 있는 그대로."""

from __future__ import annotations

import pytest

from front.health import Health, SharedCheck, Stores, gateways_health
from tests.fakes.manual_clock import ManualClock


def test_however_often_it_is_opened_it_asks_once_a_second() -> None:
    asked: list[float] = []
    clock = ManualClock()

    def ask() -> Stores:
        asked.append(clock.now_s)
        return Stores(Health.UP, Health.UP, Health.UP, Health.UP)

    check = SharedCheck(ask, clock)
    for _ in range(50):
        assert check.stores().redis is Health.UP
    clock.now_s += 1.1
    check.stores()
    assert asked == [100.0, 101.1]


@pytest.mark.parametrize(
    ("told", "health"),
    [
        ("2", Health.UP),
        ("0", Health.DOWN),
        (None, Health.UNKNOWN),
        ("x", Health.UNKNOWN),
        ("²", Health.UNKNOWN),
    ],
)
def test_what_the_load_balancer_told_of_the_gateways(told: str | None, health: Health) -> None:
    assert gateways_health(told) is health
