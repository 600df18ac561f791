"""Redis의 문: 안의 일이 예산을 나눠 쓰고, Redis의 사정은 Unavailable이고, 우리 잘못은 그대로 나온다."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from kernel.errors import Unavailable
from redisstore.client import RedisSettings, SyncRedis, make_sync_client
from redisstore.gate import RedisCircuit, RedisGate, SyncRedisGate, redis_budget
from resilience.breaker import Breaker, BreakerPolicy
from tests.fakes.manual_clock import ManualClock


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


REST_S = 1.0


@pytest.fixture(name="clock")
def _clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(name="circuit")
def _circuit(clock: ManualClock) -> RedisCircuit:
    return RedisCircuit(Breaker(BreakerPolicy.after_one_failure(REST_S)), clock)


def test_a_circuit_rests_after_redis_was_away_and_asks_again(
    circuit: RedisCircuit, clock: ManualClock
) -> None:
    with pytest.raises(Unavailable), circuit.call():
        raise Unavailable
    assert circuit.is_resting()
    with pytest.raises(Unavailable), circuit.call():
        pytest.fail("쉬는 동안 물었다")
    clock.now_s += REST_S
    with circuit.call():
        assert not circuit.is_resting()
    assert not circuit.is_resting()


@pytest.mark.parametrize("failure", [ValueError("ours"), asyncio.CancelledError()])
def test_a_fault_of_ours_and_a_caller_who_left_say_nothing_of_redis(
    circuit: RedisCircuit, failure: BaseException
) -> None:
    with pytest.raises(type(failure)), circuit.call():
        raise failure
    assert not circuit.is_resting()


def test_a_question_that_taught_nothing_leaves_its_place_to_the_next(
    circuit: RedisCircuit, clock: ManualClock
) -> None:
    with pytest.raises(Unavailable), circuit.call():
        raise Unavailable
    clock.now_s += REST_S
    for _ in range(3):
        with pytest.raises(ValueError, match="ours"), circuit.call():
            raise ValueError("ours")
    with circuit.call():
        pass


@pytest.fixture(name="sync_client")
def _sync_client() -> SyncRedis:
    return make_sync_client(RedisSettings(host="127.0.0.1", port=1))


def test_a_gate_of_threads_gives_its_client(sync_client: SyncRedis) -> None:
    with SyncRedisGate(sync_client).open() as opened:
        assert opened is sync_client


@pytest.mark.parametrize("failure", [RedisConnectionError("gone"), ResponseError("OOM used"), OSError()])
def test_a_sick_redis_is_unavailable_to_threads_too(sync_client: SyncRedis, failure: Exception) -> None:
    with pytest.raises(Unavailable), SyncRedisGate(sync_client).open():
        raise failure


def test_a_fault_of_ours_passes_as_it_is_through_a_gate_of_threads(sync_client: SyncRedis) -> None:
    with pytest.raises(ResponseError), SyncRedisGate(sync_client).open():
        raise ResponseError("WRONGTYPE Operation against a key")
