"""답을 기다리는 요청의 표: 번호로 짝을 맞추고, 끊기면 모두 실패시킨다. 소켓은 모른다."""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

from .errors import HanpanClientError

Reply = TypeVar("Reply")


class TooManyCallsError(HanpanClientError):
    """답을 기다리는 요청이 상한에 닿았다."""


class CallTable(Generic[Reply]):
    """요청 번호에서 기다리는 이로. 번호는 소켓이 바뀌어도 다시 쓰지 않는다."""

    __slots__ = ("_last", "_limit", "_waiting")

    def __init__(self, *, limit: int = 64) -> None:
        self._limit = limit
        self._last = 0
        self._waiting: dict[str, asyncio.Future[Reply]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def open(self) -> tuple[str, asyncio.Future[Reply]]:
        """새 번호와, 답이 오면 이루어질 future. 오류: TooManyCallsError."""
        if len(self._waiting) >= self._limit:
            raise TooManyCallsError(f"답을 기다리는 요청이 {self._limit}개입니다")
        self._last += 1
        call_id = str(self._last)
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[call_id] = future
        return call_id, future

    def resolve(self, call_id: str, reply: Reply) -> bool:
        """답을 건넨다. 기다리는 이가 없으면(기한이 지난 요청) False."""
        future = self._waiting.pop(call_id, None)
        if future is None or future.done():
            return False
        future.set_result(reply)
        return True

    def reject(self, call_id: str, error: Exception) -> bool:
        """거절을 건넨다. 기다리는 이가 없으면 False."""
        future = self._waiting.pop(call_id, None)
        if future is None or future.done():
            return False
        future.set_exception(error)
        return True

    def forget(self, call_id: str) -> None:
        """기한이 지난 요청을 지운다. 늦은 답은 버려진다."""
        self._waiting.pop(call_id, None)

    def reject_all(self, error: Exception) -> None:
        """소켓이 끊겼다: 기다리던 모두에게 알린다."""
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(error)
