"""/ops/live의 문: Host와 Origin을 보고, 쿠키를 읽어 소비자에게 넘긴다.

쿠키로 들어오는 소켓이라 Origin이 꼭 있어야 하고 목록에 있어야 한다(다른 사이트의 쪽이 직원의 쿠키로 열지
못한다). Channels의 검사기는 쓰지 않는다: AllowedHostsOriginValidator는 호스트만 견주고, OriginValidator는
깨진 Origin에 예외를 던진다.
"""

from __future__ import annotations

import secrets
from typing import Any

from channels.layers import get_channel_layer
from channels.sessions import CookieMiddleware
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from kernel.clock import SystemClock
from kernel.errors import NotFound, PermissionDenied
from ops.live.consumer import LiveConsumer
from ops.live.hub import LiveHub
from ops.live.poller import Poller
from ops.live.targets import parse_targets
from redisstore.client import make_async_client
from redisstore.gate import RedisGate
from telemetry.asgi_answers import problem_for, send_problem

PATH = "/ops/live"


class LiveEntrance:
    """ASGI 앱. `/ops/live`가 아닌 소켓과 모르는 Host, Origin은 받지 않고 닫는다."""

    def __init__(self, hub: LiveHub) -> None:
        self._hub = hub
        self._app = CookieMiddleware(LiveConsumer.as_asgi(hub=hub))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] != PATH:
            await send_problem(scope, send, problem_for(scope, NotFound("그런 경로가 없습니다")))
        elif not _comes_from_us(dict(scope["headers"])):
            await send_problem(
                scope, send, problem_for(scope, PermissionDenied("허용되지 않은 Origin입니다"))
            )
        else:
            await self._app(scope, receive, send)

    def close(self) -> None:
        """보던 이들을 모두 보낸다. 브라우저는 다른 인스턴스로 다시 잇는다."""
        self._hub.close()


def _comes_from_us(headers: dict[bytes, bytes]) -> bool:
    origin = headers.get(b"origin", b"").decode("latin1")
    domain, _port = split_domain_port(headers.get(b"host", b"").decode("latin1"))
    return origin in settings.CSRF_TRUSTED_ORIGINS and validate_host(domain, settings.ALLOWED_HOSTS)


def make_live_entrance() -> LiveEntrance:
    """설정으로 지은 문. 프로세스에 하나 만든다.

    Raises:
        TargetError: HANPAN_METRICS_TARGETS의 꼴이 틀렸다.
    """
    clock = SystemClock()
    # 같은 이름으로 여럿이 떠도 서로를 가린다.
    source = f"{settings.INSTANCE}-{secrets.token_hex(4)}"
    poller = Poller(
        source=source,
        gate=RedisGate(make_async_client(settings.REDIS)),
        region=settings.REGION,
        targets=parse_targets(settings.METRICS_TARGETS),
        clock=clock,
    )
    return LiveEntrance(LiveHub(source=source, take=poller.take, layer=get_channel_layer(), clock=clock))
