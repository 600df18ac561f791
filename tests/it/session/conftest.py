"""session의 통합 시험: 진짜 MariaDB, 혼자만의 Redis, 진짜 session 프로세스."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from django.db import connection, connections

from hanpan.v1 import common_pb2, session_pb2
from kernel.ids import new_id
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.servers.registry import ServerRegistry
from rpc.batch import error_of
from stack.runtime import Runtime
from tests.fakes.addresses import own_address
from tests.fakes.gateway_peer import GatewayPeer
from tests.fakes.matchmaking_server import FakeMatchmaking, matchmaking_server
from tests.fakes.redis_process import RedisProcess
from tests.fakes.worker_process import WorkerProcess, session_process
from tests.it.matches.outcomes import make_players
from tests.it.redisstore.key_table import strange_keys

R = TypeVar("R")
SESSION_HOSTS = {"session1": own_address(41), "session2": own_address(42)}
MATCHMAKING = f"{own_address(43)}:7000"
DUEL_MS = 1_500
MODES = {"duel": {"duration_ms": DUEL_MS}, "arena": {"duration_ms": 60_000}}


async def in_database(job: Callable[..., R], *args: object) -> R:
    """막히는 DB 일을 스레드에서 하고 그 연결을 닫는다."""

    def work() -> R:
        try:
            return job(*args)
        finally:
            connections.close_all()

    return await asyncio.to_thread(work)


async def eventually(check: Callable[[], Awaitable[bool]], complaint: str, *, within_s: float = 10.0) -> None:
    """밖의 상태가 그렇게 될 때까지 기다린다."""
    deadline_s = time.monotonic() + within_s
    while True:
        if await check():
            return
        assert time.monotonic() < deadline_s, complaint
        await asyncio.sleep(0.02)


@pytest.fixture(autouse=True)
def _forget_dead_connections(transactional_db: None) -> Iterator[None]:
    """시험이 MariaDB를 죽였으면 이 스레드의 연결도 죽어 있다: 시험 데이터를 지우기 전에 버린다."""
    yield
    connections.close_all()


@pytest.fixture
async def redis_client(private_redis: RedisProcess) -> AsyncIterator[AsyncRedis]:
    """비우지 않은 Redis의 클라이언트(도는 session의 기록이 거기 있다). 표에 없는 키가 남으면 진다."""
    client = private_redis.client()
    yield client
    assert await strange_keys(client) == []
    await client.aclose()


@pytest.fixture(scope="module")
def environment(stack: Runtime, private_redis: RedisProcess, django_db_setup: None) -> dict[str, str]:
    """시험 데이터베이스를 응용 계정으로 쓰는 session의 환경."""
    database, redis = connection.settings_dict, private_redis.settings()
    return {
        "HANPAN_DB_HOST": database["HOST"], "HANPAN_DB_PORT": str(database["PORT"]),
        "HANPAN_DB_NAME": database["NAME"], "HANPAN_REDIS_HOST": redis.host,
        "HANPAN_REDIS_PORT": str(redis.port), "HANPAN_MATCHMAKING_ADDRESSES": MATCHMAKING,
        "HANPAN_MODE_OVERRIDES": json.dumps(MODES), "HANPAN_DRAIN_GRACE_MS": "1000",
        "HANPAN_START_COUNTDOWN_MS": "100",
        # 자리를 채우지 않는 시험이 많다. 빈 자리의 규칙은 test_leaving이 짧게 줄여서 본다.
        "HANPAN_ABANDON_AFTER_MS": "600000", "HANPAN_CONCEDE_AFTER_MS": "600000",
    }  # fmt: skip


@pytest.fixture(scope="module")
def session1(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WorkerProcess]:
    """시험들이 나눠 쓰는 session. 멈추거나 죽이지 않는다."""
    folder = tmp_path_factory.mktemp("session")
    with session_process("session1", SESSION_HOSTS["session1"], environment, folder) as session:
        yield session


@pytest.fixture
def session2(environment: dict[str, str], tmp_path: Path) -> Iterator[WorkerProcess]:
    """시험 하나가 멈추거나 죽여도 되는 session."""
    with session_process("session2", SESSION_HOSTS["session2"], environment, tmp_path) as session:
        yield session


@pytest.fixture
async def matchmaking() -> AsyncIterator[FakeMatchmaking]:
    async with matchmaking_server(MATCHMAKING) as made:
        yield made


@dataclass
class OpenedMatch:
    """만든 판과 그 자리들."""

    match_id: str
    player_ids: list[str]
    answer: session_pb2.CreateMatchResponse


async def create_match(
    gateway: GatewayPeer, request: session_pb2.CreateMatchRequest
) -> session_pb2.CreateMatchResponse:
    """판 하나를 청한다. 거절은 오류 나무의 오류로 던진다."""
    reply = await gateway.stub.CreateMatches(session_pb2.CreateMatchesRequest(matches=[request]), timeout=5)
    (outcome,) = reply.outcomes
    if outcome.HasField("refused"):
        raise error_of(outcome.refused)
    return outcome.made


class Organizer:
    """matchmaking처럼 자리를 빌려 판을 연다."""

    def __init__(self, redis: AsyncRedis) -> None:
        self.registry = ServerRegistry(RedisGate(redis), "local")

    def request(self, player_ids: list[str], mode: str = "duel") -> session_pb2.CreateMatchRequest:
        """판 하나의 요청."""
        return session_pb2.CreateMatchRequest(
            match_id=new_id(),
            mode=mode,
            region="local",
            seed=7,
            players=[
                common_pb2.MatchPlayer(player_id=player, name=f"p{slot}", rating=1500, slot=slot)
                for slot, player in enumerate(player_ids)
            ],
            created_at_ms=1_700_000_000_000,
            queued_at_ms=1_699_999_999_000,
        )

    async def lease(self, match_id: str, session: WorkerProcess) -> None:
        """그 서버의 자리를 빌린다."""
        others = set(SESSION_HOSTS) - {session.name}
        pick = await self.registry.allocate(match_id, others)
        assert pick is not None
        assert (pick.server_id, pick.address) == (session.name, session.address)

    async def open(self, gateway: GatewayPeer, session: WorkerProcess, mode: str = "duel") -> OpenedMatch:
        """선수 둘을 만들어 그 서버에 판을 연다."""
        player_ids = await in_database(make_players, 2)
        request = self.request(player_ids, mode)
        await self.lease(request.match_id, session)
        answer = await create_match(gateway, request)
        return OpenedMatch(request.match_id, player_ids, answer)


@pytest.fixture
def organizer(redis_client: AsyncRedis) -> Organizer:
    return Organizer(redis_client)
