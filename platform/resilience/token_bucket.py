"""프로세스 안의 토큰 양동이. 소켓 하나의 메시지 속도처럼 나눠 가질 필요가 없는 제한에 쓴다."""

from __future__ import annotations


class TokenBucket:
    """초당 `rate_per_s`씩 차고 `burst`에서 멈춘다. 시각은 단조 초로 받는다."""

    __slots__ = ("_burst", "_filled_at_s", "_rate_per_s", "_tokens")

    def __init__(self, *, rate_per_s: float, burst: int, now_s: float) -> None:
        self._rate_per_s = rate_per_s
        self._burst = float(burst)
        self._tokens = float(burst)
        self._filled_at_s = now_s

    def take(self, now_s: float) -> bool:
        """하나를 꺼낸다. 비었으면 False이고 아무것도 줄지 않는다."""
        elapsed_s = max(0.0, now_s - self._filled_at_s)
        self._filled_at_s = now_s
        self._tokens = min(self._burst, self._tokens + elapsed_s * self._rate_per_s)
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def retry_after_ms(self) -> int:
        """다음 하나가 찰 때까지의 밀리초."""
        return max(1, int((1.0 - self._tokens) / self._rate_per_s * 1000))
