"""Redis가 죽거나 얼어붙어도 받아들였다고 답한 것은 잃지 않고, 답을 잃은 join은 두 표가 되지 않는다.

크기는 환경 변수로 키운다: `HANPAN_FAULT_PAUSES`(얼리는 횟수, 기본 2).
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.errors import AlreadyInMatch, Unavailable
from kernel.ids import new_id
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.tickets.claims import TicketStore
from redisstore.tickets.rows import Cancelled, Joined, NewTicket, TicketCancelRequest
from tests.fakes.addresses import own_address
from tests.fakes.redis_process import HOST, RedisProcess
from tests.fakes.roomless_session import RoomlessSession
from tests.fakes.watching_gateway import WatchingGateway, eventually
from tests.fakes.worker_process import WorkerProcess, matchmaking_process
from tests.faults.conftest import REGION

KILLS = 20
WORKERS = 8
ANSWERS_PER_KILL = 200
PAUSES = int(os.environ.get("HANPAN_FAULT_PAUSES", "2"))
PAUSE_S = 0.6
JOINS = 200
LIMIT_S = 60.0


class Acknowledged:
    """받아들였다는 답을 들은 것들. 답을 잃은 것은 어느 쪽이어도 옳으므로 빼 둔다."""

    def __init__(self, store: TicketStore) -> None:
        self._store = store
        self.waiting: set[str] = set()
        self.gone: set[str] = set()
        self.answers = 0
        self._news = asyncio.Condition()

    async def until(self, answers: int) -> None:
        """답이 이만큼 모일 때까지 기다린다."""
        async with self._news:
            await self._news.wait_for(lambda: self.answers >= answers)

    async def work(self, over: asyncio.Event) -> None:
        """줄에 서고, 세 번에 한 번은 물러난다."""
        number = 0
        while not over.is_set():
            number += 1
            try:
                await self._join(new_id(), leaves=number % 3 == 0)
            except Unavailable:
                await asyncio.sleep(0.01)
            async with self._news:
                self._news.notify_all()

    async def _join(self, player_id: str, *, leaves: bool) -> None:
        new = NewTicket(
            ticket_id=new_id(), player_id=player_id, name="n", mode="duel", rating=1500.0, gateway_id="g1",
            conn_id=1, request_key="k",
        )  # fmt: skip
        [joined] = await self._store.join([new])
        if not isinstance(joined, Joined):
            raise Unavailable
        self.answers += 1
        if not leaves:
            self.waiting.add(joined.ticket_id)
            return
        [cancelled] = await self._store.cancel([TicketCancelRequest(player_id, joined.ticket_id)])
        if isinstance(cancelled, Cancelled):
            self.answers += 1
            self.gone.add(joined.ticket_id)


async def test_what_redis_acknowledged_outlives_its_sigkills(
    own_redis: RedisProcess, redis_client: AsyncRedis
) -> None:
    # everysec이면 디스크의 fsync가 밀린 동안(많아야 2초) 답한 것을 SIGKILL이 앗아갈 수 있다.
    store = TicketStore(RedisGate(redis_client), REGION, ticket_timeout_ms=600_000)
    told, over = Acknowledged(store), asyncio.Event()
    own_redis.kill()
    own_redis.appendfsync = "always"
    own_redis.start()
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
        for _ in range(WORKERS):
            group.create_task(told.work(over))
        for kill in range(1, KILLS + 1):
            await told.until(kill * ANSWERS_PER_KILL)
            await asyncio.to_thread(own_redis.kill)
            await asyncio.to_thread(own_redis.start)
        over.set()
    left = set((await store.snapshot(["duel"])).waiting["duel"])
    assert told.waiting - left == set(), "받아들인 표를 잃었다"
    assert told.gone & left == set(), "거둔 표가 돌아왔다"
    assert (await store.fetch(told.waiting)).keys() == told.waiting


@pytest.fixture
def matchmaking(own_redis: RedisProcess, tmp_path: Path) -> Iterator[WorkerProcess]:
    environment = {
        "HANPAN_REDIS_HOST": HOST, "HANPAN_REDIS_PORT": str(own_redis.port), "HANPAN_REGION": REGION,
        "HANPAN_DB_HOST": own_address(50), "HANPAN_DB_PORT": "1", "HANPAN_MODE_OVERRIDES": "",
    }  # fmt: skip
    with matchmaking_process("matchmaking1", own_address(51), environment, tmp_path) as process:
        yield process


async def test_joins_over_a_frozen_redis_make_no_second_ticket(
    own_redis: RedisProcess, matchmaking: WorkerProcess, session: RoomlessSession
) -> None:
    refusals = 0

    async def join_at_last(gateway: WatchingGateway, player_id: str) -> None:
        """gateway처럼 같은 열쇠로 다시 묻는다."""
        nonlocal refusals
        while True:
            try:
                await gateway.join(matchmaking.address, player_id, request_key="k")
            except Unavailable:
                refusals += 1
                await asyncio.sleep(0.05)
            except AlreadyInMatch:
                return  # 답을 잃은 청이 그 사이 판을 얻었다
            else:
                return

    async with WatchingGateway("gateway1", [matchmaking.address], region=REGION) as gateway:
        for pause in range(1, PAUSES + 1):
            players = [new_id() for _ in range(JOINS)]
            joins = [asyncio.create_task(join_at_last(gateway, player)) for player in players]
            own_redis.freeze()
            await asyncio.sleep(PAUSE_S)
            own_redis.thaw()
            async with asyncio.timeout(LIMIT_S):
                await asyncio.gather(*joins)
            await eventually(
                lambda expected=pause * JOINS // 2: len(session.made) == expected,
                "판을 얻지 못한 선수가 있다",
            )
            assert refusals, "얼어 있는 동안 거절된 join이 없다"
    seated = Counter(player.player_id for made in session.made.values() for player in made.players)
    assert set(seated.values()) == {1}, "두 판에 앉은 선수가 있다"
    assert len(seated) == PAUSES * JOINS
    assert all(len(found) == 1 for found in gateway.seats.values())
