"""이벤트 루프가 멈칫한 만큼은 기다려 주는 제한 시간.

루프가 서 있는 사이(CPU를 빼앗겼거나 긴 일을 했거나) 답이 소켓에 와 있어도, 루프는 깨어나 타이머부터
본다(libuv가 그렇다). 그래서 보통의 제한은 멀쩡한 상대를 늦었다고 한다. 여기서는 늦게 울린 만큼, 많아야
제한만큼 한 번 더 기다린다. 한가한 루프에서는 제때 울리므로 멈춘 상대를 아는 시간은 그대로다.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

LATE_S = 0.01  # 이만큼 늦게 울린 것은 멈칫이 아니다


@asynccontextmanager
async def stall_tolerant_timeout(limit_s: float) -> AsyncIterator[None]:
    """`limit_s` 안에 끝나지 않으면 취소한다. 루프가 멈칫했으면 많아야 그 두 배까지 기다린다.

    Raises:
        TimeoutError: 시간이 다했다.
    """
    loop = asyncio.get_running_loop()
    due_s = loop.time() + limit_s
    async with asyncio.timeout(None) as scope:

        def ring() -> None:
            late_s = loop.time() - due_s
            if late_s > LATE_S:
                scope.reschedule(loop.time() + min(late_s, limit_s))
            else:
                scope.reschedule(loop.time())

        alarm = loop.call_at(due_s, ring)
        try:
            yield
        finally:
            alarm.cancel()
