"""platform의 입구: 상태 확인은 Django를 지나지 않고 답한다."""

from __future__ import annotations

import pytest

from config.application import PlatformApplication
from fleet.roll_driver import RollDriver
from ops.live.entrance import LiveEntrance
from players.identity.sweeper import SignInSweeper
from telemetry.probes import ProbeApp
from tests.fakes.asgi_client import request
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
