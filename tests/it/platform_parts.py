"""앱의 부품을 이 스택에 맞춰 조립한다. 앱의 방마다 그 conftest가 `_wired`를 들여와 모든 시험에 건다."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.credentials.service_authentication import service_verifier
from accounts.credentials.service_tokens import ensure_service_keys
from fleet.wiring import drain_orders, rolls
from players import wiring
from players.identity.keys import ensure_player_keys
from redisstore.client import RedisSettings
from redisstore.platform_client import redis_gate

CACHED_PARTS = (
    redis_gate,
    wiring.admission_limits,
    wiring.token_issuer,
    wiring.token_verifier,
    wiring.revocations,
    service_verifier,
    drain_orders,
    rolls,
)


@pytest.fixture(autouse=True)
def _wired(settings: Settings, redis_settings: RedisSettings) -> Iterator[None]:
    """앱의 부품을 이 스택에 맞춰 새로 조립한다."""
    settings.REDIS = redis_settings
    ensure_player_keys(settings.KEYS_DIR)
    ensure_service_keys(settings.KEYS_DIR)
    forget_parts()
    yield
    redis_gate().close()
    forget_parts()


def forget_parts() -> None:
    """조립해 둔 것을 버린다. 다음에 찾는 이가 그때의 설정으로 새로 조립한다."""
    for part in CACHED_PARTS:
        part.cache_clear()
