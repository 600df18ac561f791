"""`/ws`의 문: WebSocket을 받기 전에 길, Origin, 하위 프로토콜, 속도를 본다. 거절은 HTTP 답으로 한다.

하위 프로토콜을 하나도 내지 않은 클라이언트는 hanpan.v1로 치고, 다른 것만 낸 클라이언트는 거절한다.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from functools import lru_cache, partial
from typing import Any

from gateway.settings import GatewaySettings
from gateway.websocket.connect_limit import ConnectLimit
from gateway.websocket.socket_limits import SocketLimits
from kernel.errors import HanpanError, InvalidArgument, NotFound, PermissionDenied, RateLimited, Unavailable
from kernel.languages import known_language, language_of_header
from players.addresses import client_address, parse_networks
from telemetry.asgi_answers import header_of, problem_for, send_problem
from telemetry.tracing import span

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

WS_PATH = "/ws"
SUBPROTOCOL = "hanpan.v1"
ADDRESSES_KEPT = 4096
# 문이 정한 선수의 주소를 안쪽 앱이 scope에서 찾는 이름.
CLIENT_ADDRESS = "hanpan.client_address"
# 쪽의 언어 단추가 심는 쿠키(contract.md 1절).
_LANGUAGE_COOKIE = re.compile(r"(?:^|;\s*)django_language=([\w-]+)")


class UpgradeGuard:
    """문을 지난 소켓만 안쪽 앱에 넘긴다."""

    def __init__(
        self,
        inner: App,
        *,
        settings: GatewaySettings,
        limit: ConnectLimit,
        sockets: SocketLimits,
        is_draining: Callable[[], bool],
    ) -> None:
        self._inner = inner
        self._limit = limit
        self._sockets = sockets
        self._is_draining = is_draining
        self._allowed_origins = frozenset(origin.rstrip("/").lower() for origin in settings.allowed_origins)
        trusted = parse_networks(settings.trusted_proxies)
        # 주소를 푸는 값이 비싸다. 몰려오는 소켓들은 대개 같은 주소에서 온다.
        self._client_address = lru_cache(ADDRESSES_KEPT)(partial(client_address, trusted=trusted))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            address = await self._check(scope)
        except HanpanError as refusal:
            with span("ws.refused", parent=header_of(scope, b"traceparent")):
                problem = problem_for(scope, refusal)
            await send_problem(scope, send, problem)
        else:
            await self._inner(scope | {CLIENT_ADDRESS: address}, receive, send)

    async def _check(self, scope: Scope) -> str:
        """받아도 되는 소켓이면 그 주소."""
        if scope["path"] != WS_PATH:
            raise NotFound
        if self._is_draining():
            raise Unavailable("내려가는 중입니다")
        self._check_origin(_headers(scope, b"origin"))
        offered = scope["subprotocols"]
        if offered and SUBPROTOCOL not in offered:
            raise InvalidArgument("하위 프로토콜은 {subprotocol}이어야 합니다", subprotocol=SUBPROTOCOL)
        address = self._address(scope)
        await self._check_rate(address)
        self._sockets.check(address)  # 여기서 열릴 때까지 쉬는 곳이 없다: 함께 온 소켓들도 빠짐없이 센다
        return address

    def _check_origin(self, origins: list[str]) -> None:
        """브라우저만 Origin을 보낸다. 보냈다면 방식, 이름, 포트까지 똑같아야 한다."""
        if any(origin.lower() not in self._allowed_origins for origin in origins):
            raise PermissionDenied("허용되지 않은 Origin입니다")

    def _address(self, scope: Scope) -> str:
        peer = scope["client"][0] if scope.get("client") else ""
        return self._client_address(peer, ",".join(_headers(scope, b"x-forwarded-for")))

    async def _check_rate(self, address: str) -> None:
        decision = await self._limit.admit(address)
        if not decision.allowed:
            raise RateLimited("새 소켓이 너무 잦습니다", retry_after_ms=decision.retry_after_ms)


def _headers(scope: Scope, name: bytes) -> list[str]:
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return [value.decode("latin-1") for key, value in headers if key == name]


def reader_language(scope: Scope) -> str:
    """소켓의 언어: upgrade 요청의 언어 쿠키, 없으면 Accept-Language다. 첫 프레임의 `lang`이 바꿀 수 있다."""
    chosen = _LANGUAGE_COOKIE.search("; ".join(_headers(scope, b"cookie")))
    known = known_language(chosen[1]) if chosen else None
    return known or language_of_header(",".join(_headers(scope, b"accept-language")))
