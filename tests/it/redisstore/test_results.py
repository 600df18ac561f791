"""결과 일지(stream)."""

from __future__ import annotations

import pytest

from kernel.errors import Unavailable
from redisstore import keys
from redisstore.client import AsyncRedis, make_sync_client
from redisstore.gate import RedisGate, SyncRedisGate
from redisstore.results import ResultStream, WriteFailure, pending_sync
from tests.fakes.redis_process import RedisProcess


@pytest.fixture
def stream(redis_client: AsyncRedis) -> ResultStream:
    return ResultStream(RedisGate(redis_client), "local")


async def test_a_result_stays_until_it_is_removed(stream: ResultStream) -> None:
    entry_id = await stream.append('{"match":1}')
    (row,) = await stream.pending(0, 10)
    assert (row.entry_id, row.payload) == (entry_id, '{"match":1}')
    assert row.age_ms >= 0
    assert await stream.depth() == 1
    await stream.remove(entry_id, "")
    await stream.remove(entry_id, "")
    assert await stream.depth() == 0
    assert await stream.pending(0, 10) == []


async def test_only_rows_older_than_asked_are_pending(stream: ResultStream, redis_client: AsyncRedis) -> None:
    now_s, _ = await redis_client.time()
    await redis_client.xadd("result:local:pending", {"payload": "old"}, id=f"{now_s * 1000 - 20_000}-0")
    await stream.append("new")
    rows = await stream.pending(10_000, 10)
    assert [row.payload for row in rows] == ["old"]
    assert 20_000 <= rows[0].age_ms < 30_000


async def test_pages_follow_one_another_without_gap_or_overlap(stream: ResultStream) -> None:
    for number in range(7):
        await stream.append(str(number))
    seen: list[str] = []
    after = "-"
    while rows := await stream.pending(0, 3, after=after):
        seen += [row.payload for row in rows]
        after = rows[-1].entry_id
    assert seen == [str(number) for number in range(7)]


async def test_the_last_failure_of_a_match_is_seen_until_its_result_is_removed(
    stream: ResultStream, redis_client: AsyncRedis, private_redis: RedisProcess
) -> None:
    entry_id = await stream.append("payload")
    for attempts in (1, 2):
        failure = WriteFailure(reason="멈춤", attempts=attempts, server_id="session1", failed_at_ms=5)
        await stream.note_failure("m", failure)
    with make_sync_client(private_redis.settings()) as client:
        view = pending_sync(SyncRedisGate(client), "local", count=10)
        assert (view.depth, [row.payload for row in view.oldest]) == (1, ["payload"])
        assert view.failures == {"m": failure}
        assert await redis_client.pttl(keys.result_failures("local")) > 0
        await stream.remove(entry_id, "m")
        assert pending_sync(SyncRedisGate(client), "local", count=10).failures == {}


async def test_each_region_has_its_own_journal(stream: ResultStream, redis_client: AsyncRedis) -> None:
    await ResultStream(RedisGate(redis_client), "far").append("far")
    assert await stream.depth() == 0


async def test_a_frozen_redis_is_unavailable(stream: ResultStream, private_redis: RedisProcess) -> None:
    private_redis.freeze()
    try:
        with pytest.raises(Unavailable):
            await stream.append("x")
    finally:
        private_redis.thaw()
