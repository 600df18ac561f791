"""Redis에 닿는 하나뿐인 문. 저장소는 클라이언트가 아니라 이것을 쥔다: asyncio의 것과 스레드의 것.

예산은 여기서 온다. v1.7의 차단기도 여기에 달린다.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
)
from typing import TypeVar

from concurrency.stall_tolerant_timeout import stall_tolerant_timeout
from kernel.clock import Clock
from kernel.errors import Unavailable
from redisstore.client import AsyncRedis, SyncRedis, unavailable_on_failure
from resilience.breaker import Breaker, BreakerState, CallEnd, Permit

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


class SyncRedisGate:
    """스레드로 도는 프로세스(platform)의 문. 시간은 클라이언트가 명령마다 잰다(`command_timeout_ms`)."""

    def __init__(self, client: SyncRedis) -> None:
        self._client = client

    @contextmanager
    def open(self) -> Iterator[SyncRedis]:
        """문을 연다.

        Raises:
            Unavailable: Redis가 답하지 않거나 일할 수 없다.
        """
        with unavailable_on_failure():
            yield self._client

    def close(self) -> None:
        """쥔 연결을 닫는다."""
        self._client.close()


class RedisCircuit:
    """아픈 Redis에 잠시 묻지 않는 문. 안의 일은 문을 몇 번 지나든 차단기가 보는 부름 하나다."""

    def __init__(self, breaker: Breaker, clock: Clock) -> None:
        self._breaker = breaker
        self._clock = clock

    def is_resting(self) -> bool:
        """지금은 물어도 묻지 않는가."""
        breaker = self._breaker
        return breaker.state is BreakerState.OPEN and breaker.retry_after_s(self._clock.monotonic_s()) > 0

    def call(self) -> AbstractContextManager[None]:
        """부름 하나. 우리 잘못과 취소는 Redis에 대해 아무것도 말하지 않는다.

        Raises:
            Unavailable: 쉬는 중이라 묻지 않았거나, 안의 일이 그렇게 끝났다.
        """
        permit = self._breaker.admit(self._clock.monotonic_s())
        if permit is None:
            raise Unavailable("Redis에 닿지 않습니다")
        return _Call(self._breaker, self._clock, permit)


class _Call:
    """허락받은 부름 하나. 소켓이 열릴 때마다 지나므로 제너레이터를 쓰지 않는다."""

    __slots__ = ("_breaker", "_clock", "_permit")

    def __init__(self, breaker: Breaker, clock: Clock, permit: Permit) -> None:
        self._breaker = breaker
        self._clock = clock
        self._permit = permit

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if kind is None:
            end = CallEnd.ANSWERED
        else:
            end = CallEnd.FAILED if issubclass(kind, Unavailable) else CallEnd.CANCELLED
        self._breaker.settle(self._permit, end, self._clock.monotonic_s())


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
