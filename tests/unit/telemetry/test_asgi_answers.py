"""ASGI의 감싸개: 잡히지 않은 실패마다 추적 번호와 스택이 있는 한 줄, 그리고 같은 번호의 답."""

from __future__ import annotations

import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from kernel.errors import Internal
from telemetry.asgi_answers import DENIAL_EXTENSION, FailureGuard, problem_for, send_problem

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
HEADERS = [
    (b"traceparent", f"00-{TRACE_ID}-b7ad6b7169203331-01".encode()),
    (b"accept-language", b"en-GB"),
]
HTTP = {"type": "http", "path": "/x", "headers": HEADERS}
SOCKET = {"type": "websocket", "path": "/ws", "headers": HEADERS, "extensions": {DENIAL_EXTENSION: {}}}
START = {"type": "http.response.start", "status": 200, "headers": []}


async def run(
    scope: dict[str, Any], *first: dict[str, Any], error: Exception, **options: Any
) -> list[dict[str, Any]]:
    """`first`를 보낸 뒤 실패하는 앱이 감싸개 안에서 보낸 모든 것."""
    sent: list[dict[str, Any]] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        for message in first:
            await send(message)
        raise error

    async def receive() -> dict[str, Any]:
        raise AssertionError

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await FailureGuard(app, **options)(scope, receive, send)
    return sent


@pytest.mark.parametrize("scope", [HTTP, SOCKET], ids=["http", "socket"])
async def test_a_failure_is_one_line_and_a_500_with_the_same_trace(scope: dict[str, Any]) -> None:
    error = RuntimeError("우리 잘못")
    with capture_logs() as entries:
        start, body = await run(scope, error=error)
    (line,) = entries
    assert (line["event"], line["trace_id"], line["exc_info"]) == ("asgi.failed", TRACE_ID, error)
    problem = json.loads(body["body"])
    assert (start["status"], problem["code"], problem["trace_id"]) == (500, "INTERNAL", TRACE_ID)
    assert problem["title"] == "Internal error"
    assert dict(start["headers"])[b"content-language"] == b"en"


async def test_an_answer_that_has_begun_is_cut_and_not_ended() -> None:
    with capture_logs() as entries:
        assert await run(HTTP, START, error=RuntimeError(), abort="cut") == [START, {"type": "cut"}]
        assert await run(HTTP, START, error=RuntimeError()) == [START]
    assert len(entries) == 2


async def test_an_open_socket_is_closed_with_1011_once() -> None:
    accept = {"type": "websocket.accept"}
    close = {"type": "websocket.close", "code": 4401}
    with capture_logs() as entries:
        sent = await run(SOCKET, accept, error=RuntimeError())
        assert await run(SOCKET, accept, close, error=RuntimeError()) == [accept, close]
    assert sent == [accept, {"type": "websocket.close", "code": 1011}]
    assert len(entries) == 2


async def test_a_peer_that_left_is_no_failure() -> None:
    async def app(scope: Any, _receive: Any, send: Any) -> None:
        await send(START)

    async def receive() -> dict[str, Any]:
        raise AssertionError

    async def gone(_message: dict[str, Any]) -> None:
        raise ConnectionResetError

    with capture_logs() as entries, pytest.raises(ConnectionResetError):
        await FailureGuard(app)(HTTP, receive, gone)
    assert entries == []


async def test_a_socket_of_a_server_without_http_answers_is_just_closed() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {**SOCKET, "extensions": {}}
    await send_problem(scope, send, problem_for(scope, Internal()))
    assert sent == [{"type": "websocket.close"}]
