"""Redis 클라이언트를 만드는 하나뿐인 곳과, 실패를 UNAVAILABLE로 옮기는 경계.

redis-py의 자체 재시도는 끈다: 시간 초과된 쓰기는 서버가 깨어나면 반영되므로 다시 보내면 두 번이 된다.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from kernel.errors import Unavailable

AsyncRedis = redis.asyncio.Redis
SyncRedis = redis.Redis

# 서버가 답은 했지만 지금은 일할 수 없다는 뜻의 오류들(앞 낱말). 나머지 ResponseError는 우리 잘못이다.
UNHEALTHY_REPLIES = (
    "OOM", "READONLY", "NOREPLICAS", "MASTERDOWN", "LOADING", "BUSY", "MISCONF", "CLUSTERDOWN", "TRYAGAIN",
)  # fmt: skip

# 닿지 않거나 늦은 Redis. 서버가 답한 오류는 RedisError이기도 하므로 `unavailable_on_failure`가 먼저 가른다.
REDIS_FAILURES = (RedisError, OSError, TimeoutError)
LISTEN_TIMEOUT_S = 20  # Channels의 층은 5초씩 기다려 듣는다(bzpopmin): 소켓의 제한이 그보다 길어야 한다


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSettings:
    """연결 하나를 여는 데 필요한 것. 시간은 밀리초다."""

    host: str
    port: int
    connect_timeout_ms: int = 200
    command_timeout_ms: int = 250
    max_connections: int = 64


def make_async_client(settings: RedisSettings) -> AsyncRedis:
    """asyncio 프로세스의 공유 클라이언트. 연결이 모자라면 명령 제한만큼만 기다린다."""
    pool = redis.asyncio.BlockingConnectionPool(
        host=settings.host,
        port=settings.port,
        max_connections=settings.max_connections,
        timeout=settings.command_timeout_ms / 1000,
        socket_connect_timeout=settings.connect_timeout_ms / 1000,
        # 먼저 끝나는 것은 예산이다. 이것은 예산이 루프의 멈칫을 기다려 주는 끝(두 배)에 있다.
        socket_timeout=2 * settings.command_timeout_ms / 1000,
        retry=redis.asyncio.retry.Retry(NoBackoff(), 0),
        decode_responses=True,
    )
    return redis.asyncio.Redis.from_pool(pool)


def make_sync_client(settings: RedisSettings) -> SyncRedis:
    """스레드로 도는 프로세스(platform)의 공유 클라이언트."""
    pool = redis.BlockingConnectionPool(  # type: ignore[no-untyped-call]
        host=settings.host,
        port=settings.port,
        max_connections=settings.max_connections,
        timeout=settings.command_timeout_ms / 1000,
        socket_connect_timeout=settings.connect_timeout_ms / 1000,
        socket_timeout=settings.command_timeout_ms / 1000,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )
    return redis.Redis.from_pool(pool)


def channel_layer_host(settings: RedisSettings) -> dict[str, Any]:
    """Channels의 층이 스스로 여는 연결의 인자. 재시도는 다른 곳에서처럼 끈다."""
    return {
        "host": settings.host,
        "port": settings.port,
        "socket_timeout": LISTEN_TIMEOUT_S,
        "socket_connect_timeout": settings.connect_timeout_ms / 1000,
        "retry": redis.asyncio.retry.Retry(NoBackoff(), 0),
    }


@contextmanager
def unavailable_on_failure() -> Iterator[None]:
    """Redis의 실패를 Unavailable로 옮긴다. 스크립트의 잘못 같은 우리 오류는 그대로 올린다."""
    try:
        yield
    except ResponseError as error:
        if _reply_code(error) in UNHEALTHY_REPLIES:
            raise Unavailable("Redis가 일할 수 없는 상태입니다") from error
        raise
    except REDIS_FAILURES as error:
        raise Unavailable("Redis에 닿지 않습니다") from error


def _reply_code(error: ResponseError) -> str:
    """서버가 답한 오류의 앞 낱말. redis-py는 아는 낱말을 떼어 두고, 파이프라인의 오류에는 머리말을 붙인다."""
    text = str(error).rpartition("caused error: ")[2]
    return str(error.status_code or text.split(" ", 1)[0].rstrip(":"))
