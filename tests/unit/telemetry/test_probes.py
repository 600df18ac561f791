"""상태 확인의 답."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import pytest

from telemetry.exposition import Exposition, SharedExposition
from telemetry.probes import ProbeApp, Readiness
from tests.fakes.asgi_client import request


async def ask(path: str, readiness: Readiness = Readiness.READY) -> tuple[int, dict[bytes, bytes], bytes]:
    """GET 하나의 상태, 머리글, 본문."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    app = ProbeApp(service="s", instance="i", version="v", readiness=lambda: readiness)
    await app({"type": "http", "path": path}, None, send)
    start, body = sent
    return start["status"], dict(start["headers"]), body["body"]


@pytest.mark.parametrize(
    ("readiness", "status"),
    [(Readiness.READY, 200), (Readiness.DRAINING, 404), (Readiness.NOT_READY, 503)],
)
async def test_readiness_has_its_own_status(readiness: Readiness, status: int) -> None:
    assert (await ask("/readyz", readiness))[0] == status
    assert (await ask("/healthz", readiness))[0] == 200


async def test_an_answer_names_the_process_and_its_length() -> None:
    status, headers, body = await ask("/healthz")
    assert status == 200
    assert json.loads(body) == {"service": "s", "instance": "i", "version": "v", "status": "ok"}
    assert int(headers[b"content-length"]) == len(body)
    assert headers[b"cache-control"] == b"no-store"


async def test_metrics_are_in_the_text_format_of_prometheus() -> None:
    status, headers, body = await ask("/metrics")
    assert status == 200
    assert headers[b"content-type"].startswith(b"text/plain")
    assert b"# TYPE gateway_connections gauge" in body


async def test_those_who_read_the_metrics_hold_neither_the_loop_nor_the_probes() -> None:
    started, release = threading.Event(), threading.Event()
    made: list[int] = []

    def make() -> Exposition:
        made.append(threading.get_ident())
        started.set()
        assert release.wait(30)
        return Exposition(b"up 1\n", ())

    app = ProbeApp(
        service="s", instance="i", version="v", readiness=lambda: Readiness.READY,
        exposition=SharedExposition(make),
    )  # fmt: skip
    readers = [asyncio.create_task(request(app, "GET", "/metrics")) for _ in range(100)]
    await asyncio.to_thread(started.wait)
    assert (await request(app, "GET", "/readyz")).status == 200
    assert not any(reader.done() for reader in readers)
    release.set()
    assert {(answer.status, answer.body) for answer in await asyncio.gather(*readers)} == {(200, b"up 1\n")}
    assert len(made) == 1
    assert threading.get_ident() not in made


async def test_another_path_is_not_found() -> None:
    assert (await ask("/admin"))[0] == 404


async def test_a_refusal_of_a_probe_is_a_problem() -> None:
    for path, method, status in (("/admin", "GET", 404), ("/healthz", "DELETE", 405)):
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any], sent: list[dict[str, Any]] = sent) -> None:
            sent.append(message)

        app = ProbeApp(service="s", instance="i", version="v", readiness=lambda: Readiness.READY)
        await app({"type": "http", "path": path, "method": method, "headers": []}, None, send)
        start, body = sent
        assert start["status"] == status
        assert dict(start["headers"])[b"content-type"] == b"application/problem+json"
        assert json.loads(body["body"])["status"] == status
