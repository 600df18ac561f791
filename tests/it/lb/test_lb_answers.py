"""진짜 HAProxy와 우리 설정: 스스로 하는 모든 답이 코드의 것과 같은 모양이고, 브라우저에는 쪽이다."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from front.lb_errors import BODY_MAX_BYTES
from tests.fakes.addresses import own_address
from tests.fakes.load_balancer import (
    ANSWER_S,
    STARTUP_S,
    Backend,
    RawAnswer,
    assert_like_the_code,
    haproxy,
    send_to,
)

LB, PLATFORM, GATEWAY, NOBODY, ELSEWHERE = (own_address(number) for number in range(61, 66))
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\n"


def send(request: str | bytes, *, host: str = LB, port: int = 8080) -> RawAnswer:
    """이 LB에 한 요청."""
    return send_to(host, request, port=port)


def get(path: str, **headers: str) -> RawAnswer:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return send(f"GET {path} HTTP/1.1\r\nHost: localhost:8080\r\n{lines}\r\n")


@pytest.fixture(scope="module")
def log_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """HAProxy의 로그."""
    return tmp_path_factory.mktemp("lb") / "lb.log"


@pytest.fixture(scope="module", autouse=True)
def _lb(log_path: Path) -> Iterator[None]:
    """platform은 있고, gateway는 하나만 있는 LB."""
    platform, gateway = Backend(PLATFORM), Backend(GATEWAY)
    with haproxy(
        log_path,
        LB_PUBLIC_BIND=LB,
        LB_BIND=LB,
        PLATFORM_HOST=PLATFORM,
        GATEWAY1_HOST=GATEWAY,
        GATEWAY2_HOST=NOBODY,
    ):
        yield
    platform.close()
    gateway.close()


def slow_body(path: str, *headers: str) -> RawAnswer:
    head = "".join(f"{each}\r\n" for each in headers)
    return send(f'POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n{head}\r\n{{"na')


REFUSED = {
    "긴 주소": (f"GET /api/v1/me?x={'a' * 20_000} HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "큰 쿠키": (f"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nCookie: a={'x' * 17_000}\r\n\r\n", 431),
    "여느 HTTP로 연 소켓의 길": ("GET /ws HTTP/1.1\r\nHost: x\r\n\r\n", 426),
    "여느 HTTP로 연 운영의 소켓": ("GET /ops/live HTTP/1.1\r\nHost: x\r\n\r\n", 426),
    "12판의 WebSocket": (
        f"GET /ws HTTP/1.1\r\nHost: x\r\n{UPGRADE}{KEY}Sec-WebSocket-Version: 12\r\n\r\n",
        426,
    ),
    "판을 말하지 않은 WebSocket": (f"GET /ws HTTP/1.1\r\nHost: x\r\n{UPGRADE}{KEY}\r\n", 426),
    "늦은 본문": ('POST /api/v1/auth/guest HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n{"na', 408),
    "버퍼보다 큰 본문의 절반": (
        f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n{'x' * 150_000}",
        413,
    ),
    "상한을 넘는 본문": (f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n{'x' * 65_537}", 413),
    "말없이 끊은 서버": ("GET /cut HTTP/1.1\r\nHost: x\r\n\r\n", 502),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_of_the_balancer_is_that_of_the_code(name: str) -> None:
    request, status = REFUSED[name]
    assert_like_the_code(send(request), status)
    in_english = request.replace("Host: x\r\n", "Host: x\r\nAccept-Language: en-GB,ko;q=0.5\r\n")
    assert_like_the_code(send(in_english), status, "en")


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (f"GET /ops/?x={'a' * 20_000} HTTP/1.1\r\nHost: x\r\nACCEPT\r\n\r\n", 414),
        (f"GET /ops/ HTTP/1.1\r\nHost: x\r\nACCEPT\r\nCookie: a={'x' * 17_000}\r\n\r\n", 431),
        ("GET /ws HTTP/1.1\r\nHost: x\r\nACCEPT\r\n\r\n", 426),
        ("POST /ops/roll/start HTTP/1.1\r\nHost: x\r\nACCEPT\r\nContent-Length: 20\r\n\r\nreas", 408),
        ("GET /cut HTTP/1.1\r\nHost: x\r\nACCEPT\r\n\r\n", 502),
        (f"POST / HTTP/1.1\r\nHost: x\r\nACCEPT\r\nContent-Length: 70000\r\n\r\n{'x' * 70_000}", 413),
    ],
)
def test_a_browser_gets_a_page_in_its_language(request_text: str, status: int) -> None:
    for language in ("ko", "en"):
        accept = f"Accept: {CHROME}\r\nAccept-Language: {language}"
        answer = send(request_text.replace("ACCEPT", accept))
        assert answer.status == status
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert f'<html lang="{language}">' in answer.body
        assert bool(re.search("[가-힣]", answer.body)) is (language == "ko")
        assert re.search("<code>[0-9a-f]{32}</code>", answer.body)
        assert 'href="/"' in answer.body
        assert "97.6% .004" in answer.body, "%를 그대로 내보낸다"


def test_the_paths_of_the_api_answer_a_browser_with_a_problem_too() -> None:
    for path in ("/api/v1/me", "/ops/api/v1/servers"):
        assert_like_the_code(get(f"{path}?x={'a' * 20_000}", Accept=CHROME), 414)


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "ko"),
        ({"Accept_Language": "de"}, "en"),
        ({"Accept_Language": "ko-KR,ko;q=0.9,en;q=0.8"}, "ko"),
        ({"Accept_Language": "en;q=0.5,ko;q=0.4"}, "en"),
        ({"Accept_Language": "en", "Cookie": "django_language=ko"}, "ko"),
        ({"Accept_Language": "ko", "Cookie": "a=1; django_language=en"}, "en"),
        ({"Accept_Language": "ko", "Cookie": "django_language=evil"}, "ko"),
    ],
)
def test_the_language_is_chosen_as_the_pages_choose_it(headers: dict[str, str], language: str) -> None:
    assert_like_the_code(get("/ws", **headers), 426, language)


def test_the_trace_of_the_caller_is_told_and_logged_and_a_broken_one_is_not(log_path: Path) -> None:
    asked = get("/cut", traceparent=f"00-{TRACE_ID}-b7ad6b7169203331-01")
    assert asked.problem()["trace_id"] == TRACE_ID
    broken = get("/cut", traceparent='00-"},"x":"-b7ad6b7169203331-01').problem()["trace_id"]
    assert re.fullmatch("[0-9a-f]{32}", broken)
    deadline_s = time.monotonic() + ANSWER_S
    while broken not in (traces := logged_traces(log_path)):
        assert time.monotonic() < deadline_s, log_path.read_text("utf-8")[-2000:]
        time.sleep(0.05)
    assert traces.count(TRACE_ID) == traces.count(broken) == 1


def logged_traces(log_path: Path) -> list[str]:
    """지금까지의 로그의 줄들이 말한 추적 번호. HAProxy는 답을 보낸 뒤에 적는다."""
    lines = log_path.read_text("utf-8").splitlines()
    return [json.loads(line).get("trace_id", "") for line in lines if line.startswith("{")]


def test_an_upgrade_where_there_is_no_socket_is_an_ordinary_request() -> None:
    answer = send(f"GET /api/v1/me HTTP/1.1\r\nHost: x\r\n{UPGRADE}{KEY}Sec-WebSocket-Version: 13\r\n\r\n")
    assert answer.status == 200
    assert "upgrade: websocket" not in answer.body.lower()
    kept = send(f"GET /ws HTTP/1.1\r\nHost: x\r\n{UPGRADE}{KEY}Sec-WebSocket-Version: 13\r\n\r\n")
    assert "upgrade: websocket" in kept.body.lower()


def test_an_address_and_headers_just_below_their_limits_pass() -> None:
    assert get("/echo?x=" + "a" * 7900, Cookie="a=" + "x" * 4094, X_Long="x" * 7700).status == 200


def test_a_body_of_the_limit_passes_whole_or_in_chunks() -> None:
    body = "x" * BODY_MAX_BYTES
    whole = f"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    assert send(whole).status == 200
    head = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert send(f"{head}{len(body):x}\r\n{body}\r\n0\r\n\r\n").status == 200
    assert_like_the_code(send(f"{head}{len(body) + 1:x}\r\n{body}x\r\n0\r\n\r\n"), 413)


def test_only_the_balancer_tells_how_many_gateways_are_up() -> None:
    assert "x-gateways-up: 1" in get("/status/", X_Gateways_Up="9").body.lower()
    assert "x-gateways-up" not in get("/echo", X_Gateways_Up="9").body.lower()


def test_the_inner_port_refuses_in_the_same_shape() -> None:
    answer = send("GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", port=8000)
    assert_like_the_code(answer, 404)
    assert send("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n", port=8000).status == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"NONSENSE\r\n\r\n",
        "GET /api/v1/leaderboards/결투 HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
        b"GET /" + b"a" * 120_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        f"GET /ws HTTP/1.1\r\nHost: x\r\n{UPGRADE}Sec-WebSocket-Version: 13\r\n\r\n".encode(),
    ],
    ids=["request line", "not ascii", "beyond the buffer", "no key"],
)
def test_what_is_refused_before_it_is_a_request_is_in_the_words_of_haproxy(raw: bytes) -> None:
    """계약이 그렇다고 말한다(contract.md 1절)."""
    answer = send(raw)
    assert (answer.status, answer.headers["content-type"]) == (400, "text/html")


def test_nobody_behind_is_a_503_in_both_shapes(tmp_path: Path) -> None:
    address = ELSEWHERE
    environment = {
        "LB_PUBLIC_BIND": address, "LB_BIND": address, "PLATFORM_HOST": NOBODY,
        "GATEWAY1_HOST": NOBODY, "GATEWAY2_HOST": NOBODY,
    }  # fmt: skip
    with haproxy(tmp_path / "lb.log", **environment):
        deadline_s = time.monotonic() + STARTUP_S
        while True:
            answer = send("GET / HTTP/1.1\r\nHost: x\r\n\r\n", host=address)
            if answer.status == 503 or time.monotonic() > deadline_s:
                break
        assert_like_the_code(answer, 503)
        page = send(f"GET / HTTP/1.1\r\nHost: x\r\nAccept: {CHROME}\r\n\r\n", host=address)
        assert (page.status, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
        assert page.headers["retry-after"]
        upgrade = f"GET /ws HTTP/1.1\r\nHost: x\r\n{UPGRADE}{KEY}Sec-WebSocket-Version: 13\r\n\r\n"
        assert_like_the_code(send(upgrade, host=address), 503)
