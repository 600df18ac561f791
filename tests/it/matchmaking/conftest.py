"""matchmaking의 통합 시험: 혼자만의 Redis, 진짜 matchmaking 프로세스 둘, 방이 없는 session 둘.

MariaDB는 없다: 레이팅을 읽지 못해도 줄은 처음 레이팅으로 이어져야 한다.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from redisstore.client import AsyncRedis
from tests.fakes.addresses import own_address
from tests.fakes.redis_process import RedisProcess
from tests.fakes.roomless_session import RoomlessSession, roomless_session
from tests.fakes.watching_gateway import WatchingGateway
from tests.fakes.worker_process import WorkerProcess, matchmaking_process

REGION = "local"
HOSTS = {"matchmaking1": own_address(31), "matchmaking2": own_address(32)}


@pytest.fixture
async def redis_client(private_redis: RedisProcess) -> AsyncIterator[AsyncRedis]:
    """비운 Redis의 클라이언트. 임대는 스트림이 다시 잇는다."""
    client = private_redis.client()
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture(scope="module")
def environment(private_redis: RedisProcess) -> dict[str, str]:
    """아무도 듣지 않는 MariaDB의 주소를 가진 환경."""
    redis = private_redis.settings()
    return {
        "HANPAN_REDIS_HOST": redis.host, "HANPAN_REDIS_PORT": str(redis.port), "HANPAN_REGION": REGION,
        "HANPAN_DB_HOST": own_address(30), "HANPAN_DB_PORT": "1", "HANPAN_MODE_OVERRIDES": "",
    }  # fmt: skip


@pytest.fixture(scope="module")
def matchmaking1(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WorkerProcess]:
    """시험들이 나눠 쓰는 matchmaking. 멈추거나 죽이지 않는다."""
    folder = tmp_path_factory.mktemp("matchmaking")
    with matchmaking_process("matchmaking1", HOSTS["matchmaking1"], environment, folder) as process:
        yield process


@pytest.fixture
def matchmaking2(environment: dict[str, str], tmp_path: Path) -> Iterator[WorkerProcess]:
    """시험 하나가 멈추거나 죽여도 되는 matchmaking."""
    with matchmaking_process("matchmaking2", HOSTS["matchmaking2"], environment, tmp_path) as process:
        yield process


@pytest.fixture
async def sessions(redis_client: AsyncRedis) -> AsyncIterator[list[RoomlessSession]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(roomless_session(redis_client, REGION, name))
            for name in ("session1", "session2")
        ]


@pytest.fixture
async def gateway(redis_client: AsyncRedis, matchmaking1: WorkerProcess) -> AsyncIterator[WatchingGateway]:
    async with WatchingGateway("gateway1", [matchmaking1.address], region=REGION) as opened:
        yield opened
