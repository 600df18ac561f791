"""시각의 출처. 순수한 코드는 이 모양의 인자를 받고, 시험은 손으로 돌리는 시계를 준다."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def epoch_ms(moment: datetime) -> int:
    """1970년부터의 밀리초. 그 아래는 버린다. 실수를 거치지 않으므로 같은 때는 늘 같은 수다."""
    return (moment - _EPOCH) // _MILLISECOND


class Clock(Protocol):
    """벽시계와 단조 시계. 단위는 밀리초 정수와 초 실수다."""

    def now_ms(self) -> int:
        """1970년부터의 밀리초. 기록과 다른 프로세스와의 비교에만 쓴다."""
        ...

    def monotonic_s(self) -> float:
        """되돌아가지 않는 초. 기한과 간격은 모두 이것으로 잰다."""
        ...


class SystemClock:
    """운영 체제의 시계."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        return time.monotonic()
