"""asyncio 프로세스가 Redis에 닿는 하나뿐인 문. 저장소는 클라이언트가 아니라 이것을 쥔다.

예산은 여기서 온다. v1.7의 차단기도 여기에 달린다.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

from concurrency.stall_tolerant_timeout import stall_tolerant_timeout
from redisstore.client import AsyncRedis, unavailable_on_failure

T = TypeVar("T")
REQUEST_BUDGET_MS = 250


class RedisGate:
    """클라이언트 하나와, 요청 하나가 쓸 수 있는 시간."""

    def __init__(self, client: AsyncRedis, *, budget_ms: int = REQUEST_BUDGET_MS) -> None:
        self._client = client
        self._budget_ms = budget_ms

    def open(self, budget_ms: int | None = None) -> AbstractAsyncContextManager[AsyncRedis]:
        """문을 연다. 안의 모든 명령이 `budget_ms`(없으면 문의 것)를 나눠 쓴다.

        Raises:
            Unavailable: 시간이 다했거나 Redis가 실패했다.
        """
        return _budgeted(self._client, budget_ms or self._budget_ms)


def redis_budget(timeout_ms: int = REQUEST_BUDGET_MS) -> AbstractAsyncContextManager[None]:
    """여러 저장소의 일을 한 예산에 묶는다.

    Raises:
        Unavailable: 시간이 다했거나 Redis가 실패했다.
    """
    return _budgeted(None, timeout_ms)


@asynccontextmanager
async def _budgeted(value: T, budget_ms: int) -> AsyncIterator[T]:
    """루프가 멈칫한 만큼은 더 기다린다: 바쁜 우리를 멈춘 Redis로 잘못 알지 않는다. 겹은 하나다(뜨거운 길)."""
    with unavailable_on_failure():
        async with stall_tolerant_timeout(budget_ms / 1000):
            yield value
