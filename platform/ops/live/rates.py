"""여러 프로세스의 누적 숫자에서 1초에 몇인지를 낸다. 시각은 인자로 받는 순수한 코드다."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping


class CounterRate:
    """지난 `window_s`초의 평균 빠르기.

    프로세스가 다시 떠 0부터 세면 그 값을 새로 늘어난 만큼으로 본다. 처음 보는 프로세스의 값은 기준일 뿐이다.
    """

    def __init__(self, *, window_s: float = 10.0) -> None:
        self._window_s = window_s
        self._last: dict[str, float] = {}
        self._grown = 0.0
        self._history: deque[tuple[float, float]] = deque()

    def note(self, now_s: float, totals: Mapping[str, float]) -> None:
        """지금의 누적값들. 답하지 않은 프로세스는 빠져 있어도 된다."""
        for name, total in totals.items():
            before = self._last.get(name, total)
            self._grown += total - before if total >= before else total
            self._last[name] = total
        self._history.append((now_s, self._grown))
        # 창의 시작보다 오래된 것은 하나만 남긴다: 그것이 창의 왼쪽 끝이다.
        while len(self._history) > 2 and self._history[1][0] <= now_s - self._window_s:
            self._history.popleft()

    def per_s(self) -> float | None:
        """1초에 늘어난 수. 두 번 재기 전에는 None."""
        if len(self._history) < 2:
            return None
        (then_s, then), (now_s, now) = self._history[0], self._history[-1]
        return (now - then) / (now_s - then_s) if now_s > then_s else None
