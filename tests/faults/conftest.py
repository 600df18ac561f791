"""장애 시험은 통합 시험과 같은 스택을 쓴다."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from database.transactions import run_transaction
from matches.finalize import finalize_match
from tests.fakes.redis_process import RedisProcess, redis_process
from tests.it.conftest import (
    django_db_modify_db_settings,
    faults,
    redis_client,
    redis_settings,
    stack,
)
from tests.it.platform.outcomes import finished, make_players

__all__ = ["django_db_modify_db_settings", "faults", "redis_client", "redis_settings", "stack"]


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
