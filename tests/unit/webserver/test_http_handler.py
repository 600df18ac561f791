"""스레드 처리기: 함께 돌고, 넘치면 바로 거절하고, 본문을 정해진 만큼만 받는다."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest
from pytest_django import Settings
from structlog.testing import capture_logs

from tests.fakes.asgi_client import Answer, request
from tests.unit.webserver import slow_urls
from webserver.http_handler import ThreadPoolHandler
from webserver.streaming import ABORT

JSON = {"content-type": "application/json"}


@pytest.fixture(autouse=True)
def _test_urls(settings: Settings) -> Iterator[None]:
    settings.ROOT_URLCONF = "tests.unit.webserver.slow_urls"
    settings.MIDDLEWARE = []
    slow_urls.gate.clear()
    # 처리기는 요청마다 연결을 살핀다. 연결을 열지는 않는다.
    yield
    slow_urls.gate.set()


def handler(threads: int = 4, waiting: int = 4) -> ThreadPoolHandler:
    return ThreadPoolHandler(threads=threads, waiting=waiting)


def assert_problem(answer: Answer, status: int, code: str) -> None:
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert set(body) == {"type", "title", "status", "detail", "code", "trace_id"}
    assert len(body["trace_id"]) == 32


async def test_requests_run_at_the_same_time_on_their_own_threads() -> None:
    app = handler()
    answers = await asyncio.gather(*[request(app, "GET", "/meet") for _ in range(4)])
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 4


async def test_a_request_beyond_the_waiting_room_is_refused_at_once() -> None:
    app = handler(threads=1, waiting=1)
    held = [asyncio.create_task(request(app, "GET", "/blocked")) for _ in range(2)]
    await asyncio.to_thread(slow_urls.entered.acquire)
    assert app.in_flight == 2
    refused = await request(app, "GET", "/blocked")
    assert_problem(refused, 503, "UNAVAILABLE")
    assert refused.headers["retry-after"] == "1"
    slow_urls.gate.set()
    assert [(await task).status for task in held] == [200, 200]
    assert await app.wait_idle(1)


async def test_waiting_for_idle_gives_up_when_a_request_hangs() -> None:
    app = handler(threads=1)
    held = asyncio.create_task(request(app, "GET", "/blocked"))
    await asyncio.to_thread(slow_urls.entered.acquire)
    assert not await app.wait_idle(0.01)
    slow_urls.gate.set()
    await held


async def test_a_body_in_pieces_without_a_length_is_read_whole() -> None:
    answer = await request(handler(), "POST", "/echo", body=[b'{"a":', b" [1,", b" 2]}"], headers=JSON)
    assert answer.json() == {"got": {"a": [1, 2]}}


async def test_a_body_over_the_limit_is_refused(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    app = handler()
    for body in (b'"' + b"x" * 10 + b'"', [b'"xxxxx', b"xxxxx", b'"']):
        assert_problem(await request(app, "POST", "/echo", body=body, headers=JSON), 413, "PAYLOAD_TOO_LARGE")
    assert (await request(app, "POST", "/echo", body=b'{"a":1234}', headers=JSON)).status == 200


async def test_a_client_that_leaves_before_the_end_of_its_body_costs_nothing() -> None:
    app = handler()

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(_message: object) -> None:
        raise AssertionError("떠난 클라이언트에게 답했다")

    await app({"type": "http", "path": "/echo", "headers": [], "method": "POST"}, receive, send)
    assert app.in_flight == 0


async def test_a_streamed_answer_arrives_in_order() -> None:
    answer = await request(handler(), "GET", "/stream")
    assert (answer.status, answer.body) == (200, b"one two")


async def test_a_query_that_is_not_utf8_is_the_clients_fault() -> None:
    assert_problem(await request(handler(), "GET", "/stream?a=\xff"), 400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", JSON, 400),
        (b"\xff\xfe", JSON, 400),
        (b"[" * 30_000, JSON, 400),
        (b'{"a": NaN}', JSON, 400),
        (b"1" * 6000, JSON, 400),
        (b"a=1", {"content-type": "application/x-www-form-urlencoded"}, 415),
        (b"{}", {"content-type": "text/plain"}, 415),
        (b"{}", {"content-type": "nonsense"}, 415),
    ],
)
async def test_a_body_that_is_not_json_is_answered_without_a_stack(
    body: bytes, headers: dict[str, str], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), capture_logs() as entries:
        answer = await request(handler(), "POST", "/echo", body=body, headers=headers)
    assert_problem(answer, status, "INVALID_ARGUMENT")
    assert not entries
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_wrong_method_names_the_right_ones() -> None:
    answer = await request(handler(), "DELETE", "/echo")
    assert_problem(answer, 405, "INVALID_ARGUMENT")
    assert answer.headers["allow"] == "POST, OPTIONS"


async def test_an_unknown_path_is_a_problem_too() -> None:
    assert_problem(await request(handler(), "GET", "/nowhere"), 404, "NOT_FOUND")


async def test_our_own_fault_is_internal_and_tells_nothing() -> None:
    answer = await request(handler(), "GET", "/broken")
    assert_problem(answer, 500, "INTERNAL")
    assert "우리 잘못" not in json.dumps(answer.json(), ensure_ascii=False)


async def test_an_answer_that_breaks_in_the_middle_is_cut_and_never_ended() -> None:
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "scheme": "http", "method": "GET", "path": "/broken-stream",
        "query_string": b"", "headers": [(b"host", b"localhost")],
    }  # fmt: skip
    with capture_logs() as logs:
        await handler()(scope, receive, send)
    assert [message["type"] for message in sent] == [
        "http.response.start", "http.response.body", ABORT,
    ]  # fmt: skip
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["http.stream_failed"]
