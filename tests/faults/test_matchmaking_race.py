"""네 matchmaking이 한 줄을 다투고 아무 때나 죽는 사이, 선수들이 줄에 서고 물러나고 기다리다 지친다.

누구도 두 판에 앉지 않고, 잃은 표도, 끝나고 남은 표도 없다. 크기는 환경 변수로 키운다:
`HANPAN_RACE_PLAYERS`(기본 100), `HANPAN_RACE_JOINS`(기본 1,000), `HANPAN_RACE_JOINS_PER_S`(0: 쉬지 않음).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import Counter
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from random import Random

import grpc.aio
import pytest

from hanpan.v1 import matchmaking_pb2 as pb
from hanpan.v1 import session_pb2
from kernel.errors import AlreadyInMatch, NotQueued, Unavailable
from kernel.ids import new_id
from redisstore import keys
from redisstore.client import AsyncRedis
from tests.fakes.addresses import own_address
from tests.fakes.redis_process import RedisProcess
from tests.fakes.roomless_session import roomless_session
from tests.fakes.watching_gateway import WatchingGateway
from tests.fakes.worker_process import WorkerProcess, matchmaking_process
from tests.faults.conftest import REGION
from tests.it.redisstore.key_table import strange_keys

pytestmark = pytest.mark.alone

PLAYERS = int(os.environ.get("HANPAN_RACE_PLAYERS", "100"))
JOINS = int(os.environ.get("HANPAN_RACE_JOINS", "1000"))
# 사람이 많으면 한 시험 프로세스(선수, gateway, session의 대역)가 먼저 밀린다. 0이면 쉬지 않고 선다.
JOINS_PER_S = float(os.environ.get("HANPAN_RACE_JOINS_PER_S", "0"))
MATCHMAKINGS = 4
TICKET_TIMEOUT_MS = 4_000
KILL_EVERY_S = (1.0, 2.0)
CANCEL_SHARE = 0.3
NEWS_WITHIN_S = 60.0  # 되살리기는 10초, 가드의 수명까지 기다려야 할 까닭은 없다
LIMIT_S = max(300.0, JOINS / 14)  # 큰 크기는 손으로 돌린다


class Ledger:
    """판마다 누가 앉았고 끝내기를 청했는가. 겹쳐 앉는 순간 적는다."""

    def __init__(self) -> None:
        self.seated: dict[str, str] = {}
        self.doubled: list[tuple[str, str, str]] = []
        self.matches: dict[str, list[str]] = {}

    def made(self, request: session_pb2.CreateMatchRequest) -> None:
        """판이 만들어졌다."""
        self.matches[request.match_id] = [player.player_id for player in request.players]
        for player_id in self.matches[request.match_id]:
            before = self.seated.get(player_id)
            if before is not None:
                self.doubled.append((player_id, before, request.match_id))
            self.seated[player_id] = request.match_id

    def ending(self, match_id: str) -> list[str]:
        """판을 끝내려 한다. 앉은 선수들을 준다."""
        for player_id in self.matches[match_id]:
            del self.seated[player_id]
        return self.matches[match_id]


class RacingGateway(WatchingGateway):
    """끊긴 스트림을 다시 여는 gateway. `open_tickets`는 아직 통지를 기다리는 표다."""

    def __init__(self, gateway_id: str, addresses: list[str]) -> None:
        super().__init__(gateway_id, addresses, region=REGION)
        self.open_tickets: set[str] = set()

    async def watch_forever(self, address: str) -> None:
        while True:
            with contextlib.suppress(grpc.aio.AioRpcError):
                await self._read(address, sorted(self.open_tickets), asyncio.Event())
            await asyncio.sleep(0.05)

    async def news_of(self, ticket_id: str) -> pb.MatchFound | None:
        """그 표의 판. 지났으면 None."""
        async with asyncio.timeout(NEWS_WITHIN_S), self._news:
            await self._news.wait_for(lambda: ticket_id in self.seats or ticket_id in self.timeouts)
        self.open_tickets.discard(ticket_id)
        return self.seats[ticket_id][0] if ticket_id in self.seats else None


class Matchmakings:
    """네 프로세스. 하나씩 죽이고 다시 세운다."""

    def __init__(self, redis: RedisProcess, folder: Path) -> None:
        settings = redis.settings()
        self._environment = {
            "HANPAN_REDIS_HOST": settings.host, "HANPAN_REDIS_PORT": str(settings.port),
            "HANPAN_REGION": REGION, "HANPAN_DB_HOST": own_address(40), "HANPAN_DB_PORT": "1",
            "HANPAN_MODE_OVERRIDES": "", "HANPAN_TICKET_TIMEOUT_MS": str(TICKET_TIMEOUT_MS),
        }  # fmt: skip
        self._folder = folder
        self._running: list[tuple[ExitStack, WorkerProcess]] = []
        self.kills = 0

    def start_all(self) -> list[str]:
        """모두 띄우고 주소를 준다."""
        for number in range(MATCHMAKINGS):
            self._running.append(self._start(number))
        return [process.address for _, process in self._running]

    def _start(self, number: int) -> tuple[ExitStack, WorkerProcess]:
        folder = self._folder / f"mm{number}.{self.kills}"
        folder.mkdir()
        stack = ExitStack()
        name, host = f"matchmaking{number}", own_address(41 + number)
        return stack, stack.enter_context(matchmaking_process(name, host, self._environment, folder))

    async def kill_until(self, over: asyncio.Event, random: Random) -> None:
        """`over`까지. 띄우던 것은 마저 띄우고 끝낸다: 도중에 그만두면 그 프로세스를 아무도 멈추지 않는다."""
        while not await _comes_within(random.uniform(*KILL_EVERY_S), over):
            number = random.randrange(MATCHMAKINGS)
            stack, process = self._running[number]
            process.process.kill()
            self.kills += 1
            await asyncio.to_thread(stack.close)
            self._running[number] = await asyncio.to_thread(self._start, number)

    def stop_all(self) -> None:
        for stack, _ in self._running:
            stack.close()


async def _comes_within(limit_s: float, event: asyncio.Event) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limit_s):
            await event.wait()
    return event.is_set()


class Race:
    """선수들과 그들이 겪은 끝."""

    def __init__(self, gateways: list[RacingGateway], addresses: list[str], ledger: Ledger) -> None:
        self._gateways = gateways
        self._addresses = addresses
        self._ledger = ledger
        self._over: dict[str, asyncio.Event] = {}
        self._told: Counter[str] = Counter()
        self.ends: Counter[str] = Counter()

    async def play(self, random: Random, joins: int) -> None:
        """한 선수의 모든 줄서기."""
        player_id, gateway = new_id(), random.choice(self._gateways)
        for _ in range(joins):
            if JOINS_PER_S:
                await asyncio.sleep(random.uniform(0, 2 * PLAYERS / JOINS_PER_S))
            ticket_id = await self._join(gateway, random, player_id)
            if ticket_id is None:
                self.ends["returned"] += 1
                await self._finish(gateway, random, self._ledger.seated[player_id])
                continue
            gateway.open_tickets.add(ticket_id)
            if random.random() < CANCEL_SHARE:
                await asyncio.sleep(random.uniform(0, 0.05))
                if await self._cancelled(gateway, random, player_id):
                    gateway.open_tickets.discard(ticket_id)
                    self.ends["cancelled"] += 1
                    continue
            found = await gateway.news_of(ticket_id)
            if found is None:
                self.ends["timed out"] += 1
            else:
                self.ends["matched"] += 1
                await self._finish(gateway, random, found.match_id)

    async def _finish(self, gateway: RacingGateway, random: Random, match_id: str) -> None:
        """모두가 통지를 들으면 판이 끝난다."""
        over = self._over.setdefault(match_id, asyncio.Event())
        self._told[match_id] += 1
        if self._told[match_id] < len(self._ledger.matches[match_id]):
            async with asyncio.timeout(NEWS_WITHIN_S):
                await over.wait()
            return
        players = self._ledger.ending(match_id)
        while True:
            try:
                await gateway.end(random.choice(self._addresses), match_id, players)
            except grpc.aio.AioRpcError:
                await asyncio.sleep(0.05)
            else:
                break
        over.set()

    async def _join(self, gateway: RacingGateway, random: Random, player_id: str) -> str | None:
        """대기표. 답을 잃은 청이 그 사이 판이 되었으면 None이다(진짜 선수는 hello로 그 판에 돌아간다)."""
        request_key, lost_answers = new_id(), 0
        while True:
            try:
                return await gateway.join(random.choice(self._addresses), player_id, request_key=request_key)
            except Unavailable:
                lost_answers += 1
                await asyncio.sleep(0.05)
            except AlreadyInMatch:
                assert lost_answers, "놓아준 선수가 아직 판에 매여 있다"
                return None

    async def _cancelled(self, gateway: RacingGateway, random: Random, player_id: str) -> bool:
        while True:
            try:
                await gateway.cancel(random.choice(self._addresses), player_id)
            except Unavailable:
                await asyncio.sleep(0.05)
            except NotQueued:
                return False  # 판에 잡혔거나, 앞의 거둠이 답 없이 반영되었다. 통지가 말해 준다
            else:
                return True


async def test_killed_matchmakers_seat_nobody_twice_and_lose_nobody(
    own_redis: RedisProcess, redis_client: AsyncRedis, tmp_path: Path
) -> None:
    matchmakings, ledger = Matchmakings(own_redis, tmp_path), Ledger()
    try:
        addresses = matchmakings.start_all()
        async with asyncio.timeout(LIMIT_S), AsyncExitStack() as stack:
            for name in ("session1", "session2"):
                session = await stack.enter_async_context(roomless_session(redis_client, REGION, name))
                session.on_made = ledger.made
            gateways = [RacingGateway(f"gateway{number}", addresses) for number in (1, 2)]
            background = [
                asyncio.create_task(gateway.watch_forever(address))
                for gateway in gateways
                for address in addresses
            ]
            race = Race(gateways, addresses, ledger)
            over = asyncio.Event()
            killer = asyncio.create_task(matchmakings.kill_until(over, Random(7)))
            try:
                await asyncio.gather(*(race.play(Random(seed), JOINS // PLAYERS) for seed in range(PLAYERS)))
            finally:
                over.set()
                await killer
            await assert_nothing_is_left(redis_client)
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
    finally:
        await asyncio.to_thread(matchmakings.stop_all)
    assert ledger.doubled == []
    assert ledger.seated == {}
    assert sum(race.ends.values()) == JOINS // PLAYERS * PLAYERS
    assert race.ends["matched"] + race.ends["returned"] == sum(map(len, ledger.matches.values()))
    assert race.ends["cancelled"] > 0
    assert matchmakings.kills > 0


async def assert_nothing_is_left(redis: AsyncRedis) -> None:
    """줄은 비었고, 가드도 남은 표도 없다. 정해진 표의 흔적은 제 수명에 사라진다."""
    async with asyncio.timeout(NEWS_WITHIN_S):
        while await redis.zcard(keys.queue(REGION, "duel")):  # noqa: ASYNC110 - 알려 줄 이가 없다
            await asyncio.sleep(0.1)
    guards = [key async for key in redis.scan_iter(keys.player_guard(REGION, "*"))]
    assert guards == []
    async for key in redis.scan_iter(keys.ticket(REGION, "*")):
        assert await redis.hget(key, "state") != "queued", key
    assert await strange_keys(redis) == []
