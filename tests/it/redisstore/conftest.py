"""이 폴더의 시험이 쓰는, 비우고 멈춰도 되는 혼자만의 Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from redisstore.client import AsyncRedis
from tests.fakes.redis_process import RedisProcess, redis_process


@pytest.fixture(scope="module")
def private_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisProcess]:
    with redis_process(tmp_path_factory.mktemp("redis")) as process:
        yield process


@pytest.fixture
async def redis_client(private_redis: RedisProcess) -> AsyncIterator[AsyncRedis]:
    client = private_redis.client()
    await client.flushall()
    yield client
    await client.aclose()
