"""할당기: 한 바퀴의 부름은 한 왕복이고, 자리가 없음은 지표가 세며, 판의 운명은 임대가 정한다."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from gameservices.matchmaking.director.allocator import LOOK_ONLY_MS, Allocator
from kernel.errors import Unavailable
from redisstore.servers.registry import Allocation, ServerPick
from telemetry import metrics
from tests.fakes.matchmaking_stage import MemoryServers


@dataclass
class TripCountingServers(MemoryServers):
    """왕복마다 청한 것을 적는다."""

    trips: list[list[Allocation]] = field(default_factory=list)

    async def allocate_many(self, wanted: Sequence[Allocation]) -> list[ServerPick | None]:
        self.trips.append(list(wanted))
        return await super().allocate_many(wanted)


@pytest.fixture
def servers() -> TripCountingServers:
    return TripCountingServers(places={"session1": 2, "session2": 2})


@pytest.fixture
def allocator(servers: TripCountingServers) -> Allocator:
    return Allocator(servers)


async def test_the_picks_of_one_turn_are_one_trip(servers: TripCountingServers, allocator: Allocator) -> None:
    picks = await asyncio.gather(*(allocator.pick(each, not_after_ms=9) for each in ("m1", "m2", "m3")))
    assert [pick.server_id for pick in picks if pick] == ["session1", "session1", "session2"]
    assert servers.trips == [[Allocation(each, (), 9) for each in ("m1", "m2", "m3")]]


async def test_a_server_that_refused_is_not_picked_again(allocator: Allocator) -> None:
    pick = await allocator.pick("m1", exclude={"session1"}, not_after_ms=9)
    assert pick is not None
    assert pick.server_id == "session2"


async def test_having_no_server_is_counted(servers: TripCountingServers, allocator: Allocator) -> None:
    servers.places = {}
    before = metrics.allocation_no_server._value.get()
    assert await allocator.pick("m1", not_after_ms=9) is None
    assert metrics.allocation_no_server._value.get() == before + 1


async def test_the_holder_is_only_looked_for(servers: TripCountingServers, allocator: Allocator) -> None:
    assert await allocator.holder("m1") is None
    assert servers.places == {"session1": 2, "session2": 2}
    servers.confirmed["m1"] = "session2"
    assert await allocator.holder("m1") == ServerPick("session2", "session2:7000")
    assert LOOK_ONLY_MS == 1


async def test_only_a_confirmed_lease_can_not_be_withdrawn(
    servers: TripCountingServers, allocator: Allocator
) -> None:
    await allocator.pick("m1", not_after_ms=9)
    assert await allocator.withdraw("m1")
    assert await allocator.withdraw("never leased")
    servers.confirmed["m1"] = "session1"
    assert not await allocator.withdraw("m1")


async def test_a_stopped_redis_is_unavailable_to_everyone_in_the_trip(
    servers: TripCountingServers, allocator: Allocator
) -> None:
    servers.failing = True
    replies = await asyncio.gather(
        *(allocator.pick(each, not_after_ms=9) for each in ("m1", "m2")), return_exceptions=True
    )
    assert [type(reply) for reply in replies] == [Unavailable, Unavailable]
    with pytest.raises(Unavailable):
        await allocator.withdraw("m1")
