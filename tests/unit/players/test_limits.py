"""들어오는 길의 제한: 무엇을 어느 양동이에서 꺼내는지."""

from __future__ import annotations

import pytest

from kernel.errors import RateLimited, Unavailable
from players.limits import AdmissionLimits, AdmissionRates
from redisstore.ratelimit import Decision
from resilience.stance import Stance

CLOSED = Stance.fail_closed()
RATES = AdmissionRates(
    guests_per_s=50,
    guests_burst=2000,
    refreshes_per_s=40,
    refreshes_burst=80,
    refreshes_per_min_sign_in=120,
    login_failures_per_min=10,
    login_failures_per_min_address=100,
)


class Buckets:
    """정해 준 답을 하는 제한기. 무엇을 물었는지 적어 둔다."""

    def __init__(self, refused: dict[str, int] | None = None) -> None:
        self.asked: list[tuple[str, str, float, int, int]] = []
        self._refused = refused or {}

    def take(self, scope: str, subject: str, rate_per_s: float, burst: int, cost: int = 1) -> Decision:
        self.asked.append((scope, subject, rate_per_s, burst, cost))
        wait_ms = self._refused.get(scope, 0)
        return Decision(not wait_ms, wait_ms)


class StoppedBuckets(Buckets):
    """Redis가 멈춘 제한기."""

    def take(self, scope: str, subject: str, rate_per_s: float, burst: int, cost: int = 1) -> Decision:
        raise Unavailable


def limits(buckets: Buckets, stance: Stance = CLOSED) -> AdmissionLimits:
    return AdmissionLimits(buckets, RATES, stance=stance)  # type: ignore[arg-type]


def test_a_new_player_is_counted_by_address() -> None:
    buckets = Buckets()
    limits(buckets).take_new_player("198.51.100.1")
    assert buckets.asked == [("new-player", "198.51.100.1", 50, 2000, 1)]


def test_looking_before_a_login_takes_nothing() -> None:
    buckets = Buckets()
    limits(buckets).check_login("198.51.100.1", "alice")
    assert [cost for *_, cost in buckets.asked] == [0, 0]


def test_a_failed_login_is_taken_from_the_account_at_that_address_and_the_address() -> None:
    buckets = Buckets()
    limits(buckets).count_failed_login("198.51.100.1", "alice")
    assert buckets.asked == [
        ("login-account", "alice 198.51.100.1", 10 / 60, 10, 1),
        ("login-address", "198.51.100.1", 100 / 60, 100, 1),
    ]


def test_a_refresh_is_counted_by_address_and_by_sign_in() -> None:
    buckets = Buckets()
    limits(buckets).take_refresh("198.51.100.1")
    limits(buckets).take_sign_in_refresh("s1")
    assert buckets.asked == [
        ("refresh-address", "198.51.100.1", 40, 80, 1),
        ("refresh-sign-in", "s1", 2.0, 120, 1),
    ]
    for scope in ("refresh-address", "refresh-sign-in"):
        refused = limits(Buckets({scope: 900}))
        with pytest.raises(RateLimited):
            refused.take_refresh("198.51.100.1")
            refused.take_sign_in_refresh("s1")


@pytest.mark.parametrize("scope", ["login-account", "login-address"])
def test_either_empty_bucket_refuses_the_login(scope: str) -> None:
    with pytest.raises(RateLimited) as refusal:
        limits(Buckets({scope: 4200})).check_login("198.51.100.1", "alice")
    assert refusal.value.retry_after_ms == 4200


def test_a_stopped_redis_lets_nobody_in() -> None:
    with pytest.raises(Unavailable):
        limits(StoppedBuckets()).check_login("198.51.100.1", "alice")
    with pytest.raises(Unavailable):
        limits(StoppedBuckets()).take_new_player("198.51.100.1")


def test_the_stance_it_was_built_with_decides_what_a_stopped_redis_means() -> None:
    counted: list[int] = []
    door = limits(StoppedBuckets(), Stance.fail_open(counted.append))
    door.take_new_player("198.51.100.1")
    door.check_login("198.51.100.1", "kim")
    assert counted == [1, 1, 1]
