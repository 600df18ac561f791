"""토큰 양동이(token_bucket.lua): 나눠 가짐, 참, 거절, 수명, 그리고 멈춘 Redis."""

from __future__ import annotations

import asyncio
import time

import pytest

from kernel.errors import Unavailable
from redisstore import keys
from redisstore.client import AsyncRedis, make_sync_client
from redisstore.gate import RedisGate, SyncRedisGate
from redisstore.ratelimit import TOKEN_BUCKET, RateLimiter, SyncRateLimiter, hashed_subject
from tests.fakes.redis_process import RedisProcess

SCOPE, SUBJECT = "test", "203.0.113.9"
KEY = keys.rate_limit(SCOPE, hashed_subject(SUBJECT))


async def test_a_bucket_gives_its_burst_and_then_says_when_to_come_back(redis_client: AsyncRedis) -> None:
    limiter = RateLimiter(RedisGate(redis_client))
    decisions = [await limiter.take(SCOPE, SUBJECT, 0.01, 3) for _ in range(4)]
    assert [decision.allowed for decision in decisions] == [True, True, True, False]
    assert [decision.retry_after_ms for decision in decisions[:3]] == [0, 0, 0]
    assert 90_000 <= decisions[3].retry_after_ms <= 100_000


async def test_a_bucket_fills_with_time(redis_client: AsyncRedis) -> None:
    limiter = RateLimiter(RedisGate(redis_client))
    await limiter.take(SCOPE, SUBJECT, 50.0, 5, cost=5)
    refused = await limiter.take(SCOPE, SUBJECT, 50.0, 5)
    assert not refused.allowed
    await asyncio.sleep(refused.retry_after_ms / 1000 + 0.005)
    assert (await limiter.take(SCOPE, SUBJECT, 50.0, 5)).allowed


async def test_several_are_taken_together_or_not_at_all(redis_client: AsyncRedis) -> None:
    limiter = RateLimiter(RedisGate(redis_client))
    assert (await limiter.take(SCOPE, SUBJECT, 0.001, 10, cost=7)).allowed
    assert not (await limiter.take(SCOPE, SUBJECT, 0.001, 10, cost=4)).allowed
    assert (await limiter.take(SCOPE, SUBJECT, 0.001, 10, cost=3)).allowed


async def test_many_buckets_are_asked_in_one_trip_and_each_decides_for_itself(
    redis_client: AsyncRedis,
) -> None:
    limiter = RateLimiter(RedisGate(redis_client))
    costs = [("198.51.100.1", 3), ("198.51.100.2", 4), ("198.51.100.1", 1), ("198.51.100.2", 1)]
    decisions = await limiter.take_many(SCOPE, costs, 0.001, 4)
    assert [decision.allowed for decision in decisions] == [True, True, True, False]
    assert decisions[3].retry_after_ms > 0


async def test_a_look_takes_nothing_and_leaves_no_key(redis_client: AsyncRedis) -> None:
    limiter = RateLimiter(RedisGate(redis_client))
    for _ in range(5):
        assert (await limiter.take(SCOPE, SUBJECT, 0.001, 1, cost=0)).allowed
    assert await redis_client.exists(KEY) == 0
    await limiter.take(SCOPE, SUBJECT, 0.001, 1)
    assert not (await limiter.take(SCOPE, SUBJECT, 0.001, 1, cost=0)).allowed


async def test_racing_takers_never_get_more_than_the_burst(redis_client: AsyncRedis) -> None:
    limiter = RateLimiter(RedisGate(redis_client))

    async def taker() -> int:
        # 여섯 번씩 열 사람: 한꺼번에 여는 연결이 많으면 느린 기계에서는 여는 데에 예산(250ms)을 다 쓴다.
        return sum([(await limiter.take(SCOPE, SUBJECT, 0.001, 20)).allowed for _ in range(6)])

    assert sum(await asyncio.gather(*(taker() for _ in range(10)))) == 20


async def test_subjects_and_scopes_do_not_share(redis_client: AsyncRedis) -> None:
    limiter = RateLimiter(RedisGate(redis_client))
    for scope, subject in (("a", "x"), ("a", "y"), ("b", "x")):
        assert (await limiter.take(scope, subject, 0.001, 1)).allowed


async def test_the_key_holds_neither_the_address_nor_an_endless_life(redis_client: AsyncRedis) -> None:
    await RateLimiter(RedisGate(redis_client)).take(SCOPE, SUBJECT, 10.0, 20)
    assert [key async for key in redis_client.scan_iter("rl:*")] == [KEY]
    assert SUBJECT not in KEY
    assert 0 < await redis_client.pttl(KEY) <= 3000


async def test_both_kinds_of_client_share_a_bucket(
    redis_client: AsyncRedis, private_redis: RedisProcess
) -> None:
    sync_client = make_sync_client(private_redis.settings())
    try:
        assert SyncRateLimiter(SyncRedisGate(sync_client)).take(SCOPE, SUBJECT, 0.001, 2).allowed
        assert (await RateLimiter(RedisGate(redis_client)).take(SCOPE, SUBJECT, 0.001, 2)).allowed
        assert not SyncRateLimiter(SyncRedisGate(sync_client)).take(SCOPE, SUBJECT, 0.001, 2).allowed
    finally:
        sync_client.close()


async def test_a_bucket_from_the_future_is_not_drained_by_the_clock(redis_client: AsyncRedis) -> None:
    ahead_ms = (time.time_ns() // 1_000_000) + 60_000
    await redis_client.hset(KEY, mapping={"tokens": "1", "at_ms": str(ahead_ms)})
    limiter = RateLimiter(RedisGate(redis_client))
    assert (await limiter.take(SCOPE, SUBJECT, 1.0, 5)).allowed
    assert not (await limiter.take(SCOPE, SUBJECT, 0.001, 5)).allowed


@pytest.mark.parametrize(("rate", "burst", "cost"), [(0.0, 1, 1), (-1.0, 1, 1), (1.0, 1, 2), (1.0, 5, -1)])
async def test_what_can_never_be_taken_is_our_mistake(
    redis_client: AsyncRedis, rate: float, burst: int, cost: int
) -> None:
    with pytest.raises(ValueError, match="양동이"):
        await RateLimiter(RedisGate(redis_client)).take(SCOPE, SUBJECT, rate, burst, cost)


async def test_the_script_itself_refuses_bad_arguments_before_it_writes(redis_client: AsyncRedis) -> None:
    with pytest.raises(Exception, match="bad arguments"):
        await TOKEN_BUCKET.run(redis_client, [KEY], [1.0, 1, 2])
    assert await redis_client.exists(KEY) == 0


async def test_a_flushed_script_cache_is_healed(redis_client: AsyncRedis) -> None:
    limiter = RateLimiter(RedisGate(redis_client))
    await limiter.take(SCOPE, SUBJECT, 0.001, 2)
    await redis_client.script_flush()
    assert (await limiter.take(SCOPE, SUBJECT, 0.001, 2)).allowed


async def test_a_frozen_redis_is_unavailable_within_the_budget(
    redis_client: AsyncRedis, private_redis: RedisProcess
) -> None:
    limiter = RateLimiter(RedisGate(redis_client))
    await limiter.take(SCOPE, SUBJECT, 1.0, 5)
    sync_client = make_sync_client(private_redis.settings())
    sync_client.ping()
    private_redis.freeze()
    try:
        asked_at_s = time.monotonic()
        with pytest.raises(Unavailable):
            await limiter.take(SCOPE, SUBJECT, 1.0, 5)
        assert time.monotonic() - asked_at_s < 1.0
        with pytest.raises(Unavailable):
            SyncRateLimiter(SyncRedisGate(sync_client)).take(SCOPE, SUBJECT, 1.0, 5)
        assert time.monotonic() - asked_at_s < 2.0
    finally:
        private_redis.thaw()
        sync_client.close()
