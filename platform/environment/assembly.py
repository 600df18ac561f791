"""환경 변수에서 프로세스의 물건을 짓는 곳. 여러 프로세스가 똑같이 짓는 로그, 추적, Redis의 클라이언트만 둔다.

한 프로세스만 짓는 것은 그 프로세스의 server.py(와 config/settings.py)에 있다.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TextIO

from environment.env import env
from redisstore.client import AsyncRedis, RedisSettings, make_async_client
from telemetry.logs import configure_logging
from telemetry.tracing import configure_tracing


def start_telemetry(
    service: str, *, drivers: Sequence[Callable[[], None]], log_out: TextIO | None = None
) -> None:
    """로그와 추적을 켠다. 한 번만, 드라이버(`drivers`가 계측한다)의 클라이언트를 만들기 전에 부른다."""
    configure_logging(service, env.instance, env.log_level, out=log_out)
    configure_tracing(service, env.instance, env.otlp_endpoint, env.trace_ratio, drivers=drivers)


def redis_settings() -> RedisSettings:
    """이 프로세스가 쓰는 Redis와 그 제한들."""
    return RedisSettings(
        host=env.redis_host,
        port=env.redis_port,
        connect_timeout_ms=env.redis_connect_timeout_ms,
        command_timeout_ms=env.redis_command_timeout_ms,
        max_connections=env.redis_max_connections,
    )


def open_redis() -> AsyncRedis:
    """asyncio 프로세스가 나눠 쓰는 클라이언트. 만든 쪽이 닫는다."""
    return make_async_client(redis_settings())
