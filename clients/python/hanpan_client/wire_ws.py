"""WebSocket 하나를 열고 닫는다. websockets의 예외를 SDK의 것으로 바꾸는 유일한 곳이다.

판도 대기표도 모른다.
"""

from __future__ import annotations

from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Origin, Subprotocol

from .errors import CallTimeoutError, ConnectionLostError

SUBPROTOCOL = Subprotocol("hanpan.v1")
SERVER_FRAME_LIMIT_BYTES = 1 << 20
CLIENT_FRAME_LIMIT_BYTES = 16 * 1024
ABNORMAL_CLOSE = 1006


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """어디에 어떻게 붙는가. `ping_interval_s`마다 살아 있는지 묻고, 그만큼 더 답이 없으면 끊는다."""

    url: str
    origin: str | None = None
    open_timeout_s: float = 5.0
    close_timeout_s: float = 2.0
    ping_interval_s: float = 15.0


async def open_socket(endpoint: Endpoint) -> ClientConnection:
    """붙어서 돌려준다. 오류: ConnectionLostError(붙지 못함, 거절), CallTimeoutError."""
    try:
        return await connect(
            endpoint.url,
            origin=Origin(endpoint.origin) if endpoint.origin is not None else None,
            subprotocols=[SUBPROTOCOL],
            compression=None,
            proxy=None,
            open_timeout=endpoint.open_timeout_s,
            close_timeout=endpoint.close_timeout_s,
            ping_interval=endpoint.ping_interval_s,
            ping_timeout=endpoint.ping_interval_s,
            max_size=SERVER_FRAME_LIMIT_BYTES,
        )
    except TimeoutError as error:
        raise CallTimeoutError(f"{endpoint.open_timeout_s}초 안에 붙지 못했습니다: {endpoint.url}") from error
    except InvalidStatus as error:
        status = error.response.status_code
        raise ConnectionLostError(ABNORMAL_CLOSE, f"업그레이드가 거절되었습니다: HTTP {status}") from error
    except (OSError, InvalidHandshake) as error:
        raise ConnectionLostError(ABNORMAL_CLOSE, f"붙지 못했습니다: {error}") from error


async def send_text(socket: ClientConnection, text: str) -> None:
    """글 프레임을 보낸다. 오류: ConnectionLostError, ValueError(프레임이 상한을 넘는다)."""
    if len(text) > CLIENT_FRAME_LIMIT_BYTES // 4 and len(text.encode()) > CLIENT_FRAME_LIMIT_BYTES:
        raise ValueError(f"프레임이 {CLIENT_FRAME_LIMIT_BYTES}바이트를 넘습니다")
    try:
        await socket.send(text)
    except ConnectionClosed as error:
        raise lost(error) from error


def lost(error: ConnectionClosed) -> ConnectionLostError:
    """닫힘을 SDK의 오류로."""
    if error.rcvd is None:
        return ConnectionLostError(ABNORMAL_CLOSE, "닫힘 프레임 없이 끊겼습니다")
    return ConnectionLostError(error.rcvd.code, error.rcvd.reason)
