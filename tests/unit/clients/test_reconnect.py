"""끊긴 뒤의 규칙: 되풀이해도 소용없는 닫힘에서는 멈추고, 자리가 있으면 resume부터 한다."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpan_client.reconnect import Backoff, Step, step_after_close, step_after_refusal


@given(st.integers(1, 60), st.floats(0, 1), st.floats(0, 30))
def test_the_pause_stays_between_the_advice_and_the_cap(
    failures: int, random_0_1: float, advised_s: float
) -> None:
    policy = Backoff(base_ms=100, cap_ms=5_000)
    pause_s = policy.delay_s(failures, random_0_1, at_least_s=advised_s)
    assert advised_s <= pause_s <= advised_s + min(5.0, 0.1 * 2.0 ** (failures - 1)) + 1e-9


def test_it_gives_up_after_the_last_attempt() -> None:
    policy = Backoff(max_attempts=3)
    assert [policy.allows(failures) for failures in range(5)] == [True, True, True, False, False]


@pytest.mark.parametrize("code", [1002, 4400, 4401, 4409])
def test_a_close_that_would_repeat_stops(code: int) -> None:
    assert step_after_close(code, told_to_stay_away=False, has_seat=True) is Step.STOP


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1009, 1011, 1012, 4408, 4410, 4429, 4503, 4900])
def test_any_other_close_comes_back_to_the_seat_or_says_hello(code: int) -> None:
    assert step_after_close(code, told_to_stay_away=False, has_seat=True) is Step.RESUME
    assert step_after_close(code, told_to_stay_away=False, has_seat=False) is Step.HELLO


def test_a_goodbye_without_return_is_obeyed() -> None:
    assert step_after_close(4900, told_to_stay_away=True, has_seat=True) is Step.STOP


@pytest.mark.parametrize("code", ["RESUME_INVALID", "RESUME_EXPIRED", "SESSION_LOST", "PERMISSION_DENIED"])
def test_a_dead_seat_falls_back_to_hello(code: str) -> None:
    assert step_after_refusal(code, has_seat=True) is Step.HELLO


@pytest.mark.parametrize("code", ["UNAVAILABLE", "RATE_LIMITED", "INTERNAL"])
def test_a_passing_refusal_keeps_the_seat(code: str) -> None:
    assert step_after_refusal(code, has_seat=True) is Step.RESUME
    assert step_after_refusal(code, has_seat=False) is Step.HELLO


def test_a_bad_token_is_not_tried_again() -> None:
    assert step_after_refusal("UNAUTHENTICATED", has_seat=True) is Step.STOP
