"""메시지 속도의 규칙."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.websocket.flood import PATIENCE_S, FloodGuard, FloodVerdict

RATE_PER_S, BURST = 60.0, 120


def guard() -> FloodGuard:
    return FloodGuard(rate_per_s=RATE_PER_S, burst=BURST, now_s=0.0)


def burst(flood: FloodGuard, count: int, now_s: float) -> list[FloodVerdict]:
    return [flood.check(now_s) for _ in range(count)]


def test_a_burst_within_the_limit_passes() -> None:
    assert set(burst(guard(), BURST, 0.0)) == {FloodVerdict.PASS}


def test_the_first_frame_over_the_limit_warns_and_the_next_ones_are_dropped() -> None:
    flood = guard()
    burst(flood, BURST, 0.0)
    assert burst(flood, 3, 0.0) == [FloodVerdict.WARN, FloodVerdict.DROP, FloodVerdict.DROP]
    assert flood.retry_after_ms() > 0


def test_a_warning_comes_at_most_once_a_second() -> None:
    flood = guard()
    burst(flood, BURST, 0.0)
    assert burst(flood, 1, 0.0) == [FloodVerdict.WARN]
    assert FloodVerdict.WARN not in burst(flood, 10, 0.01)
    assert FloodVerdict.WARN in burst(flood, 70, 1.0)


def test_a_flood_that_goes_on_closes() -> None:
    flood = guard()
    verdicts = burst(flood, 2 * BURST + 1, 0.0)
    assert verdicts[-1] is FloodVerdict.CLOSE
    assert FloodVerdict.CLOSE not in verdicts[:-1]


def test_a_little_over_the_limit_for_long_never_closes() -> None:
    flood = guard()
    verdicts = {flood.check(step / (RATE_PER_S * 1.2)) for step in range(5000)}
    assert FloodVerdict.CLOSE not in verdicts
    assert FloodVerdict.WARN in verdicts


def test_far_over_the_limit_for_a_while_closes() -> None:
    flood = guard()
    verdicts = [flood.check(step / (RATE_PER_S * 2)) for step in range(1500)]
    assert FloodVerdict.CLOSE in verdicts


def test_old_sins_are_forgotten() -> None:
    flood = guard()
    burst(flood, 2 * BURST, 0.0)
    later_s = PATIENCE_S + 1.0
    assert FloodVerdict.CLOSE not in burst(flood, 2 * BURST, later_s)


@given(gaps_s=st.lists(st.floats(0, 0.05), max_size=300))
def test_no_window_lets_more_through_than_burst_and_rate(gaps_s: list[float]) -> None:
    flood, now_s, passed = guard(), 0.0, 0
    for gap_s in gaps_s:
        now_s += gap_s
        passed += flood.check(now_s) is FloodVerdict.PASS
    assert passed <= BURST + RATE_PER_S * now_s + 1e-6
