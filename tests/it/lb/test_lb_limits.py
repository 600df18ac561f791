"""진짜 HAProxy의 가장자리: 안에서만 보는 길, 본문과 쿠키의 상한, 주소마다의 상한."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from front.lb_errors import BODY_MAX_BYTES
from tests.fakes.load_balancer import ANSWER_S, BROWSER, WEBSOCKET, assert_like_the_code, balanced, send_to

FIRST = 70
FIRST_PART_BYTES = 20_000
FIRST_CHUNK = f"{FIRST_PART_BYTES:x}\r\n{'x' * FIRST_PART_BYTES}\r\n"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """본문을 1초까지만 기다리는 LB."""
    log_path = tmp_path_factory.mktemp("lb") / "lb.log"
    with balanced(FIRST, log_path, HANPAN_LB_BODY_TIMEOUT_S="1") as address:
        yield address


def request(path: str, *headers: str, method: str = "GET") -> str:
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\n{''.join(headers)}\r\n"


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/readyz",
        "/metrics?x=1",
        "/%6detrics",
        "/read%79z",
        "//metrics",
        "/metrics/",
        "/%2fmetrics",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_what_is_for_the_inside_is_not_there_outside(host: str, path: str, method: str) -> None:
    answer = send_to(host, request(path, "Connection: close\r\n", method=method))
    assert answer.status == 404
    if method != "HEAD":
        assert_like_the_code(answer, 404)
    page = send_to(host, request(path, BROWSER))
    assert (page.status, page.headers["content-type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize("path", ["/healthz", "/metricsx", "/a/metrics", "/api/v1/me?x=/metrics"])
def test_what_is_not_for_the_inside_passes(host: str, path: str) -> None:
    assert send_to(host, request(path)).status == 200


@pytest.mark.parametrize("path", ["/healthz", "/%68ealthz", "/healthz?x=1"])
def test_the_health_says_outside_only_that_it_is_alive(host: str, path: str) -> None:
    answer = send_to(host, request(path))
    assert (answer.status, answer.body) == (200, '{"status":"ok"}')


@pytest.mark.parametrize("accept", ["", BROWSER], ids=["program", "browser"])
def test_a_body_that_says_it_is_too_long_is_refused_before_it_comes(host: str, accept: str) -> None:
    answer = send_to(host, request("/x", accept, "Content-Length: 1000000000\r\n", method="POST") + "x")
    assert answer.status == 413, "기다렸으면 408이다"


def test_a_body_in_chunks_is_refused_when_it_passes_the_limit_and_not_at_its_end(host: str) -> None:
    head = request("/x", "Transfer-Encoding: chunked\r\n", method="POST")
    chunk = f"{BODY_MAX_BYTES + 1:x}\r\n{'x' * (BODY_MAX_BYTES + 1)}\r\n"
    assert_like_the_code(send_to(host, head + chunk), 413)


@pytest.mark.parametrize("accept", ["", BROWSER], ids=["program", "browser"])
@pytest.mark.parametrize(
    ("framing", "first", "drop"),
    [
        ("Content-Length: 60000\r\n", "x" * FIRST_PART_BYTES, b"y"),
        ("Transfer-Encoding: chunked\r\n", FIRST_CHUNK, b"1\r\ny\r\n"),
    ],
    ids=["length", "chunked"],
)  # fmt: skip
def test_a_body_that_trickles_after_its_first_part_is_cut_off(
    host: str, accept: str, framing: str, first: str, drop: bytes
) -> None:
    with socket.create_connection((host, 8080), timeout=0.1) as client:
        client.sendall((request("/x", accept, framing, method="POST") + first).encode())
        deadline_s = time.monotonic() + ANSWER_S
        answer = b""
        while not answer:
            assert time.monotonic() < deadline_s, "흘려보내는 본문이 끝나지 않는다"
            with suppress(ConnectionError):  # 답하고 닫은 뒤다
                client.sendall(drop)
            try:
                answer = client.recv(4096)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_cookie_of_the_limit_passes_and_a_longer_one_or_a_second_does_not(host: str) -> None:
    assert send_to(host, request("/x", f"Cookie: {'a' * 4096}\r\n")).status == 200
    assert_like_the_code(send_to(host, request("/x", f"Cookie: {'a' * 4097}\r\n")), 400)
    assert_like_the_code(send_to(host, request("/x", "Cookie: a=1\r\n", "Cookie: b=2\r\n")), 400)
    assert_like_the_code(send_to(host, request("/ws", WEBSOCKET, f"Cookie: {'a' * 4097}\r\n")), 400)
    page = send_to(host, request("/x", BROWSER, f"Cookie: {'a' * 4097}\r\n"))
    assert (page.status, page.headers["content-type"]) == (400, "text/html; charset=utf-8")


@pytest.mark.parametrize("framing", ["Content-Length: 1000000000\r\n", "Transfer-Encoding: chunked\r\n"])
def test_an_upgrade_with_a_body_is_refused(host: str, framing: str) -> None:
    assert_like_the_code(send_to(host, request("/ws", WEBSOCKET, framing)), 426)
    assert send_to(host, request("/ws", WEBSOCKET, "Content-Length: 0\r\n")).status == 200


def test_connections_beyond_the_limit_are_told_so_and_far_beyond_it_cut(tmp_path: Path) -> None:
    limit, spoken = 3, 64
    setting = {"HANPAN_LB_CONNS_PER_ADDRESS": str(limit)}
    with balanced(FIRST + 4, tmp_path / "lb.log", **setting) as host, ExitStack() as held:
        for _ in range(limit):
            held.enter_context(_held_connection(host))
        over = send_to(host, request("/x"))
        assert_like_the_code(over, 429)
        assert over.headers["connection"] == "close"
        page = send_to(host, request("/x", BROWSER))
        assert (page.status, page.headers["content-type"]) == (429, "text/html; charset=utf-8")
        assert_like_the_code(send_to(host, request("/ws", WEBSOCKET)), 429)
        silent = [_silent_connection(host, held) for _ in range(spoken + 20)]
        assert any(client is None or _is_cut(client) for client in silent[spoken:]), "말없는 접속이 쌓인다"
        held.close()
        _held_connection(host).close()


def _held_connection(host: str) -> socket.socket:
    """답을 받고 열려 있는 접속. 앞의 접속들이 다 닫히기를 기다린다."""
    deadline_s = time.monotonic() + ANSWER_S
    while True:
        client = socket.create_connection((host, 8080), timeout=ANSWER_S)
        client.sendall(request("/x").encode())
        if client.recv(12) == b"HTTP/1.1 200":
            return client
        client.close()
        assert time.monotonic() < deadline_s, "자리가 나지 않는다"
        time.sleep(0.05)


def _silent_connection(host: str, held: ExitStack) -> socket.socket | None:
    """아무 말도 하지 않는 접속. 잇자마자 끊겼으면 None이다."""
    try:
        return held.enter_context(socket.create_connection((host, 8080), timeout=ANSWER_S))
    except ConnectionResetError:
        return None


def _is_cut(client: socket.socket) -> bool:
    client.settimeout(2.0)
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


@pytest.mark.parametrize("setting", ["HANPAN_LB_NEW_CONNS_PER_10S", "HANPAN_LB_REQUESTS_PER_10S"])
def test_an_address_that_comes_too_often_is_told_so(tmp_path: Path, setting: str) -> None:
    with balanced(FIRST + 4, tmp_path / "lb.log", **{setting: "10"}) as host:
        answers = [send_to(host, request("/x", "Connection: close\r\n")) for _ in range(15)]
    assert answers[5].status == 200
    assert_like_the_code(answers[-1], 429)
