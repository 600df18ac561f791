"""살아 있는 판의 기록과 가드 되살리기."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kernel.errors import Unavailable
from kernel.ids import new_id
from redisstore import keys
from redisstore.client import AsyncRedis, make_sync_client
from redisstore.gate import RedisGate, SyncRedisGate
from redisstore.live_matches import CREATED, ENDED, RUNNING, LiveMatch, LiveMatchStore, get_sync
from tests.fakes.redis_process import RedisProcess

MATCH = LiveMatch(
    match_id=new_id(),
    status=CREATED,
    mode="duel",
    region="local",
    server_id="session1",
    player_ids=(new_id(), new_id()),
    queued_at_ms=1,
    created_at_ms=2,
)


@pytest.fixture
def live(redis_client: AsyncRedis) -> LiveMatchStore:
    return LiveMatchStore(RedisGate(redis_client))


async def test_a_record_reads_back_as_it_was_written_by_both_clients(
    live: LiveMatchStore, private_redis: RedisProcess
) -> None:
    await live.put(MATCH, ttl_ms=60_000)
    assert await live.get(MATCH.match_id) == MATCH
    with make_sync_client(private_redis.settings()) as client:
        assert get_sync(SyncRedisGate(client), MATCH.match_id) == MATCH


async def test_a_later_state_replaces_the_earlier_and_lengthens_its_life(
    live: LiveMatchStore, redis_client: AsyncRedis
) -> None:
    await live.put(MATCH, ttl_ms=1_000)
    running = replace(MATCH, status=RUNNING, started_at_ms=5)
    await live.put(running, ttl_ms=60_000)
    assert await live.get(MATCH.match_id) == running
    assert await redis_client.pttl(keys.match(MATCH.match_id)) > 1_000
    await live.put(replace(running, status=ENDED, ended_at_ms=9), ttl_ms=60_000)
    ended = await live.get(MATCH.match_id)
    assert ended is not None
    assert (ended.status, ended.ended_at_ms) == (ENDED, 9)


async def test_a_dropped_or_unknown_match_is_none(live: LiveMatchStore) -> None:
    await live.put(MATCH, ttl_ms=60_000)
    await live.drop(MATCH.match_id)
    assert await live.get(MATCH.match_id) is None


async def test_restored_guards_do_not_cover_a_newer_one(
    live: LiveMatchStore, redis_client: AsyncRedis
) -> None:
    one, two = MATCH.player_ids
    await redis_client.set(keys.player_guard("local", one), "ticket:t")
    await live.restore_guards(MATCH, MATCH.player_ids, ttl_ms=60_000)
    assert await redis_client.get(keys.player_guard("local", one)) == "ticket:t"
    assert await redis_client.get(keys.player_guard("local", two)) == f"match:{MATCH.match_id}"
    assert 0 < await redis_client.pttl(keys.player_guard("local", two)) <= 60_000


async def test_a_frozen_redis_is_unavailable(live: LiveMatchStore, private_redis: RedisProcess) -> None:
    private_redis.freeze()
    try:
        with pytest.raises(Unavailable):
            await live.get(MATCH.match_id)
    finally:
        private_redis.thaw()
