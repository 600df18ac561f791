"""Redis의 문: 안의 일이 예산을 나눠 쓰고, Redis의 사정은 Unavailable이고, 우리 잘못은 그대로 나온다."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from kernel.errors import Unavailable
from redisstore.gate import RedisGate, redis_budget


@pytest.fixture(name="client")
def _client() -> Redis:
    """부르지 않는 한 아무 데도 닿지 않는다."""
    return Redis(host="127.0.0.1", port=1)


async def test_an_open_gate_gives_its_client(client: Redis) -> None:
    async with RedisGate(client).open() as opened:
        assert opened is client


async def test_what_takes_longer_than_the_budget_is_unavailable(client: Redis) -> None:
    with pytest.raises(Unavailable):
        async with RedisGate(client, budget_ms=1).open():
            await asyncio.Event().wait()


async def test_a_request_may_bring_its_own_budget(client: Redis) -> None:
    with pytest.raises(Unavailable):
        async with RedisGate(client, budget_ms=3_600_000).open(1):
            await asyncio.Event().wait()


async def test_an_inner_gate_cannot_outlast_the_budget_around_it(client: Redis) -> None:
    with pytest.raises(Unavailable):
        async with redis_budget(1), RedisGate(client, budget_ms=3_600_000).open():
            await asyncio.Event().wait()


@pytest.mark.parametrize("failure", [RedisConnectionError("gone"), ResponseError("OOM used"), OSError()])
async def test_a_sick_redis_is_unavailable(client: Redis, failure: Exception) -> None:
    with pytest.raises(Unavailable):
        async with RedisGate(client).open():
            raise failure


async def test_a_fault_of_ours_passes_as_it_is(client: Redis) -> None:
    with pytest.raises(ResponseError):
        async with RedisGate(client).open():
            raise ResponseError("WRONGTYPE Operation against a key")
