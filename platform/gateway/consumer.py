"""선수 소켓의 ASGI 쪽: 받은 프레임을 넘기고, 상자를 비우는 태스크를 돌리고, 닫히면 치운다.

규칙은 여기에 없다. Channels의 것 가운데 둘은 쓰지 않는다: 프레임마다 스레드를 오가며 ORM 연결을 닫는 걸음
(이 프로세스에는 ORM이 없다)과, 프레임마다 태스크를 만들며 channel layer를 함께 기다리는 고리(소켓끼리는
그것으로 말하지 않는다. 넘치면 조용히 버리기 때문이다).
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

from gateway.app import GatewayApp
from gateway.websocket.connection import Connection
from gateway.websocket.outbox import Close, DeliveryReceipt
from gateway.websocket.upgrade import CLIENT_ADDRESS, SUBPROTOCOL, reader_language
from gateway.websocket.wire import SOCKET_EXTENSION, PlayerSocketProtocol


class PlayerConsumer(AsyncWebsocketConsumer):
    """선수의 소켓 하나."""

    def __init__(self, app: GatewayApp) -> None:
        super().__init__()
        self._app = app
        self._conn: Connection | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """한 소켓의 처음부터 끝까지. 어떻게 끝나든 자리와 대기표를 놓는다."""
        self.scope, self.base_send = scope, send
        try:
            while True:
                await self.dispatch(await receive())
        except StopConsumer:
            return
        finally:
            if self._conn is not None:
                self._app.closed(self._conn)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """ASGI 사건 하나를 맡는다."""
        match message["type"]:
            case "websocket.receive":
                await self.receive(message.get("text"), message.get("bytes"))
            case "websocket.connect":
                await self.connect()
            case "websocket.disconnect":
                raise StopConsumer

    async def connect(self) -> None:
        """문을 지난 소켓을 받는다."""
        socket: PlayerSocketProtocol = self.scope["extensions"][SOCKET_EXTENSION]
        await self.accept(SUBPROTOCOL if SUBPROTOCOL in self.scope["subprotocols"] else None)
        self._conn = self._app.opened(
            socket, address=self.scope[CLIENT_ADDRESS], language=reader_language(self.scope)
        )
        socket.hear_with(partial(self._app.router.text_now, self._conn))
        self._conn.tasks.spawn(self._write(self._conn, socket), name="outbox")

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """프레임 하나."""
        if self._conn is None:
            return
        if text_data is not None:
            await self._app.router.text(self._conn, text_data)
        else:
            self._app.router.binary(self._conn)

    async def _write(self, conn: Connection, socket: PlayerSocketProtocol) -> None:
        """상자를 비운다. 상대가 읽지 않으면 여기서 멈추며, 멈추는 것은 이 소켓뿐이다."""
        outbox = conn.outbox
        try:
            while True:
                match outbox.pop():
                    case None:
                        conn.caught_up()
                        conn.has_outgoing.clear()
                        await conn.has_outgoing.wait()
                    case str() | bytes() | DeliveryReceipt() as item:
                        await socket.write(item)
                    case Close(code, reason):
                        await self.close(code, reason)
                        return
        except (OSError, asyncio.CancelledError):
            return  # 상대가 떠났다. 치우는 일은 __call__이 한다
