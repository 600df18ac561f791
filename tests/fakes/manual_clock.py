"""시험이 돌리는 시계(kernel/clock.py의 `Clock`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class ManualClock:
    """벽시계와 단조 시계가 함께 간다."""

    now_s: float = 100.0

    def now_ms(self) -> int:
        """벽시계의 밀리초."""
        return int(self.now_s * 1000)

    def monotonic_s(self) -> float:
        """단조 초."""
        return self.now_s
