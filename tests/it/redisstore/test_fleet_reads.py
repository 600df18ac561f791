"""등록부와 줄을 보기만 하는 읽기: 두 클라이언트가 같은 것을 보고, 잡힌 표는 기다리는 표가 아니다."""

from __future__ import annotations

import pytest

from kernel.errors import Unavailable
from redisstore import keys
from redisstore.client import AsyncRedis, RedisSettings, make_sync_client
from redisstore.gate import RedisGate, SyncRedisGate
from redisstore.servers.registry import ServerRegistry, ServerReport, ServerState, fleet_sync
from redisstore.tickets.queue_depth import QueueDepth, read_queue_depths
from tests.fakes.redis_process import RedisProcess

REGION = "test"


async def beat(client: AsyncRedis, server_id: str, running: int = 0) -> None:
    report = ServerReport(
        server_id=server_id, address=f"{server_id}:7000", state="ready", capacity=10, running=running,
        version="1.0.0",
    )  # fmt: skip
    await ServerRegistry(RedisGate(client), REGION).heartbeat(report)


async def test_threads_see_the_fleet_that_the_event_loop_sees(
    redis_client: AsyncRedis, private_redis: RedisProcess
) -> None:
    await beat(redis_client, "session2", running=3)
    await beat(redis_client, "session1")
    seen = await ServerRegistry(RedisGate(redis_client), REGION).fleet()
    with make_sync_client(private_redis.settings()) as client:
        assert fleet_sync(SyncRedisGate(client), REGION).servers == seen.servers
    assert [(row.server_id, row.running) for row in seen.servers] == [("session1", 0), ("session2", 3)]


async def test_the_age_of_a_heartbeat_is_measured_by_the_clock_of_redis(redis_client: AsyncRedis) -> None:
    await beat(redis_client, "session1")
    await redis_client.hincrby(keys.server(REGION, "session1"), "seen", -2500)
    fleet = await ServerRegistry(RedisGate(redis_client), REGION).fleet()
    age_ms = fleet.age_ms(fleet.servers[0])
    assert age_ms is not None
    assert 2500 <= age_ms < 10_000


async def test_a_server_whose_heartbeat_expired_is_lost_and_has_no_age(redis_client: AsyncRedis) -> None:
    await beat(redis_client, "session1")
    await redis_client.delete(keys.server(REGION, "session1"))
    fleet = await ServerRegistry(RedisGate(redis_client), REGION).fleet()
    assert fleet.servers[0].state is ServerState.LOST
    assert fleet.age_ms(fleet.servers[0]) is None


def test_a_fleet_behind_a_dead_redis_is_unavailable() -> None:
    with make_sync_client(RedisSettings(host="127.0.0.1", port=1)) as client, pytest.raises(Unavailable):
        fleet_sync(SyncRedisGate(client), REGION)


async def test_only_waiting_tickets_are_counted(redis_client: AsyncRedis) -> None:
    seconds, micros = await redis_client.time()
    now_ms = seconds * 1000 + micros // 1000
    waiting = {"t1": now_ms - 4000, "t2": now_ms - 1000}
    await redis_client.zadd(keys.queue(REGION, "duel"), {**waiting, "claimed": -now_ms})
    depths = await read_queue_depths(RedisGate(redis_client), REGION, ["duel", "arena"])
    assert depths["duel"].waiting == 2
    assert 4000 <= depths["duel"].oldest_wait_ms < 10_000
    assert depths["arena"] == QueueDepth(0, 0)


async def test_queues_behind_a_stopped_redis_are_unavailable(
    redis_client: AsyncRedis, private_redis: RedisProcess
) -> None:
    private_redis.freeze()
    try:
        with pytest.raises(Unavailable):
            await read_queue_depths(RedisGate(redis_client), REGION, ["duel"])
    finally:
        private_redis.thaw()
