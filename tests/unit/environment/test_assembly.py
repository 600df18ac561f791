"""환경에서 짓는 물건들: 환경이 말한 값이 빠짐없이 들어간다."""

from __future__ import annotations

import io

import pytest

from environment import assembly
from redisstore.client import RedisSettings


def test_the_limits_of_redis_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"HOST": "redis9", "PORT": "7379", "CONNECT_TIMEOUT_MS": "11", "COMMAND_TIMEOUT_MS": "22",
              "MAX_CONNECTIONS": "33"}  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(f"HANPAN_REDIS_{name}", value)
    assert assembly.redis_settings() == RedisSettings(
        host="redis9", port=7379, connect_timeout_ms=11, command_timeout_ms=22, max_connections=33
    )


async def test_opening_redis_connects_to_nothing_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANPAN_REDIS_HOST", "redis9")
    redis = assembly.open_redis()
    assert redis.connection_pool.connection_kwargs["host"] == "redis9"
    await redis.aclose()


def test_telemetry_starts_with_the_name_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[object, ...]] = []
    monkeypatch.setattr(
        assembly, "configure_logging", lambda *told, out: started.append(("logs", *told, out))
    )
    monkeypatch.setattr(
        assembly, "configure_tracing", lambda *told, drivers: started.append(("traces", *told, drivers))
    )
    monkeypatch.setenv("HANPAN_INSTANCE", "gateway7")
    monkeypatch.setenv("HANPAN_LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("HANPAN_OTLP_ENDPOINT", "otel:4317")
    monkeypatch.setenv("HANPAN_TRACE_RATIO", "0.5")
    out = io.StringIO()
    assembly.start_telemetry("gateway", drivers=(print,), log_out=out)
    assert started == [
        ("logs", "gateway", "gateway7", "DEBUG", out),
        ("traces", "gateway", "gateway7", "otel:4317", 0.5, (print,)),
    ]
