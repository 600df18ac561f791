"""상태가 나아갈 때마다 알린다: 기다리는 이들을 깨우고, 걸어 둔 함수를 부른다. 소켓은 모른다."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .state import StateView


class StateFeed:
    """가장 새것만 뜻이 있으므로 쌓지 않는다. 기다리는 이가 없으면 아무것도 만들지 않는다.

    `on_state`는 프레임마다 곧바로 불린다. 오래 걸리는 일을 하면 읽기가 밀린다.
    """

    __slots__ = ("_closed_with", "_waiters", "on_state")

    def __init__(self) -> None:
        self.on_state: Callable[[StateView], None] | None = None
        self._waiters: list[asyncio.Future[StateView]] = []
        self._closed_with: Exception | None = None

    def put(self, view: StateView) -> None:
        """모습이 나아갔다."""
        if self.on_state is not None:
            self.on_state(view)
        if not self._waiters:
            return
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(view)

    def close(self, error: Exception) -> None:
        """더는 나아가지 않는다. 기다리던 이에게 까닭을 던진다."""
        self._closed_with = error
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(error)

    async def next(self) -> StateView:
        """다음 모습. 기한은 부르는 쪽이 정한다. 오류: 닫힌 까닭."""
        if self._closed_with is not None:
            raise self._closed_with
        waiter: asyncio.Future[StateView] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            return await waiter
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
