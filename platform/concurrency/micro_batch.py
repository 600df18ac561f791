"""이벤트 루프 한 바퀴 동안 들어온 일을 모아 한 번에 하는 틀. 무슨 일인지는 모른다.

Redis와 MariaDB의 왕복을 나눠 쓰게 한다. 기다리는 줄에는 상한이 있고, 기대는 것이 멈추면 줄 전체가 곧바로
같은 답(Unavailable)을 받는다: 차례를 기다린 뒤에 또 기다리면 선수의 300 ms를 넘는다.

묶음은 든 일 하나의 문맥(contextvars)에서 돈다. 그래야 그 안의 왕복이 누구의 청에서 왔는지 남는다.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from kernel.errors import HanpanError, Unavailable

T = TypeVar("T")
R = TypeVar("R")


class _Waiting(NamedTuple, Generic[T, R]):
    """줄에 선 일 하나."""

    item: T
    future: asyncio.Future[R]
    context: contextvars.Context
    leads: bool


class MicroBatch(Generic[T, R]):
    """`handle`은 모인 일의 답을 같은 순서로 준다. 답이 HanpanError면 그 일만 실패한다.

    `handle`이 Unavailable을 던지거나 모든 답이 Unavailable이면 기대는 것이 멈춘 것이다.
    묶음은 `leads()`가 참이었던 첫 일의 문맥에서, 그런 일이 없으면 첫 일의 문맥에서 돈다.
    """

    def __init__(
        self,
        handle: Callable[[Sequence[T]], Coroutine[Any, Any, Sequence[R | HanpanError]]],
        *,
        max_batch: int = 128,
        max_running: int = 1,
        max_waiting: int = 20_000,
        leads: Callable[[], bool] = lambda: False,
    ) -> None:
        self._handle = handle
        self._leads = leads
        self._max_batch = max_batch
        self._max_running = max_running
        self._max_waiting = max_waiting
        self._waiting: deque[_Waiting[T, R]] = deque()
        self._running: set[asyncio.Task[Sequence[R | HanpanError]]] = set()
        self._scheduled = False

    async def submit(self, item: T) -> R:
        """다음 묶음에 넣고 답을 기다린다.

        Raises:
            Unavailable: 줄이 가득 찼거나, 기대는 것이 멈췄다.
        """
        if len(self._waiting) >= self._max_waiting:
            raise Unavailable("요청이 너무 많이 밀려 있습니다")
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(item, future, contextvars.copy_context(), self._leads()))
        self._schedule()
        try:
            return await future
        finally:
            # 거절의 traceback이 이 프레임을, 프레임이 future를, future가 거절을 쥔다. 끊지 않으면 부른 소켓이
            # 순환 수집을 기다린다.
            del future

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._scheduled = False
        while self._waiting and len(self._running) < self._max_running:
            count = min(self._max_batch, len(self._waiting))
            taken = [self._waiting.popleft() for _ in range(count)]
            # 기다리다 기한이 지난 부름은 하지 않는다: 아무도 답을 듣지 않는다.
            if live := [waiting for waiting in taken if not waiting.future.done()]:
                self._start(live)

    def _start(self, batch: list[_Waiting[T, R]]) -> None:
        lead = next((waiting for waiting in batch if waiting.leads), batch[0])
        work = self._handle([waiting.item for waiting in batch])
        task = asyncio.create_task(work, name="turn-batch", context=lead.context)
        self._running.add(task)
        task.add_done_callback(partial(self._deliver, [waiting.future for waiting in batch]))

    def _deliver(
        self, futures: list[asyncio.Future[R]], task: asyncio.Task[Sequence[R | HanpanError]]
    ) -> None:
        self._running.discard(task)
        failure = asyncio.CancelledError() if task.cancelled() else task.exception()
        if failure is not None:
            self._fail_together(futures, failure)
        else:
            replies = task.result()
            for future, reply in zip(futures, replies, strict=True):
                if isinstance(reply, HanpanError):
                    _fail(future, reply)
                elif not future.done():
                    future.set_result(reply)
            unavailable = [reply for reply in replies if isinstance(reply, Unavailable)]
            if len(unavailable) == len(replies):
                self._fail_together([], unavailable[0])
        if self._waiting:
            self._schedule()

    def _fail_together(self, futures: list[asyncio.Future[R]], failure: BaseException) -> None:
        """기대는 것이 멈췄으면 줄에 선 이들도 함께 곧바로 답을 듣는다."""
        if isinstance(failure, Unavailable):
            futures = futures + [waiting.future for waiting in self._waiting]
            self._waiting.clear()
        for future in futures:
            _fail(future, failure)


def _fail(future: asyncio.Future[R], failure: BaseException) -> None:
    if future.done():
        return
    if isinstance(failure, asyncio.CancelledError):
        future.cancel()
    elif isinstance(failure, HanpanError):
        # 같은 예외를 여럿이 던지면 traceback이 사람 수만큼 길어지고, 그것을 적는 데 수백 ms가 든다.
        future.set_exception(failure.again())
    else:
        future.set_exception(failure)
