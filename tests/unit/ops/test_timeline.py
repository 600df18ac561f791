"""한살이: 지난 걸음만 시각을 갖고, 구간은 띠를 꼭 채우며, 시계가 어긋나도 음수가 없다."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.timeline import MIN_SHARE, MatchTimes, PhaseName, StepName, build_timeline

moments = st.none() | st.integers(0, 10**7)


def times(**changed: Any) -> MatchTimes:
    whole: dict[str, Any] = {
        "queued_ms": 1000, "created_ms": 3500, "started_ms": 3700, "ended_ms": 23_700,
        "finalized_ms": 23_720, "is_rated": True,
    }  # fmt: skip
    return MatchTimes(**{**whole, **changed})


def test_a_whole_match_walks_from_the_queue_to_the_rating() -> None:
    timeline = build_timeline(times(), now_ms=99_999)
    assert [(step.name, step.after_ms) for step in timeline.steps] == [
        (StepName.QUEUED, None),
        (StepName.CREATED, 2500),
        (StepName.STARTED, 200),
        (StepName.ENDED, 20_000),
        (StepName.FINALIZED, 20),
        (StepName.RATED, 0),
    ]
    assert [(phase.name, phase.duration_ms) for phase in timeline.phases] == [
        (PhaseName.WAITING, 2500),
        (PhaseName.STARTING, 200),
        (PhaseName.PLAYING, 20_000),
        (PhaseName.FINALIZING, 20),
    ]
    assert timeline.total_ms == 22_720


def test_a_running_match_is_open_until_now_and_shows_what_is_to_come() -> None:
    timeline = build_timeline(times(ended_ms=None, finalized_ms=None, is_rated=False), now_ms=9_700)
    assert [step.name for step in timeline.steps if step.at_ms is None] == [
        StepName.ENDED,
        StepName.FINALIZED,
        StepName.RATED,
    ]
    last = timeline.phases[-1]
    assert (last.name, last.duration_ms, last.is_open) == (PhaseName.PLAYING, 6_000, True)
    assert not any(phase.is_open for phase in timeline.phases[:-1])


def test_a_match_that_nobody_queued_for_begins_with_its_making() -> None:
    timeline = build_timeline(times(queued_ms=None), now_ms=0)
    assert timeline.steps[0].name is StepName.CREATED
    assert timeline.phases[0].name is PhaseName.STARTING


def test_a_match_aborted_before_its_start_shows_no_start_and_no_rating() -> None:
    timeline = build_timeline(times(started_ms=None, is_rated=False), now_ms=0)
    assert [step.name for step in timeline.steps] == [
        StepName.QUEUED,
        StepName.CREATED,
        StepName.ENDED,
        StepName.FINALIZED,
    ]
    assert [phase.name for phase in timeline.phases][1] is PhaseName.STARTING


@pytest.mark.parametrize("at_ms", [3500, 0])
def test_a_clock_that_went_back_takes_no_time(at_ms: int) -> None:
    timeline = build_timeline(times(started_ms=at_ms, ended_ms=at_ms), now_ms=0)
    assert all(step.after_ms is None or step.after_ms >= 0 for step in timeline.steps)
    assert all(phase.duration_ms >= 0 for phase in timeline.phases)


@given(moments, st.integers(0, 10**7), moments, moments, moments, st.booleans(), st.integers(0, 10**7))
def test_the_phases_fill_the_band_exactly(
    queued: int | None, created: int, started: int | None, ended: int | None, finalized: int | None,
    is_rated: bool, now_ms: int,
) -> None:  # fmt: skip
    timeline = build_timeline(
        MatchTimes(
            queued_ms=queued, created_ms=created, started_ms=started, ended_ms=ended,
            finalized_ms=finalized, is_rated=is_rated,
        ),
        now_ms=now_ms,
    )  # fmt: skip
    phases = timeline.phases
    if phases:
        assert phases[0].start == 0
        assert phases[-1].start + phases[-1].share == pytest.approx(1)
        assert all(phase.share >= MIN_SHARE * 0.999 for phase in phases)
    assert sum(phase.duration_ms for phase in phases) == timeline.total_ms >= 0
