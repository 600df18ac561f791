"""gateway의 ASGI 앱: `/ws`는 선수의 소켓, 나머지 HTTP는 상태 확인이다.

Channels가 Django의 설정을 읽으므로 빈 설정을 세운다. 앱도 데이터베이스도 없다.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings as django_settings

if not django_settings.configured:
    django_settings.configure(CHANNEL_LAYERS={})

from gateway.app import GatewayApp
from gateway.consumer import PlayerConsumer
from gateway.websocket.upgrade import WS_PATH, App, Receive, Scope, Send, UpgradeGuard
from telemetry.asgi_answers import FailureGuard, require_upgrade
from telemetry.probes import ProbeApp


def make_asgi(app: GatewayApp) -> App:
    """이 프로세스가 여는 모든 길."""
    settings = app.settings
    probes = ProbeApp(
        service="gateway",
        instance=settings.instance,
        version=settings.version,
        readiness=app.readiness,
    )

    async def player_socket(scope: Scope, receive: Receive, send: Send) -> None:
        await PlayerConsumer(app)(scope, receive, send)

    door = UpgradeGuard(
        player_socket,
        settings=settings,
        limit=app.connect_limit,
        sockets=app.socket_limits,
        is_draining=lambda: app.is_draining,
    )

    async def entrance(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await door(scope, receive, send)
        elif scope["path"] == WS_PATH:
            await require_upgrade(scope, send)
        else:
            await probes(scope, receive, send)

    return FailureGuard(entrance)
