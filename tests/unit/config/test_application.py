"""platform의 입구: 상태 확인은 Django를 지나지 않고 답한다."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import parse_cookie

from config.application import PlatformApplication
from fleet.roll_driver import RollDriver
from ops.live.entrance import LiveEntrance
from players.identity.sweeper import SignInSweeper
from telemetry.probes import ProbeApp
from tests.fakes.asgi_client import request
from webserver.http_handler import ThreadPoolHandler
from webserver.readiness import PlatformReadiness


class Stuck:
    """모든 스레드가 막힌 처리기."""

    async def __call__(self, *_asgi: object) -> None:
        raise AssertionError("상태 확인이 Django로 갔다")


class SilentHub:
    """아무도 보지 않는 hub."""

    def watch(self) -> None:
        raise AssertionError("막아야 할 소켓이 들어왔다")


@pytest.fixture
def application() -> PlatformApplication:
    readiness = PlatformReadiness()
    probes = ProbeApp(service="platform", instance="platform", version="1.0.0", readiness=readiness)
    return PlatformApplication(
        handler=Stuck(),  # type: ignore[arg-type]
        probes=probes,
        readiness=readiness,
        live=LiveEntrance(SilentHub()),  # type: ignore[arg-type]
        rolls=RollDriver(),
        sweeper=SignInSweeper(),
    )


async def test_health_is_answered_while_every_thread_is_stuck(application: PlatformApplication) -> None:
    answer = await request(application, "GET", "/healthz")
    assert (answer.status, answer.json()["service"]) == (200, "platform")


async def test_metrics_are_answered_in_the_prometheus_format(application: PlatformApplication) -> None:
    answer = await request(application, "GET", "/metrics")
    assert answer.status == 200
    assert b"# TYPE finalize_total counter" in answer.body


async def test_a_draining_platform_is_404_for_the_load_balancer(application: PlatformApplication) -> None:
    application.readiness.start_draining()
    assert (await request(application, "GET", "/readyz")).status == 404


US = ((b"host", b"localhost:8080"), (b"origin", b"http://localhost:8080"))


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/ws", US),
        ("/ops/live/more", US),
        ("/ops/live", US[:1]),
        ("/ops/live", (US[0], (b"origin", b"http://evil.example"))),
        ("/ops/live", (US[0], (b"origin", b"http://localhost:9999"))),
        ("/ops/live", (US[0], (b"origin", b"http://["))),
        ("/ops/live", ((b"host", b"evil.example"), US[1])),
        ("/ops/live", US[1:]),
    ],
)
async def test_a_websocket_that_is_not_ours_is_refused_without_noise(
    application: PlatformApplication, path: str, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    sent: list[object] = []

    async def send(message: object) -> None:
        sent.append(message)

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    await application({"type": "websocket", "path": path, "headers": headers}, receive, send)
    assert sent == [{"type": "websocket.close"}]


COOKIES = {
    "one": [(b"cookie", b'a="' + b'\\"' * 10_000 + b'"')],
    "split": [(b"cookie", b"a=" + b"x" * 2_000), (b"Cookie", b"b=" + b"y" * 2_100)],
    "just over": [(b"cookie", b"a=" + b"x" * 4_095)],
}


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """쿠키를 푸는 이들(Django, Channels)이 본 글의 길이."""
    seen: list[int] = []

    def spy(text: str) -> dict[str, str]:
        seen.append(len(text))
        return parse_cookie(text)

    for place in ("django.core.handlers.asgi.parse_cookie", "channels.sessions.parse_cookie"):
        monkeypatch.setattr(place, spy)
    return seen


def scope_of(kind: str, path: str, *headers: tuple[bytes, bytes]) -> dict[str, object]:
    return {
        "type": kind, "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [*US, *headers], "http_version": "1.1", "scheme": "http",
    }  # fmt: skip


@pytest.mark.parametrize("cookies", COOKIES.values(), ids=COOKIES)
@pytest.mark.parametrize(
    ("kind", "path", "accept", "content_type"),
    [
        ("http", "/api/v1/leaderboard", b"application/json", "application/problem+json"),
        ("http", "/ops/", b"text/html", "text/html; charset=utf-8"),
        ("http", "/healthz", b"*/*", "application/problem+json"),
        ("websocket", "/ops/live", b"*/*", "application/problem+json"),
    ],
)
async def test_cookies_over_the_bound_are_refused_before_anything_parses_them(
    application: PlatformApplication, parsed: list[int], cookies: list[tuple[bytes, bytes]],
    kind: str, path: str, accept: bytes, content_type: str,
) -> None:  # fmt: skip
    application.handler = ThreadPoolHandler(threads=1, waiting=0)
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, str]:
        raise AssertionError("거절할 요청의 본문을 읽었다")

    asked = scope_of(kind, path, *cookies, (b"accept", accept)) | {
        "extensions": {"websocket.http.response": {}}
    }
    await application(asked, receive, send)
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    assert (sent[0]["status"], headers["content-type"], sum(parsed)) == (400, content_type, 0)


async def test_a_socket_within_the_bound_has_its_cookies_parsed(
    application: PlatformApplication, parsed: list[int]
) -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    inbox = iter([{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1006}])

    async def receive() -> dict[str, Any]:
        return next(inbox)

    await application(scope_of("websocket", "/ops/live", (b"cookie", b"a=1")), receive, send)
    assert parsed == [3]
    assert sent
