"""gRPC 채널과 서버를 만드는 하나뿐인 곳. 숫자의 근거는 design/failure-modes.md에 있다."""

from __future__ import annotations

import grpc
import grpc.aio
from opentelemetry.instrumentation.grpc import aio_client_interceptors, client_interceptor
from opentelemetry.instrumentation.grpc.grpcext import intercept_channel

from rpc.credentials import open_channel, open_sync_channel
from rpc.interceptors import ErrorInterceptor, TraceInterceptor

# grpc는 이 꾸러미만 안다: 다른 곳은 이 이름들을 쓴다.
Server = grpc.aio.Server
ServicerContext = grpc.aio.ServicerContext
StatusCode = grpc.StatusCode

CONTROL_DEADLINE_S = 1.0
CREATE_MATCH_DEADLINE_S = 2.0
MAX_MESSAGE_BYTES = 4 * 1024 * 1024

# ping_timeout_ms가 없으면 얼어붙은 상대를 62초 뒤에야 안다(있으면 3초).
CLIENT_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 3_000),
    ("grpc.http2.ping_timeout_ms", 3_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.enable_retries", 0),
)

# so_reuseport가 켜져 있으면 같은 포트에 두 서버가 조용히 붙는다. 기다리는 요청의 상한은 기본이 1,000이라,
# 한꺼번에 온 join 3,000개 가운데 1,200개가 CANCELLED로 떨어졌다. 밀린 요청은 부른 쪽의 기한이 끝낸다.
SERVER_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.so_reuseport", 0),
    ("grpc.server.max_pending_requests", 20_000),
    ("grpc.server.max_pending_requests_hard_limit", 30_000),
    # 얼어붙은 gateway의 스트림도 끊는다: 없으면 그 대기표와 자리가 산 것으로 남는다.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 3_000),
    ("grpc.http2.ping_timeout_ms", 3_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
)


def make_channel(address: str, *, traced: bool = True) -> grpc.aio.Channel:
    """`host:port`로 가는 내부 채널. 추적 문맥은 가로채개가 실어 보낸다.

    오래 사는 스트림에는 `traced=False`를 쓴다: 몇 시간짜리 스팬은 뜻이 없고, 가로챈 스트림은 느리다.
    """
    return open_channel(
        address, options=CLIENT_OPTIONS, interceptors=aio_client_interceptors() if traced else None
    )


def make_sync_channel(address: str) -> grpc.Channel:
    """스레드로 도는 프로세스(platform)의 내부 채널."""
    channel = open_sync_channel(address, options=CLIENT_OPTIONS)
    traced: grpc.Channel = intercept_channel(channel, client_interceptor())
    return traced


def make_server() -> grpc.aio.Server:
    """내부 서버. 오류 나무의 오류가 상태 코드와 세부로 나간다."""
    return grpc.aio.server(
        options=list(SERVER_OPTIONS), interceptors=[TraceInterceptor(), ErrorInterceptor()]
    )
