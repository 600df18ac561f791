"""새 소켓의 문지기: 묶어 묻고, 모자라면 남은 만큼만 들이고, Redis가 멈추면 스스로 센다."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from prometheus_client import REGISTRY

from gateway.websocket.connect_limit import AWAY_S, MAX_LOCAL_BUCKETS, ConnectLimit
from kernel.errors import Unavailable
from redisstore.ratelimit import Decision
from resilience.stance import Stance
from telemetry import metrics
from tests.fakes.manual_clock import ManualClock


class Bucket:
    """Redis의 양동이 흉내."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens
        self.costs: list[int] = []
        self.trips = 0
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.is_down = False
        self.fault: Exception | None = None

    async def take(self, scope: str, subject: str, rate_per_s: float, burst: int) -> Decision:
        return (await self.take_many(scope, [(subject, 1)], rate_per_s, burst))[0]

    async def take_many(
        self, scope: str, costs: Sequence[tuple[str, int]], rate_per_s: float, burst: int
    ) -> list[Decision]:
        self.trips += 1
        self.asked.set()
        self.costs += [cost for _, cost in costs]
        await asyncio.sleep(0)
        await self.may_answer.wait()
        if self.is_down:
            raise Unavailable
        if self.fault is not None:
            raise self.fault
        return [self._take(cost) for _, cost in costs]

    def _take(self, cost: int) -> Decision:
        if cost > self.tokens:
            return Decision(allowed=False, retry_after_ms=50)
        self.tokens -= cost
        return Decision(allowed=True, retry_after_ms=0)


def limit(bucket: Bucket, clock: ManualClock, burst: int = 100) -> ConnectLimit:
    stance = Stance.fail_open(metrics.gateway_limit_fallback.inc)
    return ConnectLimit(bucket, rate_per_s=10.0, burst=burst, clock=clock, stance=stance)


async def admitted(door: ConnectLimit, count: int, address: str = "a") -> int:
    decisions = await asyncio.gather(*(door.admit(address) for _ in range(count)))
    return sum(decision.allowed for decision in decisions)


async def test_sockets_that_come_together_are_asked_for_together(clock: ManualClock) -> None:
    bucket = Bucket(tokens=100)
    assert await admitted(limit(bucket, clock), 50) == 50
    assert bucket.costs == [50]


async def test_sockets_that_come_while_asking_share_the_next_question(clock: ManualClock) -> None:
    bucket = Bucket(tokens=100)
    door = limit(bucket, clock)
    first = asyncio.create_task(admitted(door, 1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second = asyncio.create_task(admitted(door, 20))
    assert await first + await second == 21
    assert sum(bucket.costs) == 21
    assert len(bucket.costs) == 2


async def test_when_too_few_are_left_only_those_are_let_in(clock: ManualClock) -> None:
    bucket = Bucket(tokens=3)
    door = limit(bucket, clock)
    decisions = await asyncio.gather(*(door.admit("a") for _ in range(10)))
    assert [decision.allowed for decision in decisions] == [True] * 3 + [False] * 7
    assert {decision.retry_after_ms for decision in decisions[3:]} == {50}
    assert len(bucket.costs) == 5


async def test_addresses_do_not_share(clock: ManualClock) -> None:
    bucket = Bucket(tokens=100)
    door = limit(bucket, clock)
    assert await admitted(door, 2, "a") + await admitted(door, 2, "b") == 4
    assert bucket.costs == [2, 2]


async def test_addresses_that_come_together_are_asked_for_in_one_trip(clock: ManualClock) -> None:
    bucket = Bucket(tokens=100)
    door = limit(bucket, clock)
    decisions = await asyncio.gather(*(door.admit(str(number)) for number in range(20)))
    assert all(decision.allowed for decision in decisions)
    assert bucket.trips == 1


async def test_only_the_crowded_address_is_asked_again(clock: ManualClock) -> None:
    bucket = Bucket(tokens=4)
    door = limit(bucket, clock)
    crowded = [door.admit("crowded") for _ in range(6)]
    decisions = await asyncio.gather(door.admit("alone"), *crowded, door.admit("later"))
    assert [decision.allowed for decision in decisions] == [True, *[True] * 2, *[False] * 4, True]
    assert bucket.costs == [1, 6, 1, *[1] * 3]


async def test_a_lone_socket_that_is_refused_is_not_asked_for_twice(clock: ManualClock) -> None:
    bucket = Bucket(tokens=0)
    assert not (await limit(bucket, clock).admit("a")).allowed
    assert bucket.costs == [1]


async def test_a_group_larger_than_the_bucket_is_asked_one_by_one(clock: ManualClock) -> None:
    bucket = Bucket(tokens=4)
    assert await admitted(limit(bucket, clock, burst=4), 6) == 4
    assert set(bucket.costs) == {1}


def _fallbacks() -> float:
    return REGISTRY.get_sample_value("gateway_limit_fallback_total") or 0.0


async def test_without_redis_the_process_counts_by_itself_and_says_so(clock: ManualClock) -> None:
    bucket = Bucket(tokens=0)
    bucket.is_down = True
    door, before = limit(bucket, clock, burst=5), _fallbacks()
    assert await admitted(door, 8) == 5
    assert _fallbacks() - before == 8
    clock.now_s += 0.2
    assert await admitted(door, 8) == 2


async def test_a_redis_that_is_away_is_not_asked_again_for_a_while(clock: ManualClock) -> None:
    bucket = Bucket(tokens=100)
    door = limit(bucket, clock)
    bucket.is_down = True
    await admitted(door, 1)
    await admitted(door, 5)
    assert bucket.costs == [1]
    bucket.is_down = False
    clock.now_s += AWAY_S
    await admitted(door, 5)
    assert bucket.costs == [1, 5]


async def test_sockets_that_came_while_redis_was_found_away_are_not_asked_for(clock: ManualClock) -> None:
    bucket = Bucket(tokens=100)
    bucket.is_down = True
    bucket.may_answer.clear()
    door = limit(bucket, clock)
    first = asyncio.create_task(door.admit("a"))
    await bucket.asked.wait()
    others = asyncio.create_task(admitted(door, 9))
    for _ in range(5):
        await asyncio.sleep(0)
    bucket.may_answer.set()
    assert (await first).allowed
    assert await others == 9
    assert bucket.trips == 1


async def test_the_own_buckets_do_not_grow_without_end(clock: ManualClock) -> None:
    bucket = Bucket(tokens=0)
    bucket.is_down = True
    door = limit(bucket, clock)
    for number in range(MAX_LOCAL_BUCKETS + 50):
        door._take_locally(str(number))
    assert len(door._local) == MAX_LOCAL_BUCKETS


async def test_a_socket_that_left_while_waiting_harms_nobody(clock: ManualClock) -> None:
    bucket = Bucket(tokens=100)
    door = limit(bucket, clock)
    leaver = asyncio.create_task(door.admit("a"))
    stayer = asyncio.create_task(door.admit("a"))
    await asyncio.sleep(0)
    leaver.cancel()
    assert (await stayer).allowed


async def test_a_limiter_with_a_fault_of_ours_keeps_nobody_waiting(clock: ManualClock) -> None:
    bucket = Bucket(tokens=100)
    door = limit(bucket, clock)
    bucket.fault = ValueError("NOPERM")
    async with asyncio.timeout(5):
        assert await admitted(door, 3) == 3
    bucket.fault = None
    async with asyncio.timeout(5):
        assert await admitted(door, 3) == 3
    assert bucket.tokens == 97


async def test_a_closed_door_lets_nobody_in_whom_it_could_not_ask_for(clock: ManualClock) -> None:
    bucket = Bucket(tokens=100)
    bucket.is_down = True
    door = ConnectLimit(bucket, rate_per_s=10.0, burst=100, clock=clock, stance=Stance.fail_closed())
    for _ in range(2):
        with pytest.raises(Unavailable):
            await door.admit("a")
    assert bucket.trips == 1
