"""장애 시험은 통합 시험과 같은 스택을 쓴다."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from database.transactions import run_transaction
from matches.results.finalize import finalize_match
from redisstore.client import AsyncRedis
from tests.fakes.redis_process import RedisProcess, redis_process
from tests.fakes.roomless_session import RoomlessSession, roomless_session
from tests.it.conftest import django_db_modify_db_settings, faults, redis_settings, stack
from tests.it.matches.outcomes import finished, make_players

__all__ = ["django_db_modify_db_settings", "faults", "redis_settings", "stack"]

REGION = "local"


@pytest.fixture
def known_players(transactional_db: None) -> list[str]:
    """이미 한 판을 둔 선수 둘(레이팅 행을 만드는 문장이 끼지 않는다)."""
    players: list[str] = run_transaction(lambda: make_players(2))
    finalize_match(finished(players))
    return players


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisProcess]:
    """시험 하나가 마음대로 멈추고 죽이는 Redis."""
    folder = tmp_path / "redis"
    folder.mkdir()
    with redis_process(folder) as process:
        yield process


@pytest.fixture
async def redis_client(own_redis: RedisProcess) -> AsyncIterator[AsyncRedis]:
    """그 Redis의 클라이언트."""
    client = own_redis.client()
    yield client
    await client.aclose()


@pytest.fixture
async def session(redis_client: AsyncRedis) -> AsyncIterator[RoomlessSession]:
    """그 Redis에 등록된, 방이 없는 session."""
    async with roomless_session(redis_client, REGION, "session1") as opened:
        yield opened
