"""지금 무엇이 살아 있는가: 부품마다의 한 낱말. 누구나 보므로 주소도, 수치도, 까닭도 말하지 않는다.

묻는 값은 1초 동안 나눠 쓴다: 아무리 자주 열어도 데이터베이스와 Redis는 1초에 한 번만 묻는다.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import connection

from hanpan.v1 import matchmaking_pb2
from kernel.clock import Clock, SystemClock
from kernel.errors import HanpanError, Unavailable
from matches.queue_reads import ask_queue
from redisstore.platform_client import redis_gate
from redisstore.servers.registry import fleet_sync
from redisstore.servers.rows import ServerState

KEPT_S = 1.0


class Health(StrEnum):
    """부품 하나의 모습."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Stores:
    """platform이 물어서 아는 것들."""

    matchmaking: Health
    database: Health
    redis: Health
    game_servers: Health


class SharedCheck:
    """`ask`의 답을 `KEPT_S`초 동안 나눠 쓴다. 여럿이 함께 열어도 하나만 묻는다."""

    def __init__(self, ask: Callable[[], Stores], clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._answer: tuple[float, Stores] | None = None

    def stores(self) -> Stores:
        """많아야 `KEPT_S`초 된 답."""
        with self._lock:
            now_s = self._clock.monotonic_s()
            if self._answer is None or now_s - self._answer[0] > KEPT_S:
                self._answer = (now_s, self._ask())
            return self._answer[1]


@cache
def shared_check() -> SharedCheck:
    """이 프로세스가 나눠 쓰는 하나."""
    return SharedCheck(ask_stores, SystemClock())


def ask_stores() -> Stores:
    """지금 묻는다. 저마다의 제한(설정의 연결, 명령 제한)을 넘기지 않는다."""
    redis, game_servers = _ask_redis()
    # matchmaking의 줄은 Redis에 산다: Redis가 멎은 때의 실패는 matchmaking의 모습을 말해 주지 않는다.
    matchmaking = _ask_matchmaking() if redis is Health.UP else Health.UNKNOWN
    return Stores(matchmaking=matchmaking, database=_ask_database(), redis=redis, game_servers=game_servers)


def _ask_database() -> Health:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseFailure:
        return Health.DOWN
    return Health.UP


def _ask_matchmaking() -> Health:
    """짝을 지을 줄을 지금 읽을 수 있는지 matchmaking에 묻는다."""
    try:
        ask_queue(matchmaking_pb2.ExplainQueueRequest(region=settings.REGION))
    except HanpanError:
        return Health.DOWN
    return Health.UP


def _ask_redis() -> tuple[Health, Health]:
    """Redis와, 거기에 적힌 session 서버들. Redis를 모르면 서버도 모른다."""
    try:
        servers = fleet_sync(redis_gate(), settings.REGION).servers
    except Unavailable:
        return Health.DOWN, Health.UNKNOWN
    is_open = any(row.state is ServerState.READY and not row.drain_intended for row in servers)
    return Health.UP, Health.UP if is_open else Health.DOWN


def gateways_health(told: str | None) -> Health:
    """로드 밸런서가 머리글로 말한 살아 있는 gateway의 수. 지나오지 않았으면 모른다."""
    if told is None or not (told.isascii() and told.isdigit()):
        return Health.UNKNOWN
    return Health.UP if int(told) else Health.DOWN
