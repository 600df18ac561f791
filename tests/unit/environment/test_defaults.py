"""기본값은 env.py 한 곳에 있다. 시험과 도구가 쓰는 자료형의 기본값은 그것과 같다."""

from __future__ import annotations

import inspect
from dataclasses import MISSING, fields
from typing import Any

import pytest

from environment.env import Env
from gateway.settings import GatewaySettings, OutboxLimits
from redisstore.client import RedisSettings
from redisstore.servers.rows import DEFAULT_POOL
from redisstore.tickets.claims import TicketStore

# 자료형의 칸과 env.py의 이름이 다른 것.
NAMES: dict[type, dict[str, str]] = {
    RedisSettings: {
        "connect_timeout_ms": "redis_connect_timeout_ms",
        "command_timeout_ms": "redis_command_timeout_ms",
        "max_connections": "redis_max_connections",
    },
    OutboxLimits: {
        "max_frames": "outbox_max_frames",
        "max_bytes": "outbox_max_bytes",
        "lag_s": "outbox_lag_s",
    },
    GatewaySettings: {
        "bind_host": "bind_host",
        "http_port": "http_port",
        "probe_port": "probe_port",
        "max_frame_bytes": "ws_max_frame_bytes",
        "messages_per_s": "ws_messages_per_s",
        "messages_burst": "ws_messages_burst",
        "connects_per_s": "connects_per_s",
        "connects_burst": "connects_burst",
        "hello_timeout_s": "ws_hello_timeout_s",
        "sockets_per_player": "sockets_per_player",
        "greetings_per_address": "ws_greetings_per_address",
        "heartbeat_s": "ws_heartbeat_s",
        "busy_ping_s": "ws_busy_ping_s",
        "busy_limit_s": "ws_busy_limit_s",
        "queue_return_s": "queue_return_s",
    },
}
# 환경 변수가 아닌 칸: 비어 있음이 뜻인 것과, gateway가 나가는 때들.
NOT_SETTINGS = {
    GatewaySettings: {
        "version", "matchmaking_addresses", "allowed_origins", "trusted_proxies", "outbox",
        "drain_notice_s", "drain_spread_s", "drain_limit_s",
    },
}  # fmt: skip


def default_of(name: str) -> Any:
    """env.py의 기본값, 형에 맞춰서."""
    variable = vars(Env)[name]
    return variable.parse(variable.default)


@pytest.mark.parametrize("shape", NAMES, ids=lambda shape: shape.__name__)
def test_the_defaults_of_a_shape_are_those_of_the_environment(shape: Any) -> None:
    defaults = {
        field.name: field.default
        for field in fields(shape)
        if (field.default, field.default_factory) != (MISSING, MISSING)
        and field.name not in NOT_SETTINGS.get(shape, set())
    }
    assert defaults == {name: default_of(setting) for name, setting in NAMES[shape].items()}


def test_a_ticket_waits_as_long_as_the_environment_says() -> None:
    default = inspect.signature(TicketStore).parameters["ticket_timeout_ms"].default
    assert default == default_of("ticket_timeout_ms")


def test_a_server_that_names_no_pool_is_in_the_pool_of_the_environment() -> None:
    assert default_of("pool") == DEFAULT_POOL
