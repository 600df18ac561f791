"""`/ws`의 문: 지나가는 소켓, HTTP 답으로 거절되는 소켓, 그리고 그 언어."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.settings import GatewaySettings
from gateway.websocket.connect_limit import ConnectLimit
from gateway.websocket.socket_limits import SocketLimits
from gateway.websocket.upgrade import CLIENT_ADDRESS, SUBPROTOCOL, UpgradeGuard, reader_language
from redisstore.ratelimit import Decision
from resilience.stance import Stance
from tests.fakes.gateway_ports import FakeRedis
from tests.fakes.manual_clock import ManualClock
from tests.unit.gateway.conftest import make_connection

ORIGIN = "http://localhost:8080"


class Door:
    """문과 그 안쪽."""

    def __init__(self, clock: ManualClock) -> None:
        self.redis = FakeRedis()
        self.is_draining = False
        self.let_in: list[str] = []
        self.addresses: list[str] = []
        self.sockets = SocketLimits(per_player=5, greetings_per_address=1)
        settings = GatewaySettings(
            instance="g", region="local", allowed_origins=frozenset({f"{ORIGIN}/"}),
            trusted_proxies=("10.0.0.0/8",),
        )  # fmt: skip
        self.guard = UpgradeGuard(
            self._inner,
            settings=settings,
            limit=ConnectLimit(
                self.redis, rate_per_s=1.0, burst=5, clock=clock, stance=Stance.fail_open(lambda _items: None)
            ),
            sockets=self.sockets,
            is_draining=lambda: self.is_draining,
        )

    async def _inner(self, scope: Any, _receive: Any, _send: Any) -> None:
        self.let_in.append(scope["path"])
        self.addresses.append(scope[CLIENT_ADDRESS])

    async def knock(self, *, path: str = "/ws", subprotocols: tuple[str, ...] = (), **headers: str) -> int:
        """두드린다. 거절의 HTTP 상태를 주고, 들어갔으면 101이다."""
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.guard(scope_of(path=path, subprotocols=subprotocols, **headers), None, send)  # type: ignore[arg-type]
        return sent[0]["status"] if sent else 101


def scope_of(*, path: str = "/ws", subprotocols: tuple[str, ...] = (), **headers: str) -> dict[str, Any]:
    return {
        "type": "websocket", "path": path, "subprotocols": subprotocols, "client": ("10.1.1.1", 4000),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        "extensions": {"websocket.http.response": {}},
    }  # fmt: skip


@pytest.fixture
def door(clock: ManualClock) -> Door:
    return Door(clock)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"origin": ORIGIN},
        {"origin": ORIGIN.upper()},
        {"subprotocols": (SUBPROTOCOL,)},
        {"subprotocols": ("other", SUBPROTOCOL)},
    ],
)
async def test_a_socket_that_asks_rightly_is_let_in(door: Door, asked: dict[str, Any]) -> None:
    assert await door.knock(**asked) == 101
    assert door.let_in == ["/ws"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"path": "/other"}, 404),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "https://localhost:8080"}, 403),
        ({"subprotocols": ("other",)}, 422),
    ],
)
async def test_a_socket_that_asks_wrongly_is_answered_in_http(
    door: Door, asked: dict[str, Any], status: int
) -> None:
    assert await door.knock(**asked) == status
    assert (door.let_in, door.redis.taken) == ([], [])


async def test_a_gateway_on_its_way_out_sends_new_sockets_elsewhere(door: Door) -> None:
    door.is_draining = True
    assert await door.knock() == 503


async def test_the_address_behind_the_proxy_is_the_one_that_is_counted(
    door: Door,
) -> None:
    door.redis.decision = Decision(allowed=False, retry_after_ms=700)
    assert await door.knock(x_forwarded_for="203.0.113.7") == 429
    assert door.redis.taken == [("connect:203.0.113.7", 1)]


async def test_an_address_whose_sockets_do_not_say_who_they_are_is_turned_away_alone(
    door: Door, clock: ManualClock
) -> None:
    assert await door.knock(x_forwarded_for="203.0.113.7") == 101
    door.sockets.opened(make_connection(clock), door.addresses[0])
    assert await door.knock(x_forwarded_for="203.0.113.7") == 429
    assert await door.knock(x_forwarded_for="203.0.113.8") == 101
    assert door.addresses == ["203.0.113.7", "203.0.113.8"]


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "ko"),
        ({"accept_language": "en-US,en;q=0.9"}, "en"),
        ({"accept_language": "en", "cookie": "a=1; django_language=ko"}, "ko"),
        ({"accept_language": "en", "cookie": "django_language=xx"}, "en"),
    ],
)
def test_the_cookie_of_the_page_names_the_language_before_the_browser_does(
    headers: dict[str, str], language: str
) -> None:
    assert reader_language(scope_of(**headers)) == language
