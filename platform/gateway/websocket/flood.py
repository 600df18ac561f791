"""소켓 하나의 메시지 속도를 지키는 규칙. 순수하며 시각은 단조 초로 받는다.

넘친 프레임은 처리하지 않고 버린다. 거절은 1초에 한 번만 알리고(거절이 다시 홍수가 되지 않게),
5초 안에 버린 것이 순간 상한만큼 쌓이면 일부러 하는 것으로 보고 닫는다.
"""

from __future__ import annotations

from enum import Enum

from resilience.token_bucket import TokenBucket

WARN_EVERY_S = 1.0
PATIENCE_S = 5.0


class FloodVerdict(Enum):
    """프레임 하나를 어떻게 할까."""

    PASS = "pass"  # noqa: S105 - 비밀번호가 아니라 통과다
    WARN = "warn"  # 버리고, 거절을 알린다
    DROP = "drop"  # 조용히 버린다
    CLOSE = "close"  # 4429로 닫는다


class FloodGuard:
    """`rate_per_s`와 `burst`를 넘는 프레임을 가려낸다."""

    __slots__ = ("_bucket", "_burst", "_dropped", "_warned_at_s", "_window_at_s")

    def __init__(self, *, rate_per_s: float, burst: int, now_s: float) -> None:
        self._bucket = TokenBucket(rate_per_s=rate_per_s, burst=burst, now_s=now_s)
        self._burst = burst
        self._dropped = 0
        self._window_at_s = now_s
        self._warned_at_s = -WARN_EVERY_S

    def check(self, now_s: float) -> FloodVerdict:
        """프레임 하나가 왔다."""
        if self._bucket.take(now_s):
            return FloodVerdict.PASS
        if now_s - self._window_at_s >= PATIENCE_S:
            self._window_at_s = now_s
            self._dropped = 0
        self._dropped += 1
        if self._dropped > self._burst:
            return FloodVerdict.CLOSE
        if now_s - self._warned_at_s >= WARN_EVERY_S:
            self._warned_at_s = now_s
            return FloodVerdict.WARN
        return FloodVerdict.DROP

    def retry_after_ms(self) -> int:
        """다음 하나를 보내도 되는 때까지의 밀리초."""
        return self._bucket.retry_after_ms()
