"""봇 무리의 셈: 같은 판은 한 번, 빠르기는 지난 1분의 것."""

from __future__ import annotations

from bots.report import REMEMBERED_MATCHES, SwarmReport


def test_a_match_that_two_bots_heard_ending_is_counted_once() -> None:
    tally = SwarmReport(0.0)
    tally.end_match("a", 1.0, aborted=False)
    tally.end_match("a", 1.1, aborted=False)
    tally.end_match("b", 2.0, aborted=True)
    assert (tally.finished, tally.aborted) == (1, 1)


def test_the_rate_is_that_of_the_last_minute() -> None:
    tally = SwarmReport(0.0)
    for second in range(10):
        tally.end_match(f"old-{second}", float(second), aborted=False)
    assert tally.matches_per_min(10.0) == 60.0
    tally.end_match("new", 200.0, aborted=False)
    assert tally.matches_per_min(200.0) == 1.0
    assert SwarmReport(5.0).matches_per_min(5.0) == 0.0


def test_the_memory_of_counted_matches_is_bounded() -> None:
    tally = SwarmReport(0.0)
    for number in range(REMEMBERED_MATCHES + 100):
        tally.end_match(str(number), 0.0, aborted=False)
    assert len(tally._counted) == REMEMBERED_MATCHES


def test_the_line_and_the_summary_say_what_happened() -> None:
    tally = SwarmReport(0.0, waiting=1, playing=4)
    tally.end_match("a", 1.0, aborted=False)
    tally.errors["UNAVAILABLE"] += 2
    assert tally.line(60.0) == "대기열 1명 · 두는 중 4명 · 끝남 1판 · 중단 0 · 오류 2 · 분당 1판"
    assert "1판이 끝났고 0판이 중단" in tally.summary(60.0)
    assert "UNAVAILABLE: 2번" in tally.summary(60.0)
