"""일정한 간격으로 되풀이하는 배경 일. 한 번의 실패가 되풀이를 멈추지 않는다.

기대는 것이 멈춘 실패(Unavailable)는 시작과 끝만 적고, 나머지는 우리 잘못이니 매번 적는다.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from concurrency.cancellation import end_tasks
from kernel.errors import Unavailable
from telemetry.logs import get_logger

log = get_logger(__name__)


class Periodic:
    """`job`을 `period_s`마다, 또는 `wake`가 불린 뒤 곧바로 돌린다. 겹쳐 돌지 않는다."""

    def __init__(self, name: str, job: Callable[[], Awaitable[None]], *, period_s: float) -> None:
        self._name = name
        self._job = job
        self._period_s = period_s
        self._woken = asyncio.Event()
        self._failing = False
        self._is_stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """첫 번을 곧바로 돌리며 시작한다."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    def wake(self) -> None:
        """다음 간격을 기다리지 않고 돌린다."""
        self._woken.set()

    async def stop(self) -> None:
        """멈추고 도는 일이 취소되기를 기다린다.

        연결이 끊기는 순간의 취소는 라이브러리가 연결 오류로 바꾸어 삼킬 수 있다. 그래도 다시 돌지 않는다.
        """
        self._begin_no_more()
        if self._task is not None:
            await end_tasks([self._task])

    async def finish(self, limit_s: float) -> None:
        """새로 시작하지 않고, 도는 일은 `limit_s`초까지 끝나게 둔 뒤 멈춘다.

        취소된 일이 이미 보낸 것은 나중에 닿을 수 있다. 그것이 뒤의 일을 되돌리는 일이면 `stop` 대신 쓴다.
        """
        self._begin_no_more()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=limit_s)
        await self.stop()

    def _begin_no_more(self) -> None:
        self._is_stopping = True
        self.wake()

    async def _run(self) -> None:
        while not self._is_stopping:
            self._woken.clear()
            await self._run_once()
            try:
                async with asyncio.timeout(self._period_s):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def _run_once(self) -> None:
        try:
            await self._job()
        except Unavailable as error:
            if not self._failing:
                log.warning("periodic.unavailable", task=self._name, reason=error.message)
            self._failing = True
        except Exception:
            log.exception("periodic.failed", task=self._name)
            self._failing = True
        else:
            if self._failing:
                log.info("periodic.recovered", task=self._name)
            self._failing = False
