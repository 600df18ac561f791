"""판의 한살이: 줄 → 판 → session → finalize → 레이팅. 시각들에서 걸음과 구간을 짜는 순수한 코드다."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# 아주 짧은 구간도 띠에서 보이도록 이만큼은 차지한다.
MIN_SHARE: Final = 0.015


class StepName(StrEnum):
    """판이 지나는 자리."""

    QUEUED = "queued"
    CREATED = "created"
    STARTED = "started"
    ENDED = "ended"
    FINALIZED = "finalized"
    RATED = "rated"


class PhaseName(StrEnum):
    """이웃한 두 자리 사이."""

    WAITING = "waiting"
    STARTING = "starting"
    PLAYING = "playing"
    FINALIZING = "finalizing"


_PHASES: Final = (
    (PhaseName.WAITING, StepName.QUEUED, StepName.CREATED),
    (PhaseName.STARTING, StepName.CREATED, StepName.STARTED),
    (PhaseName.PLAYING, StepName.STARTED, StepName.ENDED),
    (PhaseName.FINALIZING, StepName.ENDED, StepName.FINALIZED),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchTimes:
    """판의 시각들(1970년부터의 밀리초). 아직이거나 거치지 않았으면 None이다."""

    queued_ms: int | None
    created_ms: int
    started_ms: int | None
    ended_ms: int | None
    finalized_ms: int | None
    is_rated: bool


@dataclass(frozen=True, slots=True)
class Step:
    """걸음 하나. `after_ms`는 바로 앞에 지난 걸음부터 걸린 시간이다."""

    name: StepName
    at_ms: int | None
    after_ms: int | None


@dataclass(frozen=True, slots=True)
class TimelinePhase:
    """구간 하나와 띠에서의 자리(0에서 1). `is_open`이면 아직 흐르고 있다."""

    name: PhaseName
    duration_ms: int
    start: float
    share: float
    is_open: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """걸음들과 구간들. `total_ms`는 첫 걸음부터 마지막 걸음(도는 판은 지금)까지다."""

    steps: tuple[Step, ...]
    phases: tuple[TimelinePhase, ...]
    total_ms: int


def build_timeline(times: MatchTimes, *, now_ms: int) -> Timeline:
    """시각들에서 한살이를 짠다. 시계가 조금 어긋나도 걸린 시간은 음수가 되지 않는다."""
    moments = {
        StepName.QUEUED: times.queued_ms,
        StepName.CREATED: times.created_ms,
        StepName.STARTED: times.started_ms,
        StepName.ENDED: times.ended_ms,
        StepName.FINALIZED: times.finalized_ms,
        # 레이팅은 finalize와 같은 트랜잭션에서 바뀐다.
        StepName.RATED: times.finalized_ms if times.is_rated else None,
    }
    phases = _phases(moments, now_ms)
    return Timeline(_steps(moments), phases, sum(phase.duration_ms for phase in phases))


def _steps(moments: dict[StepName, int | None]) -> tuple[Step, ...]:
    steps = []
    before_ms: int | None = None
    for name, at_ms in moments.items():
        # 없는 걸음은 앞으로 올 수 있는 것만 보인다: 줄을 거치지 않은 판에 줄을 세우지 않는다.
        if at_ms is None and (name is StepName.QUEUED or moments[StepName.FINALIZED] is not None):
            continue
        after_ms = None if at_ms is None or before_ms is None else max(0, at_ms - before_ms)
        steps.append(Step(name, at_ms, after_ms))
        before_ms = at_ms if at_ms is not None else before_ms
    return tuple(steps)


def _phases(moments: dict[StepName, int | None], now_ms: int) -> tuple[TimelinePhase, ...]:
    spans: list[tuple[PhaseName, int, bool]] = []
    known = [(name, at_ms) for name, at_ms in moments.items() if at_ms is not None]
    by_start = {start: (phase, end) for phase, start, end in _PHASES}
    for (name, at_ms), following in zip(known, [*known[1:], None], strict=True):
        if name not in by_start:
            continue
        phase, _ = by_start[name]
        end_ms = now_ms if following is None else following[1]
        spans.append((phase, max(0, end_ms - at_ms), following is None))
    return _placed(spans)


def _placed(spans: Sequence[tuple[PhaseName, int, bool]]) -> tuple[TimelinePhase, ...]:
    total_ms = sum(duration_ms for _, duration_ms, _ in spans)
    free = 1 - MIN_SHARE * len(spans)
    placed = []
    start = 0.0
    for name, duration_ms, is_open in spans:
        share = MIN_SHARE + free * (duration_ms / total_ms if total_ms else 1 / len(spans))
        placed.append(TimelinePhase(name, duration_ms, start, share, is_open))
        start += share
    return tuple(placed)
