"""쓸 수 있는 만큼을 세는 것: 요청 하나의 시간(TimeBudget)과 상대 하나에 다시 해 볼 횟수(RetryBudget).

순수하다: 시각은 단조 초로 받고, 기다리지 않는다.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

SLICES = 10  # 창을 나눈 조각의 수. 기억이 부름의 수와 함께 자라지 않는다


@dataclass(frozen=True, slots=True)
class TimeBudget:
    """요청 하나에 남은 시간. 기한 하나를 여러 부름이 나눠 쓴다."""

    ends_at_s: float

    @classmethod
    def of(cls, limit_ms: float, now_s: float) -> TimeBudget:
        """지금부터 `limit_ms`."""
        return cls(now_s + limit_ms / 1000)

    def left_ms(self, now_s: float) -> float:
        """남은 시간. 다 썼으면 0이다."""
        return max(0.0, self.ends_at_s - now_s) * 1000

    def is_spent(self, now_s: float) -> bool:
        """다 썼는가."""
        return now_s >= self.ends_at_s

    def at_most(self, limit_ms: float, now_s: float) -> TimeBudget:
        """이 가운데 많아야 `limit_ms`만 쓰는 몫. 남은 것보다 길어지지 않는다."""
        return TimeBudget(min(self.ends_at_s, now_s + limit_ms / 1000))


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryBudgetPolicy:
    """다시 해 볼 수 있는 만큼: 최근 `window_s`초의 첫 부름의 `ratio`, 적어도 `least`번(Envoy: 20 %와 3)."""

    ratio: float = 0.2
    least: int = 3
    window_s: float = 10.0


class RetryBudget:
    """상대 하나에 다시 해 볼 횟수. 모두가 함께 실패할 때 재시도가 부하를 몇 배로 만들지 않게 한다."""

    __slots__ = ("_calls", "_policy", "_retries", "_slices")

    def __init__(self, policy: RetryBudgetPolicy) -> None:
        self._policy = policy
        self._slices: deque[tuple[int, int, int]] = deque()  # (조각 번호, 첫 부름, 재시도)
        self._calls = 0
        self._retries = 0

    def note_call(self, now_s: float) -> None:
        """첫 부름 하나를 센다. 재시도는 세지 않는다."""
        self._add(now_s, calls=1, retries=0)

    def take_retry(self, now_s: float) -> bool:
        """재시도 하나를 꺼낸다. 없으면 False이고 아무것도 줄지 않는다."""
        self._forget(now_s)
        if self._retries + 1 > max(self._policy.least, self._policy.ratio * self._calls):
            return False
        self._add(now_s, calls=0, retries=1)
        return True

    def _add(self, now_s: float, *, calls: int, retries: int) -> None:
        self._forget(now_s)
        number = self._slice(now_s)
        self._calls += calls
        self._retries += retries
        if self._slices and self._slices[-1][0] >= number:  # 시계가 뒤로 가도 마지막 조각에 든다
            last, *_ = self._slices[-1]
            self._slices[-1] = (last, self._slices[-1][1] + calls, self._slices[-1][2] + retries)
        else:
            self._slices.append((number, calls, retries))

    def _forget(self, now_s: float) -> None:
        oldest = self._slice(now_s) - SLICES
        while self._slices and self._slices[0][0] <= oldest:
            _, calls, retries = self._slices.popleft()
            self._calls -= calls
            self._retries -= retries

    def _slice(self, now_s: float) -> int:
        return int(now_s // (self._policy.window_s / SLICES))
