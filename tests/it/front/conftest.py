"""누구나 보는 쪽의 통합 시험이 쓰는 것."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from matches.queue_reads import stub_of
from redisstore.client import RedisSettings
from tests.fakes.addresses import own_address
from tests.fakes.worker_process import lone_matchmaking
from tests.it.fleet.conftest import register  # noqa: F401 - pytest가 이름으로 찾는다
from tests.it.platform_parts import _wired  # noqa: F401 - pytest가 이름으로 찾는다

HOST = own_address(47)


@pytest.fixture
def no_matchmaking(settings: Settings) -> Iterator[None]:
    """아무도 듣지 않는 주소만 안다."""
    settings.MATCHMAKING_ADDRESSES = (f"{HOST}:1",)
    yield
    stub_of.cache_clear()


@pytest.fixture
def matchmaking(
    no_matchmaking: None, redis_settings: RedisSettings, settings: Settings, tmp_path: Path
) -> Iterator[None]:
    """진짜 matchmaking 하나."""
    with lone_matchmaking(HOST, redis_settings, tmp_path) as process:
        settings.MATCHMAKING_ADDRESSES = (process.address,)
        yield
