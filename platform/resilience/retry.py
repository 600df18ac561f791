"""재시도의 규칙: 몇 번, 얼마나 쉬고. 무엇이 다시 해 볼 만한지는 부르는 쪽의 표가 정한다.

상한이 있는 지수 간격에 온전한 지터를 쓴다(AWS Architecture Blog, "Exponential Backoff And Jitter").
"""

from __future__ import annotations

from dataclasses import dataclass

MOST_DOUBLINGS = 64  # 어느 간격이든 상한을 넘긴 지 오래다. 끝없이 되풀이하는 이가 실수의 끝을 넘지 않는다


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """`max_attempts`는 첫 시도를 포함한다. 간격의 단위는 밀리초다."""

    max_attempts: int = 3
    base_ms: float = 50
    cap_ms: float = 500

    def allows(self, attempts_made: int) -> bool:
        """이만큼 해 보고도 한 번 더 할 수 있는가."""
        return attempts_made < self.max_attempts

    def delay_ms(self, attempts_made: int, random_0_1: float) -> float:
        """`attempts_made`번 실패한 뒤 쉴 시간. 0과 (base x 2^(n-1), 상한) 사이에서 고르게 뽑는다."""
        doublings = min(attempts_made - 1, MOST_DOUBLINGS)
        ceiling: float = min(self.cap_ms, self.base_ms * 2.0**doublings)
        return ceiling * random_0_1
