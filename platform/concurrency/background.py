"""기다리지 않고 맡기는 일들: 태스크를 놓치지 않게 쥐고, 우리 잘못은 로그에 남긴다."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from concurrency.cancellation import end_tasks
from telemetry.logs import get_logger

log = get_logger(__name__)


class BackgroundTasks:
    """한 주인의 태스크 묶음. 주인이 끝나면 모두 취소된다."""

    __slots__ = ("_tasks",)

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, job: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        """`job`을 시작한다. 지금의 추적 문맥을 물려받는다."""
        task = asyncio.create_task(job, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def cancel(self) -> None:
        """모두 취소한다. 끝나기를 기다리지는 않는다."""
        for task in self._tasks:
            task.cancel()

    async def stop(self) -> None:
        """모두 취소하고 끝나기를 기다린다."""
        await end_tasks(self._tasks)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task.failed", task=task.get_name(), exc_info=error)
