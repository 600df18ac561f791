"""살아 있는 숫자의 소켓: 누구인지 보고, 새 숫자가 올 때마다 보낸다. 말을 듣지는 않는다.

받지 않는 브라우저는 daphne의 ping(20초마다, 30초 안에 답이 없으면 끊음)이 걷어 낸다. 그동안 쌓이는 것은
많아야 수십 벌이다.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import msgspec
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import Error as DatabaseFailure

from kernel.errors import Unavailable
from ops.live.hub import LiveHub, Watcher
from ops.live.viewer import Viewer, viewer_of
from telemetry.asgi_answers import CLOSE_INTERNAL, header_of
from telemetry.logs import get_logger
from telemetry.tracing import trace_id_or_new

log = get_logger(__name__)

RECHECK_S = 60.0  # 로그아웃하거나 권한을 잃은 사람이 이보다 오래 보지 못한다
BAD_FRAME, SIGNED_OUT, NOT_ALLOWED, UNAVAILABLE, GOING_AWAY = 4400, 4401, 4403, 4503, 4900
INTERNAL = CLOSE_INTERNAL

_identify = database_sync_to_async(viewer_of)


class LiveConsumer(AsyncWebsocketConsumer):
    """직원의 소켓 하나. 숫자는 hub가 나눠 주므로 소켓마다 channel layer를 열지 않는다."""

    channel_layer_alias = None

    def __init__(self, *, hub: LiveHub) -> None:
        super().__init__()
        self._hub = hub
        self._watcher: Watcher | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """소켓 하나의 처음부터 끝까지. 어떻게 끝나든 보던 것을 놓는다."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            for task in self._tasks:
                task.cancel()
            if self._watcher is not None:
                self._hub.leave(self._watcher)

    async def connect(self) -> None:
        # 받은 뒤에 닫아야 브라우저가 까닭(닫힘 코드)을 안다.
        await self.accept()
        viewer = await self._viewer_or_close()
        if viewer is None:
            return
        try:
            self._watcher = self._hub.watch()
        except Unavailable:
            await self.close(UNAVAILABLE)
            return
        self._tasks = [
            asyncio.create_task(self._or_close(self._send_readings(viewer, self._watcher))),
            asyncio.create_task(self._or_close(self._keep_checking())),
        ]

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.close(BAD_FRAME)

    async def _or_close(self, work: Coroutine[Any, Any, None]) -> None:
        """우리 잘못으로 멎은 소켓을 열린 채 두지 않는다: 적고 닫으면 브라우저가 다시 잇는다."""
        try:
            await work
        except Exception as failure:
            trace_id = trace_id_or_new(header_of(self.scope, b"traceparent"))
            log.exception("live.failed", trace_id=trace_id, exc_info=failure)
            await self.close(INTERNAL)

    async def _send_readings(self, viewer: Viewer, watcher: Watcher) -> None:
        while (reading := await watcher.next()) is not None:
            await self.send(msgspec.json.encode(viewer.visible(reading)).decode())
        await self.close(GOING_AWAY)

    async def _keep_checking(self) -> None:
        """세션을 다시 본다. 권한이 바뀌었으면 닫고, 다시 이은 소켓이 새 권한으로 본다."""
        first = await self._viewer_or_close()
        while first is not None:
            await asyncio.sleep(RECHECK_S)
            if await self._viewer_or_close() != first:
                await self.close(GOING_AWAY)
                return

    async def _viewer_or_close(self) -> Viewer | None:
        """지금의 직원. 아니면 까닭을 말하며 닫고 None을 준다."""
        cookies: dict[str, Any] = self.scope["cookies"]
        try:
            viewer: Viewer | None = await _identify(cookies.get(settings.SESSION_COOKIE_NAME))
        except DatabaseFailure:
            await self.close(UNAVAILABLE)
            return None
        if viewer is None or viewer.sees_nothing:
            await self.close(SIGNED_OUT if viewer is None else NOT_ALLOWED)
            return None
        return viewer
