"""platform의 통합 시험: 진짜 MariaDB의 시험 데이터베이스와 진짜 Redis에서 Django를 돌린다."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.credentials.service_authentication import service_verifier
from accounts.credentials.service_tokens import ensure_service_keys
from fleet.wiring import drain_orders, rolls
from players import wiring
from players.identity.keys import ensure_player_keys
from redisstore.client import RedisSettings, SyncRedis, make_sync_client
from redisstore.platform_client import redis_client

CACHED_PARTS = (
    redis_client,
    wiring.admission_limits,
    wiring.token_issuer,
    wiring.token_verifier,
    wiring.revocations,
    service_verifier,
    drain_orders,
    rolls,
)


@pytest.fixture
def redis(redis_settings: RedisSettings) -> Iterator[SyncRedis]:
    """빈 Redis."""
    client = make_sync_client(redis_settings)
    client.flushall()
    yield client
    client.close()


@pytest.fixture(autouse=True)
def _wired(settings: Settings, redis_settings: RedisSettings) -> Iterator[None]:
    """앱의 부품을 이 스택에 맞춰 새로 조립한다."""
    settings.REDIS = redis_settings
    ensure_player_keys(settings.KEYS_DIR)
    ensure_service_keys(settings.KEYS_DIR)
    _forget_parts()
    yield
    redis_client().close()
    _forget_parts()


def _forget_parts() -> None:
    for part in CACHED_PARTS:
        part.cache_clear()


@pytest.fixture
def stopped_redis(settings: Settings, redis_settings: RedisSettings) -> None:
    """아무도 듣지 않는 자리를 가리키는 Redis 설정."""
    settings.REDIS = RedisSettings(host=redis_settings.host, port=1)
    _forget_parts()
