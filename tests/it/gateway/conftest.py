"""gateway와 진짜 Redis: 저장소는 진짜이고 matchmaking과 session만 가짜다."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.store_batches import HoldBatch
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.ratelimit import RateLimiter
from redisstore.results import OwedResults
from redisstore.seats import SeatStore
from redisstore.servers.registry import ServerRegistry
from redisstore.tickets.reads import TicketReader
from tests.fakes.gateway_stage import Stage, gateway_stage, log_to_stdlib, stack_traces, trace_for_tests
from tests.fakes.redis_process import RedisProcess

REGION = "local"


@pytest.fixture
async def redis_client(private_redis: RedisProcess) -> AsyncIterator[AsyncRedis]:
    """빈 Redis의 클라이언트."""
    client = private_redis.client()
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
async def stage(redis_client: AsyncRedis, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Stage]:
    """저장소가 진짜인 무대. 스택 추적이 남으면 진다."""
    trace_for_tests()
    log_to_stdlib()
    ports = {
        "holds": HoldBatch(
            TicketReader(RedisGate(redis_client), REGION), OwedResults(RedisGate(redis_client), REGION)
        ),
        "seats": SeatStore(RedisGate(redis_client)),
        "registry": ServerRegistry(RedisGate(redis_client), REGION),
        "limiter": RateLimiter(RedisGate(redis_client)),
    }
    async with gateway_stage(redis_ports=ports) as ready:
        yield ready
    assert not stack_traces([*caplog.get_records("setup"), *caplog.get_records("call")])
