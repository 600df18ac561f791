"""채널과 포트가 평문인지 TLS인지를 정하는 하나뿐인 곳. 지금은 모두 평문이고, v1.6의 mTLS가 여기에 온다."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import grpc
import grpc.aio

Options = Sequence[tuple[str, int]]


def open_channel(address: str, *, options: Options, interceptors: Sequence[Any] | None) -> grpc.aio.Channel:
    """`host:port`로 가는 asyncio 채널."""
    return grpc.aio.insecure_channel(address, options=list(options), interceptors=interceptors)


def open_sync_channel(address: str, *, options: Options) -> grpc.Channel:
    """`host:port`로 가는 스레드의 채널."""
    return grpc.insecure_channel(address, options=list(options))


def listen(server: grpc.aio.Server, address: str) -> int:
    """서버가 `host:port`에서 듣게 하고 포트를 준다. 포트 0이면 빈 곳을 고른다.

    Raises:
        RuntimeError: 그 자리에서 들을 수 없다(다른 프로세스가 쥐고 있다).
    """
    port: int = server.add_insecure_port(address)
    return port
