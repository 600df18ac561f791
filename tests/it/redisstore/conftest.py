"""이 폴더의 시험이 쓰는, 비우고 멈춰도 되는 혼자만의 Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from redisstore.client import AsyncRedis, make_async_client
from tests.fakes.redis_process import RedisProcess


@pytest.fixture
async def redis_client(private_redis: RedisProcess) -> AsyncIterator[AsyncRedis]:
    # 붙는 데 걸린 때는 볼 것이 아니다. 명령의 제한과 예산은 운영과 같다.
    client = make_async_client(replace(private_redis.settings(), connect_timeout_ms=2_000))
    await client.flushall()
    yield client
    await client.aclose()
