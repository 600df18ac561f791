"""바쁜 루프의 /readyz: 루프가 1초 넘게 돌고 있어도 답하고, 아예 멈추면 준비되지 않았다고 한다."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import struct
import time

import pytest
from structlog.testing import capture_logs

from telemetry import readiness_thread as module
from telemetry.probes import Readiness
from telemetry.readiness_thread import readiness_thread
from tests.fakes.addresses import own_address

HOST = own_address(60)


def ask(port: int, path: str = "/readyz") -> int:
    """상태 확인 하나의 답."""
    connection = http.client.HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def spin_for(seconds: float) -> None:
    """루프를 놓지 않고 파이썬을 돌린다."""
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        pass


async def test_a_busy_loop_is_still_ready() -> None:
    async with readiness_thread(HOST, 0, lambda: Readiness.READY) as port:
        asked = asyncio.create_task(asyncio.to_thread(ask, port))
        await asyncio.sleep(0)
        began_s = time.monotonic()
        spin_for(1.5)
        assert await asked == 200
        assert time.monotonic() - began_s < 2.5


async def test_a_loop_that_stands_still_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STALLED_AFTER_S", 0.3)
    async with readiness_thread(HOST, 0, lambda: Readiness.READY) as port:

        def ask_until_refused() -> int:
            while (status := ask(port)) == 200 and time.monotonic() < give_up_at_s:
                pass
            return status

        give_up_at_s = time.monotonic() + 5
        asked = asyncio.create_task(asyncio.to_thread(ask_until_refused))
        await asyncio.sleep(0)
        spin_for(1.2)
        assert await asked == 503
        assert await asyncio.to_thread(ask, port) == 200


@pytest.mark.parametrize("readiness", list(Readiness))
async def test_the_answer_is_the_readiness_of_the_process(readiness: Readiness) -> None:
    async with readiness_thread(HOST, 0, lambda: readiness) as port:
        assert await asyncio.to_thread(ask, port) == readiness.value
        assert await asyncio.to_thread(ask, port, "/other") == 404


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /other HTTP/1.1", 404),
        (b"POST /readyz HTTP/1.1", 405),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1", 414),
        (b"NONSENSE", 400),
        (b"GET /readyz HTTP/9.9", 505),
    ],
    ids=["path", "method", "long", "broken", "version"],
)
async def test_a_refusal_is_a_problem(request_line: bytes, status: int) -> None:
    def refusal(port: int) -> bytes:
        with socket.create_connection((HOST, port), timeout=5) as client:
            client.sendall(request_line + b"\r\nHost: x\r\n\r\n")
            return client.makefile("rb").read()

    async with readiness_thread(HOST, 0, lambda: Readiness.READY) as port:
        answer = await asyncio.to_thread(refusal, port)
    head, _, body = answer.partition(b"\r\n\r\n")
    problem = json.loads(body or head)
    assert problem["status"] == status
    assert problem["type"] == f"urn:hanpan:error:{problem['code']}"
    assert len(problem["trace_id"]) == 32


async def test_a_failing_readiness_is_one_line_and_a_500_with_its_trace() -> None:
    def fail() -> Readiness:
        raise RuntimeError("우리 잘못")

    def ask_whole(port: int) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        return response.status, response.read()

    with capture_logs() as entries:
        async with readiness_thread(HOST, 0, fail) as port:
            status, body = await asyncio.to_thread(ask_whole, port)
    assert status == 500
    assert [(entry["event"], entry["trace_id"]) for entry in entries] == [
        ("readyz.failed", json.loads(body)["trace_id"])
    ]
    assert isinstance(entries[0]["exc_info"], RuntimeError)


async def test_a_checker_that_hangs_up_leaves_no_trace_and_the_next_is_answered(
    capfd: pytest.CaptureFixture[str],
) -> None:
    async with readiness_thread(HOST, 0, lambda: Readiness.READY) as port:
        for _ in range(20):
            hang_up(port)
        assert await asyncio.to_thread(ask, port) == 200
    assert capfd.readouterr() == ("", "")


def hang_up(port: int) -> None:
    """묻자마자 RST로 끊는다."""
    asking = socket.create_connection((HOST, port), timeout=1)
    asking.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    asking.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
    asking.close()
