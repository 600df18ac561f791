"""platform이 도는 동안 열린 갈아 끼우기의 걸음을 뗀다. 여럿이 함께 떠 있어도 행의 잠금이 하나만 떼게 한다."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from django.db import Error as DatabaseFailure
from django.db import close_old_connections

from concurrency.cancellation import end_tasks
from fleet.wiring import rolls
from kernel.errors import Unavailable
from telemetry.logs import get_logger

log = get_logger(__name__)

PERIOD_S = 1.0


class RollDriver:
    """이벤트 루프의 배경 일 하나. 막히는 걸음은 제 스레드 하나(DB 연결 하나)에서 뗀다."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rolls")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """시작한다. 이벤트 루프 안에서 부른다."""
        self._task = asyncio.get_running_loop().create_task(self._drive(), name="roll-driver")

    async def stop(self) -> None:
        """멈춘다. 떼던 걸음은 트랜잭션이라 끝나거나 없던 일이 된다."""
        if self._task is not None:
            await end_tasks([self._task])
        self._thread.shutdown(wait=False)

    async def _drive(self) -> None:
        loop = asyncio.get_running_loop()
        failing = False
        while True:
            await asyncio.sleep(PERIOD_S)
            try:
                await loop.run_in_executor(self._thread, take_step)
            except (Unavailable, DatabaseFailure) as failure:
                if not failing:
                    log.warning("fleet.roll_waits", reason=str(failure))
                failing = True
            except Exception:
                log.exception("fleet.roll_failed")
                failing = True
            else:
                failing = False


def take_step() -> None:
    """한 걸음. 죽은 연결은 버리고 시작한다."""
    close_old_connections()
    rolls().advance()
