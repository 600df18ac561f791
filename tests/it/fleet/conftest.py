"""플릿의 통합 시험: 진짜 MariaDB와 Redis, 등록부에 적힌 서버들."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from audit.models import ActorKind
from audit.recorder import Actor
from fleet.orders import DrainOrders
from redisstore import keys
from redisstore.client import SyncRedis
from redisstore.gate import SyncRedisGate
from tests.it.platform_parts import _wired  # noqa: F401 - pytest가 이름으로 찾는다

REGION = "local"
MAX_GRACE_MS = 120_000


@dataclass
class Someone:
    """무리 몇 개를 맡은 사람. `pools`가 None이면 모두 맡는다."""

    pools: set[str] | None = None
    actor: Actor = field(default_factory=lambda: Actor(ActorKind.STAFF, "kim", "operator"))

    def may_operate(self, region: str, pool: str) -> bool:
        return region == REGION and (self.pools is None or pool in self.pools)


@pytest.fixture
def orders(redis: SyncRedis) -> DrainOrders:
    return DrainOrders(SyncRedisGate(redis), REGION, max_grace_ms=MAX_GRACE_MS)


Register = Callable[..., None]


@pytest.fixture
def register(redis: SyncRedis) -> Register:
    """서버 하나를 등록부에 적는다."""

    def make(server_id: str, **changes: Any) -> None:
        seconds, micros = redis.time()
        row = {
            "address": f"{server_id}:7000", "state": "ready", "capacity": 50, "running": 0,
            "version": "1.4.0", "seen": seconds * 1000 + micros // 1000, "pool": "default",
            "boot": f"{server_id}-a", "left": 0, "drain_left": -1, **changes,
        }  # fmt: skip
        redis.hset(keys.server(REGION, server_id), mapping=row)  # type: ignore[arg-type]
        redis.zadd(keys.servers(REGION), {server_id: int(row["running"])})

    return make
