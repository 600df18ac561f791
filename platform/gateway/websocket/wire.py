"""uvicorn의 WebSocket 프로토콜을 선수 소켓에 맞춘 것: 끊기, 닫힘 코드의 전달, 클라이언트 탓의 조용한 거절.

ASGI에는 '끊기'가 없다. 읽지 않는 상대에게는 닫힘 프레임도 나가지 못하므로 전송을 직접 버려야 한다.
앱이 보지 못하는 프레임(ping, pong, 조각)의 상한도 여기서 지킨다.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Callable
from typing import Any

from uvicorn import Config
from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, apply_mask  # type: ignore[attr-defined]
from websockets.http11 import Request
from websockets.protocol import Protocol
from websockets.streams import StreamReader

from gateway.websocket.keepalive import Patience
from gateway.websocket.outbox import DeliveryReceipt
from gateway.websocket.refusals import Handshake
from resilience.token_bucket import TokenBucket

# ASGI scope의 extensions에서 이 소켓을 찾는 이름.
SOCKET_EXTENSION = "hanpan.socket"
# 우리가 먼저 닫을 때 상대가 닫힘을 받아 갈 시간.
LINGER_S = 1.0
CLOSE_INVALID_UTF8 = 1007
CLOSE_KEEPALIVE = 1011
CLOSE_RATE_LIMITED = 4429
# 앱에 닿지 않는 프레임의 속도. 정직한 클라이언트는 몇 초에 하나도 보내지 않는다.
UNSEEN_FRAMES_PER_S = 20.0
UNSEEN_FRAMES_BURST = 200
FIN_TEXT = 0x81
FIN_BINARY = 0x82
FIN_PING = 0x89
PING_FORMAT = "!I"
PING_BYTES = 4
MASKED = 0x80
MASKED_HEAD_BYTES = 6
SHORT_PAYLOAD_MAX = 125
# 해석기는 프레임마다 여기서부터 기다린다(Protocol.parse).
_AWAITS_FRAME = StreamReader.at_eof.__code__


class _RefusedFrame(Exception):
    """이 프레임 때문에 소켓을 닫는다. 같은 덩이의 나머지 프레임은 보지 않는다."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class PlayerSocketProtocol(WebSocketsSansIOProtocol):
    """선수 소켓 하나의 전송."""

    _abort_timer: asyncio.TimerHandle | None = None
    _unseen_frames: TokenBucket | None = None
    _refused = False
    _app_waits = False
    _silent_looks = 0
    went_silent = False
    _pings_sent = 0
    _pings_heard = 0
    _hear_now: Callable[[str], bool] | None = None

    def __init__(self, config: Config, server_state: ServerState, *args: Any, **kwargs: Any) -> None:
        super().__init__(config, server_state, *args, **kwargs)
        self.conn = Handshake(extensions=[], max_size=config.ws_max_size, logger=self.logger)
        self._receipts: deque[tuple[int, DeliveryReceipt]] = deque()

    def hear_with(self, hear_now: Callable[[str], bool]) -> None:
        """앱이 소켓을 받았다: 글을 먼저 `hear_now`에 준다(ASGI를 거치지 않는다). False면 다루지 않았다."""
        self._hear_now = hear_now

    def abort_within(self, limit_s: float) -> None:
        """`limit_s`초 안에 닫히지 않으면 끊는다. 여러 번 부르면 처음 것이 남는다."""
        if self._abort_timer is None and not self.disconnected:
            self._abort_timer = self.loop.call_later(limit_s, self.transport.abort)

    def write_now(self, item: str | bytes | DeliveryReceipt) -> bool:
        """글이나 이진 프레임(또는 받았는지의 물음) 하나를 기다리지 않고 쓴다. 상대가 읽지 않으면 False.

        초당 수만 번 불리는 길이라 ASGI와 websockets의 층을 건너뛴다. 서버의 자료 프레임은 가리지도 나누지도
        않으므로 머리 하나를 앞에 붙이면 끝이고, 프로토콜의 상태도 바뀌지 않는다.
        """
        if self.disconnected or self.close_sent or not self.writable.is_set():
            return False
        if isinstance(item, str):
            payload, opcode = item.encode(), FIN_TEXT
        elif isinstance(item, bytes):
            payload, opcode = item, FIN_BINARY
        else:
            self._receipts.append((self._ping(), item))
            return True
        self.transport.write(_frame_header(opcode, len(payload)) + payload)
        return True

    def _ping(self) -> int:
        """차례 번호를 실은 ping을 보내고 그 번호를 준다."""
        self._pings_sent += 1
        self.transport.write(_frame_header(FIN_PING, PING_BYTES) + struct.pack(PING_FORMAT, self._pings_sent))
        return self._pings_sent

    def look(self, patience: Patience) -> None:
        """둘러본다. 우리가 읽기를 멈춘 동안의 조용함은 상대의 것이 아니다."""
        if self.read_paused or self.disconnected or self.close_sent or self.transport.is_closing():
            return
        self._silent_looks += 1
        if self._silent_looks >= patience.give_up_looks:
            self._give_up()
        elif self._silent_looks % patience.looks_per_ping == 0:
            self._ping()

    def forgive(self) -> None:
        """지금까지의 조용함을 잊는다."""
        self._silent_looks = 0

    def _give_up(self) -> None:
        """상대가 떠났다. 앱은 곧바로 알고, 닫힘 인사는 혹시 읽는 상대를 위한 것이다."""
        self.went_silent = True
        self.conn.fail(CLOSE_KEEPALIVE, "keepalive ping timeout")
        self.handle_parser_exception()

    async def write(self, item: str | bytes | DeliveryReceipt) -> None:
        """`write_now`와 같되 상대가 읽지 않으면 읽을 때까지 기다린다.

        Raises:
            ClientDisconnected: 상대가 떠났다.
        """
        while not self.write_now(item):
            if self.disconnected:
                raise ClientDisconnected
            if self.close_sent:
                return
            await self.writable.wait()

    def handle_connect(self, event: Request) -> None:
        """scope에 이 소켓을 실어 보낸다."""
        super().handle_connect(event)
        if not self.close_sent:
            extensions: dict[str, object] = self.scope["extensions"]  # type: ignore[assignment]
            extensions[SOCKET_EXTENSION] = self

    async def send(self, message: ASGISendEvent) -> None:
        """HTTP 답으로 거절해도 인사는 끝난 것이다. uvicorn은 그리 보지 않아 거절마다 error 줄을 남긴다."""
        await super().send(message)
        if self.close_sent:
            self.handshake_complete = True

    def connection_lost(self, exc: Exception | None) -> None:
        """전송이 끝났다. 순환 참조를 끊어, 닫힌 소켓이 수집기를 기다리지 않게 한다."""
        if self._abort_timer is not None:
            self._abort_timer.cancel()
        super().connection_lost(exc)
        self._hear_now = None
        self._receipts.clear()
        self.conn.parser.close()  # 멈춰 있는 해석기가 제 주인을 쥐고 있다

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """앱이 끝났다: scope가 더는 소켓을 쥐지 않는다(순환 참조)."""
        super().on_task_complete(task)
        self.scope["extensions"].pop(SOCKET_EXTENSION, None)

    def data_received(self, data: bytes) -> None:
        """거절한 소켓이 계속 보내는 것은 읽어서 버린다."""
        self._silent_looks = 0
        if self._refused:
            self.conn.receive_data(data)
            return
        try:
            if not self._heard_short_text(data):
                super().data_received(data)
        except _RefusedFrame as refusal:
            self.conn.fail(refusal.code, refusal.reason)
            self.handle_parser_exception()
        if not self.handshake_initiated and self.conn.handshake_exc is not None:
            self._refuse_unread_handshake()

    def _refuse_unread_handshake(self) -> None:
        """인사를 다 읽기 전에 거절했다(너무 긴 줄). uvicorn은 이때의 답을 보내지 않고 소켓을 잊는다."""
        self._refused = self.close_sent = self.handshake_complete = True
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()

    def _heard_short_text(self, data: bytes) -> bool:
        """짧은 글 프레임 하나가 통째로 왔으면 websockets의 해석기를 거치지 않는다(거의 모든 글이 그렇다).

        곧바로 다룰 수 없는 글은 앱에 넘긴다. False면 아무것도 바뀌지 않아 해석기가 이어 본다.
        """
        if self._hear_now is None or not self._is_idle():
            return False
        payload = short_text(data)
        if payload is None or not at_frame_start(self.conn):
            return False
        text = _text_of([payload])
        if text is None:
            return False
        if not self._hear_now(text):
            self.curr_msg_data_type, self.frames = "text", [payload]
            super().send_receive_event_to_app()
        return True

    def handle_ping(self) -> None:
        """pong은 상대가 읽지 않아도 쌓인다. 그래서 ping의 속도를 지킨다."""
        self._count_unseen_frame()
        super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        """우리가 보낸 ping의 답이면 그때까지 보낸 것을 모두 받은 것이다. 묻지 않은 pong은 값이 든다."""
        number = _ping_number(bytes(event.data))
        if not self._pings_heard < number <= self._pings_sent:
            self._count_unseen_frame()
            return
        self._pings_heard = number
        while self._receipts and self._receipts[0][0] <= number:
            _, receipt = self._receipts.popleft()
            receipt.heard()

    def handle_cont(self, event: Frame) -> None:
        """글의 크기는 websockets가 지키지만, 빈 조각은 크기가 없어 끝없이 올 수 있다."""
        self._count_unseen_frame()
        super().handle_cont(event)

    def _count_unseen_frame(self) -> None:
        now_s = self.loop.time()
        if self._unseen_frames is None:
            self._unseen_frames = TokenBucket(
                rate_per_s=UNSEEN_FRAMES_PER_S, burst=UNSEEN_FRAMES_BURST, now_s=now_s
            )
        if not self._unseen_frames.take(now_s):
            raise _RefusedFrame(CLOSE_RATE_LIMITED, "RATE_LIMITED")

    async def receive(self) -> ASGIReceiveEvent:
        """앱이 다음 사건을 기다린다."""
        self._app_waits = True
        try:
            return await super().receive()
        finally:
            self._app_waits = False

    def send_receive_event_to_app(self) -> None:
        """받은 글이나 이진을 앱에 넘긴다. 곧바로 다룰 수 있는 글은 거기서 끝난다.

        줄을 거치면 프레임마다 태스크가 깨고 읽기를 멈췄다 잇는다(시스템 콜 둘). 앞서 온 것이 남아 있으면
        차례를 지키려 줄에 넣는다. UTF-8이 아닌 글은 1007로 닫는다: 클라이언트 탓이라 스택을 남기지 않는다.
        """
        if self.curr_msg_data_type == "text":
            text = _text_of(self.frames)
            if text is None:
                raise _RefusedFrame(CLOSE_INVALID_UTF8, "invalid UTF-8")
            if self._is_idle() and self._hear_now is not None and self._hear_now(text):
                self.frames = []
                return
        super().send_receive_event_to_app()

    def _is_idle(self) -> bool:
        return self._app_waits and self.queue.empty() and not self.close_sent

    def handle_parser_exception(self) -> None:
        """틀린 프레임을 거절한다.

        곧바로 닫으면 아직 읽지 않은 것 때문에 커널이 RST를 보내 닫힘 코드가 사라진다.
        그래서 쓰는 쪽만 닫고, 상대가 닫을 때까지 잠깐 읽어 버린다.
        """
        self._refused = True
        self.frames = []
        close = self.conn.close_sent
        if close is not None:
            self.queue.put_nowait(
                {"type": "websocket.disconnect", "code": close.code, "reason": close.reason}
            )
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.write_eof()
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LINGER_S, self.transport.close)
        self.abort_within(2 * LINGER_S)
        self.disconnected = True  # 뒤늦게 쓰려는 앱은 ClientDisconnected를 받는다


def short_text(data: bytes) -> bytes | None:
    """`data`가 가려진 짧은 글 프레임 꼭 하나면 가림을 벗긴 알맹이, 아니면 None(RFC 6455 5.2)."""
    length = len(data) - MASKED_HEAD_BYTES
    if 0 <= length <= SHORT_PAYLOAD_MAX and data[0] == FIN_TEXT and data[1] == MASKED | length:
        payload: bytes = apply_mask(data[MASKED_HEAD_BYTES:], data[2:MASKED_HEAD_BYTES])
        return payload
    return None


def at_frame_start(conn: Protocol) -> bool:
    """해석기가 새 프레임의 첫 바이트를 기다리는가: 읽다 만 프레임도, 조각나 오는 글도 없다."""
    waiting: Any = conn.parser
    while waiting.gi_yieldfrom is not None:
        waiting = waiting.gi_yieldfrom
    return waiting.gi_code is _AWAITS_FRAME and conn.current_size is None


def _ping_number(payload: bytes) -> int:
    """ping에 실었던 차례 번호. 우리의 모양이 아니면 0."""
    if len(payload) != PING_BYTES:
        return 0
    number: int = struct.unpack(PING_FORMAT, payload)[0]
    return number


def _frame_header(opcode: int, length: int) -> bytes:
    """가리지 않은 한 조각짜리 자료 프레임의 머리(RFC 6455 5.2)."""
    if length < 126:
        return bytes((opcode, length))
    if length < 65536:
        return struct.pack("!BBH", opcode, 126, length)
    return struct.pack("!BBQ", opcode, 127, length)


def _text_of(fragments: list[bytes]) -> str | None:
    """조각들이 이루는 글. UTF-8이 아니면 None."""
    try:
        return (fragments[0] if len(fragments) == 1 else b"".join(fragments)).decode()
    except UnicodeDecodeError:
        return None
