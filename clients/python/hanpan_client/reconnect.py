"""끊긴 뒤의 규칙: 다시 이을지, 무엇으로 이을지, 얼마나 쉴지. 난수는 인자로 받는 순수한 코드다."""

from __future__ import annotations

import enum
from dataclasses import dataclass

# 다시 이어도 같은 답이 돌아올 닫힘들: 프레임이 틀렸거나(1002, 4400), 토큰이 틀렸거나(4401), 더 새로운 접속이
# 자리를 이었다(4409).
FATAL_CLOSE_CODES = frozenset({1002, 4400, 4401, 4409})
FATAL_ERRORS = frozenset({"UNAUTHENTICATED", "INVALID_ARGUMENT", "SUPERSEDED"})
DEAD_SEAT_ERRORS = frozenset({"RESUME_INVALID", "RESUME_EXPIRED", "SESSION_LOST", "PERMISSION_DENIED"})


class Step(enum.Enum):
    """다음에 할 일."""

    RESUME = "resume"
    HELLO = "hello"
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """상한이 있는 지수 간격에 온전한 지터. 많은 클라이언트가 한꺼번에 돌아오지 않게 한다.

    `max_attempts`번을 잇달아 실패하면 그만둔다.
    """

    base_ms: float = 100
    cap_ms: float = 5_000
    max_attempts: int = 20

    def delay_s(self, failures: int, random_0_1: float, *, at_least_s: float = 0.0) -> float:
        """`failures`번(1부터) 실패한 뒤 쉴 초. 서버가 권한 `at_least_s`보다 짧지 않다."""
        ceiling_ms = min(self.cap_ms, self.base_ms * 2.0 ** (failures - 1))
        return at_least_s + ceiling_ms * random_0_1 / 1000

    def allows(self, failures: int) -> bool:
        """이만큼 잇달아 실패하고도 한 번 더 해 볼 수 있는가."""
        return failures < self.max_attempts


def step_after_close(close_code: int, *, told_to_stay_away: bool, has_seat: bool) -> Step:
    """소켓이 닫힌 뒤. `told_to_stay_away`는 `bye`가 reconnect: false라고 했다는 뜻이다."""
    if told_to_stay_away or close_code in FATAL_CLOSE_CODES:
        return Step.STOP
    return Step.RESUME if has_seat else Step.HELLO


def step_after_refusal(code: str, *, has_seat: bool) -> Step:
    """hello나 resume이 거절된 뒤. 자리가 죽었으면 hello로 물러난다: 산 판이 있으면 hello가 되찾는다."""
    if code in FATAL_ERRORS:
        return Step.STOP
    if code in DEAD_SEAT_ERRORS:
        return Step.HELLO
    return Step.RESUME if has_seat else Step.HELLO
