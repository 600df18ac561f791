"""회로 차단기: 아픈 상대에게 잠시 묻지 않고, 조금씩 물어 보아 나았으면 다시 잇는 상태 기계.

순수하다: 시각은 단조 초로 받고, 부르지도 기다리지도 않는다. 부르기 전에 `admit`으로 허락을 얻고, 끝나면
어떻게 끝나든 그 허락을 `settle`로 돌려준다. 잠그는 것이 없어 루프 하나나 잠근 자리에서만 쓴다. 상대에 하나.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from enum import StrEnum


class BreakerState(StrEnum):
    """차단기의 상태. OPEN에서 쉬는 시간이 지난 뒤의 첫 물음이 HALF_OPEN으로 옮긴다."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class CallEnd(StrEnum):
    """부름 하나가 어떻게 끝났는가. 느린 것은 차단기가 스스로 잰다.

    도메인의 답(중복, 잘못된 인자)은 상대가 멀쩡하다는 뜻이라 ANSWERED이고, 우리 제한 시간이 다한 것은
    FAILED다. 부른 쪽이 스스로 그만둔 것(CANCELLED)은 상대에 대해 아무것도 말하지 않는다.
    """

    ANSWERED = "answered"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerPolicy:
    """언제 열고 닫는가. 최근 `window_calls`번과 `window_s`초 가운데 좁은 쪽만 본다.

    그 안에 `min_calls`번이 있고 `bad_ratio` 이상이 실패했거나 `slow_s`초 이상 걸렸으면 연다. 연 뒤
    `open_s`초는 묻지 않고, 그 뒤 `probes`번만 물어 모두 성하면 닫는다.
    """

    slow_s: float
    window_calls: int = 50
    window_s: float = 10.0
    min_calls: int = 20
    bad_ratio: float = 0.5
    open_s: float = 5.0
    probes: int = 3

    @classmethod
    def after_one_failure(cls, open_s: float) -> BreakerPolicy:
        """실패 하나로 열어 `open_s`초를 쉬고, 하나로 물어본다. 한 번에 하나만 묻는 이의 것이다."""
        return cls(slow_s=math.inf, window_calls=1, min_calls=1, open_s=open_s, probes=1)


@dataclass(frozen=True, slots=True)
class Permit:
    """부름 하나의 허락. `era`가 지금의 것이 아니면 그 끝은 이미 지난 이야기다."""

    era: int
    admitted_at_s: float


class Breaker:
    """상대 하나의 차단기."""

    __slots__ = ("_bad", "_era", "_open_until_s", "_passed", "_policy", "_probing", "_recent", "_state")

    def __init__(self, policy: BreakerPolicy) -> None:
        self._policy = policy
        self._state = BreakerState.CLOSED
        self._era = 0
        self._recent: deque[tuple[float, bool]] = deque()
        self._bad = 0
        self._open_until_s = 0.0
        self._probing = 0
        self._passed = 0

    @property
    def state(self) -> BreakerState:
        """마지막 `admit`이나 `settle`이 남긴 상태."""
        return self._state

    def admit(self, now_s: float) -> Permit | None:
        """지금 불러도 되는가. 안 되면 None이고, 언제 다시 물을지는 `retry_after_s`가 안다."""
        if self._state is BreakerState.OPEN:
            if now_s < self._open_until_s:
                return None
            self._enter(BreakerState.HALF_OPEN)
        if self._state is BreakerState.HALF_OPEN:
            if self._probing + self._passed >= self._policy.probes:
                return None
            self._probing += 1
        return Permit(self._era, now_s)

    def settle(self, permit: Permit, end: CallEnd, now_s: float) -> None:
        """허락을 돌려준다. 상태가 바뀌기 전에 얻은 허락의 끝은 보지 않는다. 허락 하나에 한 번만 부른다."""
        if permit.era != self._era:
            return
        is_bad = end is CallEnd.FAILED or now_s - permit.admitted_at_s >= self._policy.slow_s
        if self._state is BreakerState.HALF_OPEN:
            self._settle_probe(end, now_s, is_bad=is_bad)
        elif end is not CallEnd.CANCELLED:
            self._record(now_s, is_bad=is_bad)

    def retry_after_s(self, now_s: float) -> float:
        """다시 물어볼 만해질 때까지의 초. 지금 물어도 되면 0이다."""
        return max(0.0, self._open_until_s - now_s) if self._state is BreakerState.OPEN else 0.0

    def _settle_probe(self, end: CallEnd, now_s: float, *, is_bad: bool) -> None:
        self._probing -= 1
        if end is CallEnd.CANCELLED:
            return  # 아무것도 배우지 못했다: 다음 물음이 그 자리를 쓴다
        if is_bad:
            self._open(now_s)
            return
        self._passed += 1
        if self._passed >= self._policy.probes:
            self._enter(BreakerState.CLOSED)

    def _record(self, now_s: float, *, is_bad: bool) -> None:
        policy = self._policy
        self._recent.append((now_s, is_bad))
        self._bad += is_bad
        while len(self._recent) > policy.window_calls or now_s - self._recent[0][0] > policy.window_s:
            self._bad -= self._recent.popleft()[1]
        count = len(self._recent)
        if count >= policy.min_calls and self._bad >= policy.bad_ratio * count:
            self._open(now_s)

    def _open(self, now_s: float) -> None:
        self._enter(BreakerState.OPEN)
        self._open_until_s = now_s + self._policy.open_s

    def _enter(self, state: BreakerState) -> None:
        self._state = state
        self._era += 1
        self._recent.clear()
        self._bad = self._probing = self._passed = 0
