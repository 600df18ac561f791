"""할당의 경주: 여덟 대의 할당이 겹치고 답의 10분의 1이 사라져도, 남는 자리도 넘치는 서버도 없다.

대답은 커밋된 뒤에 사라진다: 부른 쪽은 임대가 생겼는지 모른다. 그때 절반은 같은 판으로 다시 묻고(같은 답),
절반은 잊는다(임대가 지나면 자리가 돌아온다). 서버의 굳힘의 답도 그만큼 사라진다.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

from concurrency.cancellation import end_tasks
from kernel.errors import Unavailable
from kernel.ids import new_id
from redisstore import keys
from redisstore.client import AsyncRedis, RedisSettings, make_async_client
from redisstore.gate import RedisGate
from redisstore.servers.registry import ServerPick, ServerRegistry, ServerReport
from tests.it.session.conftest import eventually

pytestmark = pytest.mark.alone

T = TypeVar("T")
REGION = "race"
SERVERS = [f"session{number}" for number in range(1, 6)]
CAPACITY = 120
MATCHMAKERS = 8
MATCHES_EACH = 100  # 모두 800판, 자리는 600이라 뒤의 것은 자리를 얻지 못한다
DROPPED = 0.1
LEASE_MS = 1_500
HEARTBEAT_S = 0.05


@dataclass
class Server:
    """session 서버 하나: 임대를 굳혀 판을 열고, 연 판과 여는 판을 하트비트에 말한다."""

    server_id: str
    registry: ServerRegistry
    running: set[str] = field(default_factory=set)
    opening: set[str] = field(default_factory=set)

    async def beat(self) -> None:
        await self.registry.tell(
            lambda: ServerReport(
                server_id=self.server_id, address=f"{self.server_id}:7000", state="ready", capacity=CAPACITY,
                running=len(self.running), version="1", opening=self.opening - self.running,
            )
        )  # fmt: skip

    async def create(self, match_id: str) -> bool:
        """판을 연다(멱등). 임대가 제 것이 아니면 열지 않는다."""
        if match_id not in self.running:
            self.opening.add(match_id)  # 진짜처럼 여는 판도 하트비트에 말한다. 굳은 판이 부하에서 빠지지 않게
            try:
                if not await self.registry.confirm(match_id, self.server_id):
                    return False
                self.running.add(match_id)
            finally:
                self.opening.discard(match_id)
        assert len(self.running) <= CAPACITY, "수용량을 넘었다"
        return True


class Race:
    """여덟 대의 matchmaking과 다섯 대의 서버."""

    def __init__(self, clients: list[AsyncRedis], seed: int) -> None:
        self.dice = random.Random(seed)
        self.client = clients[0]
        self.registries = [ServerRegistry(RedisGate(client), REGION, lease_ms=LEASE_MS) for client in clients]
        self.servers = {name: Server(name, ServerRegistry(RedisGate(clients[0]), REGION)) for name in SERVERS}
        self.settled: set[str] = set()
        self.forgotten: set[str] = set()
        self.refused = 0

    async def keep_beating(self) -> None:
        while True:
            await asyncio.gather(*(server.beat() for server in self.servers.values()))
            await asyncio.sleep(HEARTBEAT_S)

    async def matchmaker(self, registry: ServerRegistry) -> None:
        for _ in range(MATCHES_EACH):
            await self.place(registry, new_id())

    async def place(self, registry: ServerRegistry, match_id: str) -> None:
        """판 하나를 둘 곳을 얻어 연다. 잃은 답의 절반은 다시 묻고 절반은 잊는다."""
        while True:
            try:
                pick = await self.lossy(registry.allocate(match_id))
                if pick is None:
                    self.refused += 1
                    return
                if await self.lossy(self.servers[pick.server_id].create(match_id)):
                    self.settled.add(match_id)
                    return
            except Unavailable:
                if self.dice.random() < 0.5:
                    self.forgotten.add(match_id)
                    return

    async def lossy(self, call: Awaitable[T]) -> T:
        """이미 커밋된 답을 10분의 1은 잃는다."""
        answer = await call
        if self.dice.random() < DROPPED:
            raise Unavailable("답을 잃었다")
        return answer

    async def is_settled(self) -> bool:
        """잊힌 임대가 모두 지났는가."""
        return sum((await self.loads()).values()) == sum(len(each.running) for each in self.servers.values())

    async def loads(self) -> dict[str, int]:
        return {row.server_id: row.load for row in await self.registries[0].servers()}


@pytest.fixture
async def race(redis_client: AsyncRedis, redis_settings: RedisSettings) -> AsyncIterator[Race]:
    clients = [make_async_client(redis_settings) for _ in range(MATCHMAKERS)]
    yield Race(clients, seed=7)
    for client in clients:
        await client.aclose()


async def test_no_place_is_orphaned_no_server_is_overfull_and_the_load_stays_even(race: Race) -> None:
    await asyncio.gather(*(server.beat() for server in race.servers.values()))
    beating = asyncio.create_task(race.keep_beating())
    early = [asyncio.create_task(race.matchmaker(registry)) for registry in race.registries]
    try:
        # 자리가 남는 동안의 할당은 고르다: 임대까지 센 부하가 한 판보다 벌어지지 않는다.
        while sum((loads := await race.loads()).values()) < CAPACITY and not all(t.done() for t in early):
            await asyncio.sleep(0)
            assert max(loads.values()) - min(loads.values()) <= 1, loads
        await asyncio.gather(*early)
        assert race.refused, "자리보다 많은 판을 청했다"
        assert race.forgotten, "답을 잃은 판이 있어야 한다"

        await eventually(race.is_settled, "임대가 지나도 자리가 돌아오지 않는다")
    finally:
        await end_tasks([beating, *early])

    where = Counter(match_id for server in race.servers.values() for match_id in server.running)
    assert set(where.values()) == {1}, "한 판은 한 서버에서만 돈다"
    assert race.settled <= where.keys()
    loads = await race.loads()
    assert loads == {name: len(server.running) for name, server in race.servers.items()}
    assert max(loads.values()) <= CAPACITY
    leases = [key async for key in race.client.scan_iter(keys.lease(REGION, "*"))]
    held = [await race.client.get(key) for key in leases]  # 훑고 읽는 사이에 지난 것은 None이다
    assert all(value is None or value.startswith("confirmed:") for value in held), "굳지 않은 임대가 남았다"

    # 잊힌 임대가 돌아온 빈자리는 다시 채워지고, 다 찬 뒤의 부하는 고르다.
    beating = asyncio.create_task(race.keep_beating())
    try:
        while await race.registries[0].allocate(match_id := new_id()):
            pick = await race.registries[0].allocate(match_id)
            assert isinstance(pick, ServerPick)
            assert await race.servers[pick.server_id].create(match_id)
    finally:
        await end_tasks([beating])
    assert {len(server.running) for server in race.servers.values()} == {CAPACITY}
