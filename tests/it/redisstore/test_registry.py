"""등록부와 임대의 Lua를 진짜 Redis에서: 고르는 순서, 고르지 않는 까닭, 임대의 한살이."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from kernel.errors import Unavailable
from kernel.ids import new_id
from redisstore import keys
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.servers.registry import Allocation, LeaseEnd, ServerRegistry, ServerReport, ServerState
from tests.fakes.redis_process import RedisProcess

REGION = "test"


@pytest.fixture
def registry(redis_client: AsyncRedis) -> ServerRegistry:
    return ServerRegistry(RedisGate(redis_client), REGION)


async def report(registry: ServerRegistry, server_id: str, **changes: object) -> bool:
    fields: dict[str, object] = {
        "server_id": server_id, "address": f"{server_id}:7000", "state": "ready", "capacity": 10,
        "running": 0, "version": "1.0.0",
    }  # fmt: skip
    return await registry.heartbeat(ServerReport(**{**fields, **changes}))  # type: ignore[arg-type]


async def picked(registry: ServerRegistry, match_id: str | None = None, **options: object) -> str | None:
    pick = await registry.allocate(match_id or new_id(), **options)  # type: ignore[arg-type]
    return pick.server_id if pick else None


async def load_of(registry: ServerRegistry, server_id: str) -> int:
    [row] = [row for row in await registry.servers() if row.server_id == server_id]
    return row.load


async def age_leases(client: AsyncRedis, server_id: str) -> None:
    """임대 시간이 지난 것처럼 만든다(기다리지 않고)."""
    name = keys.server(REGION, server_id)
    for field in await client.hkeys(name):
        if field.startswith("lease:"):
            await client.hset(name, field, 1)
            await client.delete(keys.lease(REGION, field.removeprefix("lease:")))


# ---- 고르는 순서


async def test_the_least_loaded_server_is_chosen_and_ties_go_by_name(registry: ServerRegistry) -> None:
    await report(registry, "session2", running=1)
    await report(registry, "session3", running=1)
    await report(registry, "session1", running=2)
    assert [await picked(registry) for _ in range(4)] == ["session2", "session3", "session1", "session2"]


async def test_the_answer_carries_the_address(registry: ServerRegistry) -> None:
    await report(registry, "session1", address="session1.internal:7000")
    pick = await registry.allocate(new_id())
    assert pick is not None
    assert pick.address == "session1.internal:7000"


async def test_concurrent_allocations_spread_evenly_and_stop_at_the_capacity(
    registry: ServerRegistry,
) -> None:
    for server_id in ("session1", "session2", "session3"):
        await report(registry, server_id, capacity=10)
    answers = await asyncio.gather(*(picked(registry) for _ in range(40)))
    assert Counter(answers) == {"session1": 10, "session2": 10, "session3": 10, None: 10}


async def test_many_allocations_in_one_trip_see_each_other(registry: ServerRegistry) -> None:
    await report(registry, "session1", capacity=1)
    await report(registry, "session2", capacity=1)
    picks = await registry.allocate_many([Allocation(new_id()) for _ in range(3)])
    assert [pick.server_id if pick else None for pick in picks] == ["session1", "session2", None]


# ---- 고르지 않는 까닭


@pytest.mark.parametrize("state", ["starting", "draining", "drained"])
async def test_a_server_that_is_not_ready_is_never_chosen(registry: ServerRegistry, state: str) -> None:
    await report(registry, "session1", state=state)
    assert await picked(registry) is None


async def test_no_allocation_follows_a_drain_and_undrain_opens_it_again(registry: ServerRegistry) -> None:
    await report(registry, "session1")
    await registry.set_draining("session1", intended=True)
    assert await picked(registry) is None
    assert await registry.is_draining("session1")
    assert (await report(registry, "session1")).drain_intended
    assert await picked(registry) is None
    await registry.set_draining("session1", intended=False)
    assert await picked(registry) == "session1"
    assert not await registry.is_draining("session1")


async def test_a_server_without_news_is_never_chosen_and_reads_as_lost(
    registry: ServerRegistry, redis_client: AsyncRedis
) -> None:
    await report(registry, "session1")
    assert 0 < await redis_client.pttl(keys.server(REGION, "session1")) <= keys.SERVER_TTL_MS
    await redis_client.delete(keys.server(REGION, "session1"))
    assert await picked(registry) is None
    assert [row.state for row in await registry.servers()] == [ServerState.LOST]


async def test_a_full_server_and_an_excluded_one_are_passed_over(registry: ServerRegistry) -> None:
    await report(registry, "session1", running=0)
    await report(registry, "session2", running=4, capacity=4)
    await report(registry, "session3", running=5)
    assert await picked(registry, exclude=("session1",)) == "session3"


async def test_an_unregistered_server_is_gone(registry: ServerRegistry) -> None:
    await report(registry, "session1")
    await registry.unregister("session1")
    assert await picked(registry) is None
    assert await registry.servers() == []


async def test_a_server_that_comes_and_goes_is_never_seen_as_lost(registry: ServerRegistry) -> None:
    is_over = False

    async def come_and_go() -> None:
        nonlocal is_over
        for _ in range(300):
            await report(registry, "session1")
            await registry.unregister("session1")
        is_over = True

    async def watch() -> set[ServerState]:
        seen: set[ServerState] = set()
        while not is_over:
            seen |= {row.state for row in await registry.servers()}
        return seen

    *seen, _ = await asyncio.gather(watch(), watch(), come_and_go())
    assert set.union(*seen) == {ServerState.READY}


# ---- 임대의 한살이


async def test_one_match_keeps_one_lease_however_often_it_is_asked(registry: ServerRegistry) -> None:
    await report(registry, "session1", running=1)
    await report(registry, "session2", running=3)
    match_id = new_id()
    answers = {await picked(registry, match_id) for _ in range(5)}
    assert answers == {"session1"}
    assert await load_of(registry, "session1") == 2


async def test_a_lease_counts_as_load_until_the_next_heartbeat_after_it_lapsed(
    registry: ServerRegistry, redis_client: AsyncRedis
) -> None:
    await report(registry, "session1", running=2)
    await picked(registry)
    await report(registry, "session1", running=2)
    assert await load_of(registry, "session1") == 3
    await age_leases(redis_client, "session1")
    await report(registry, "session1", running=2)
    assert await load_of(registry, "session1") == 2


async def test_a_confirmed_lease_turns_into_a_running_match_and_the_load_stays(
    registry: ServerRegistry, redis_client: AsyncRedis
) -> None:
    await report(registry, "session1", running=2)
    match_id = new_id()
    await picked(registry, match_id)
    assert await registry.confirm(match_id, "session1")
    assert await registry.confirm(match_id, "session1"), "잃은 답을 다시 물어도 같다"
    [row] = await registry.servers()
    assert (row.running, row.load) == (3, 3)
    await age_leases(redis_client, "session1")
    await report(registry, "session1", running=3)
    assert await load_of(registry, "session1") == 3
    assert await picked(registry, match_id) == "session1"
    assert await load_of(registry, "session1") == 3


async def test_a_lease_is_confirmed_by_its_own_server_only_and_only_while_it_lives(
    registry: ServerRegistry, redis_client: AsyncRedis
) -> None:
    await report(registry, "session1")
    match_id = new_id()
    await picked(registry, match_id)
    assert not await registry.confirm(match_id, "session2")
    assert 0 < await redis_client.pttl(keys.lease(REGION, match_id)) <= keys.LEASE_MS
    await redis_client.delete(keys.lease(REGION, match_id))
    assert not await registry.confirm(match_id, "session1")


async def test_a_released_lease_can_not_be_confirmed_and_frees_its_place(registry: ServerRegistry) -> None:
    await report(registry, "session1", capacity=1)
    match_id = new_id()
    await picked(registry, match_id)
    assert await picked(registry) is None
    assert await registry.release_lease(match_id) is LeaseEnd.RELEASED
    assert await registry.release_lease(match_id) is LeaseEnd.GONE
    assert not await registry.confirm(match_id, "session1")
    assert await picked(registry) == "session1"


async def test_a_confirmed_lease_can_not_be_released(registry: ServerRegistry) -> None:
    await report(registry, "session1")
    match_id = new_id()
    await picked(registry, match_id)
    await registry.confirm(match_id, "session1")
    assert await registry.release_lease(match_id) is LeaseEnd.CONFIRMED
    assert await load_of(registry, "session1") == 1


async def test_release_and_confirm_race_and_exactly_one_of_them_wins(registry: ServerRegistry) -> None:
    await report(registry, "session1", capacity=1000)
    for _ in range(50):
        match_id = new_id()
        await picked(registry, match_id)
        confirmed, end = await asyncio.gather(
            registry.confirm(match_id, "session1"), registry.release_lease(match_id)
        )
        assert confirmed == (end is LeaseEnd.CONFIRMED)


async def test_the_lease_of_a_lost_server_moves_but_a_confirmed_one_never_does(
    registry: ServerRegistry, redis_client: AsyncRedis
) -> None:
    await report(registry, "session1")
    waiting, made = new_id(), new_id()
    await picked(registry, waiting)
    await picked(registry, made)
    await registry.confirm(made, "session1")
    await redis_client.delete(keys.server(REGION, "session1"))
    await report(registry, "session2")
    assert await picked(registry, waiting) == "session2"
    assert not await registry.confirm(waiting, "session1")
    assert await picked(registry, made) is None


async def test_an_allocation_after_its_hour_takes_nothing_but_still_finds_its_own_lease(
    registry: ServerRegistry,
) -> None:
    await report(registry, "session1")
    match_id = new_id()
    assert await picked(registry, match_id, not_after_ms=1) is None
    assert await load_of(registry, "session1") == 0
    await picked(registry, match_id)
    assert await picked(registry, match_id, not_after_ms=1) == "session1"


# ---- Redis의 고장


async def test_a_frozen_redis_is_unavailable_within_the_budget(
    private_redis: RedisProcess, registry: ServerRegistry
) -> None:
    await report(registry, "session1")
    loop = asyncio.get_running_loop()
    private_redis.freeze()
    try:
        started_s = loop.time()
        with pytest.raises(Unavailable):
            await registry.allocate(new_id())
        assert loop.time() - started_s < 0.3
    finally:
        private_redis.thaw()


async def test_a_match_that_is_being_opened_counts_once_from_its_lease_to_its_room(
    registry: ServerRegistry,
) -> None:
    await report(registry, "session1")
    match_id = new_id()
    await picked(registry, match_id)
    await report(registry, "session1", opening={match_id})
    assert await load_of(registry, "session1") == 1
    await registry.confirm(match_id, "session1")
    await report(registry, "session1", opening={match_id})
    assert await load_of(registry, "session1") == 1
    await report(registry, "session1", running=1)
    assert await load_of(registry, "session1") == 1
