"""platform이 도는 동안 지난 갱신 토큰과 들어온 기록을 치운다. 여럿이 함께 치워도 결과는 같다."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from django.db import Error as DatabaseFailure
from django.db import close_old_connections

from concurrency.cancellation import end_tasks
from kernel.errors import Unavailable
from players.identity.sign_ins import sweep_expired
from telemetry.logs import get_logger

log = get_logger(__name__)

PERIOD_S: Final = 600.0
# 한 번에 많아야 이만큼의 묶음: 밀려 있어도 데이터베이스를 오래 붙들지 않는다.
BATCHES: Final = 20


class SignInSweeper:
    """이벤트 루프의 배경 일 하나. 막히는 일은 제 스레드 하나(DB 연결 하나)에서 한다."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sign-ins")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """시작한다. 이벤트 루프 안에서 부른다."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="sign-in-sweeper")

    async def stop(self) -> None:
        """멈춘다. 하던 묶음은 트랜잭션이라 끝나거나 없던 일이 된다."""
        if self._task is not None:
            await end_tasks([self._task])
        self._thread.shutdown(wait=False)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(PERIOD_S)
            try:
                await loop.run_in_executor(self._thread, sweep_some)
            except (Unavailable, DatabaseFailure) as failure:
                log.warning("sign_in.sweep_waits", reason=str(failure))
            except Exception:
                log.exception("sign_in.sweep_failed")


def sweep_some(batches: int = BATCHES) -> int:
    """지난 것이 없거나 `batches`묶음을 치울 때까지. 치운 행의 수를 준다. 죽은 연결은 버리고 시작한다."""
    close_old_connections()
    removed = 0
    for _ in range(batches):
        swept = sweep_expired()
        removed += swept
        if not swept:
            break
    if removed:
        log.info("sign_in.swept", rows=removed)
    return removed
