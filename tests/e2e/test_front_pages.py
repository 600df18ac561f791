"""누구나 보는 쪽과 실패의 쪽: 문 넷, 두 언어, 휴대전화부터 책상까지. 그리고 로그인이 풀린 채 시킨 일."""

from __future__ import annotations

import json
import re
import socket
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from front.lb_errors import LB_ERRORS
from kernel.problem import problem_body
from stack.runtime import Runtime
from tests.e2e.browser import BASE_URL, DESKTOP, PHONE
from tests.e2e.ops_browser import Desk, demo_password

TABLET: dict[str, Any] = {"viewport": {"width": 820, "height": 1100}}
SCREENS = {"phone": PHONE, "tablet": TABLET, "desktop": DESKTOP}
HANGUL = re.compile("[가-힣]")
UPGRADE = b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
FAILURES = {"/nowhere": 404, "/ops/nowhere/": 404, "/ws": 426, f"/?x={'a' * 9000}": 414}


def assert_fits(desk: Desk) -> None:
    """옆으로 넘치는 것이 없다."""
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert desk.page.evaluate(overflow) <= 0, desk.page.url


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_public_page_fits_and_speaks_one_language(browser: Browser, screen: str, language: str) -> None:
    desk = Desk(browser, locale=language, screen=SCREENS[screen])
    for name, path in {"landing": "/", "status": "/status/", "docs": "/docs/"}.items():
        desk.open(path)
        assert_fits(desk)
        text = desk.page.locator("main").inner_text()
        assert bool(HANGUL.search(text)) is (language == "ko"), path
        desk.shoot(f"{name}-{language}-{screen}")
    assert desk.complaints == []
    for path, status in FAILURES.items():
        response = desk.page.goto(f"{BASE_URL}{path}")
        assert response is not None
        assert response.status == status
        assert_fits(desk)
        assert bool(HANGUL.search(desk.page.locator("main").inner_text())) is (language == "ko"), path
        expect(desk.page.locator(".trace code")).to_have_text(re.compile("^[0-9a-f]{32}$"))
        desk.shoot(f"failure-{status}-{language}-{screen}")
    # 실패한 쪽 자신의 상태 말고는 콘솔이 할 말이 없다(CSP, 없는 파일).
    assert [said for said in desk.complaints if "the server responded with a status of" not in said] == []
    desk.close()


@pytest.mark.smoke
def test_the_four_doors_lead_to_their_rooms_and_back(browser: Browser) -> None:
    desk = Desk(browser, locale="en-US", screen=DESKTOP)
    page = desk.page
    rooms = {"play": "/play/", "ops": "/admin/login/?next=/ops/", "docs": "/docs/", "status": "/status/"}
    for door, room in rooms.items():
        desk.open("/")
        page.click(f"#door-{door}")
        page.wait_for_url(f"{BASE_URL}{room}")
    expect(page.locator('.parts [data-health="up"]')).to_have_count(7)
    page.get_by_role("button", name="한국어").click()
    expect(page.locator("h1")).to_have_text("모두 살아 있습니다")
    page.goto(f"{BASE_URL}/nowhere")
    page.get_by_role("link", name="첫 쪽", exact=True).click()
    page.wait_for_url(f"{BASE_URL}/")
    desk.close()


def test_an_order_after_the_session_ran_out_is_not_given_and_its_page_says_so(
    browser: Browser, stack: Runtime
) -> None:
    desk = Desk(browser, locale="ko-KR", screen=TABLET)
    page = desk.page
    desk.sign_in("operator", demo_password(stack, "operator"))
    desk.open("/ops/servers/session1/")
    page.context.clear_cookies(name="sessionid")
    page.fill('.order input[name="reason"]', "늦은 일")
    page.evaluate("document.querySelector('form.order').submit()")
    page.wait_for_url("**/admin/login/**")
    expect(page.get_by_text("로그인이 풀려 시킨 일을 하지 않았습니다")).to_be_visible()
    desk.shoot("late-order-login")
    page.fill("#id_username", "operator")
    page.fill("#id_password", demo_password(stack, "operator"))
    page.press("#id_password", "Enter")
    page.wait_for_url(f"{BASE_URL}/ops/servers/session1/")
    expect(page.get_by_role("status").filter(has_text="시킨 일은 하지 않았습니다")).to_be_visible()
    expect(page.locator('[data-field="state"]')).to_have_text("준비됨")
    assert_fits(desk)
    desk.shoot("late-order-landed")
    assert desk.complaints == []
    desk.close()


def answer_of(request: bytes) -> tuple[int, str, Any]:
    """손으로 보낸 요청의 상태, 형, 본문."""
    with socket.create_connection(("localhost", 8080), timeout=35) as client:
        client.sendall(request)
        answer = b""
        while not (found := re.search(rb"(?i)content-length: (\d+)", answer)) or len(
            answer.partition(b"\r\n\r\n")[2]
        ) < int(found[1]):
            part = client.recv(65536)
            if not part:
                break
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    kind = re.search(r"(?i)content-type: (\S+)", head.decode())
    return int(head.split()[1]), kind[1] if kind else "", json.loads(body)


REFUSED_BY_THE_BALANCER = {
    "긴 주소": (b"GET /api/v1/me?x=" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost:8080\r\n\r\n", 414),
    "큰 쿠키": (b"GET / HTTP/1.1\r\nHost: localhost:8080\r\nCookie: a=" + b"x" * 17_000 + b"\r\n\r\n", 431),
    "여느 HTTP의 /ws": (b"GET /ws HTTP/1.1\r\nHost: localhost:8080\r\n\r\n", 426),
    "12판": (
        b"GET /ws HTTP/1.1\r\nHost: localhost:8080\r\n"
        + UPGRADE
        + KEY
        + b"Sec-WebSocket-Version: 12\r\n\r\n",
        426,
    ),
    "늦은 본문": (
        b"POST /api/v1/auth/guest HTTP/1.1\r\nHost: localhost:8080\r\nContent-Type: application/json\r\n"
        b'Content-Length: 20\r\n\r\n{"na',
        408,
    ),
}


@pytest.mark.parametrize("name", REFUSED_BY_THE_BALANCER)
def test_what_the_balancer_refuses_is_told_as_the_code_tells_it(name: str) -> None:
    request, status = REFUSED_BY_THE_BALANCER[name]
    seen, kind, problem = answer_of(request)
    assert (seen, kind) == (status, "application/problem+json")
    assert re.fullmatch("[0-9a-f]{32}", problem["trace_id"])
    assert problem == problem_body(LB_ERRORS[status], trace_id=problem["trace_id"], status=status)


def test_an_address_and_headers_just_below_their_limits_are_read() -> None:
    request = b"GET /api/v1/me?x=" + b"a" * 7900 + b" HTTP/1.1\r\nHost: localhost:8080\r\nCookie: a="
    seen, _kind, problem = answer_of(request + b"x" * 4_094 + b"\r\nX-Long: " + b"x" * 7_700 + b"\r\n\r\n")
    assert (seen, problem["code"]) == (401, "UNAUTHENTICATED")


def test_an_upgrade_of_an_api_path_is_an_ordinary_request() -> None:
    request = b"GET /api/v1/me HTTP/1.1\r\nHost: localhost:8080\r\n" + UPGRADE + KEY
    seen, kind, problem = answer_of(request + b"Sec-WebSocket-Version: 13\r\n\r\n")
    assert (seen, kind, problem["code"]) == (401, "application/problem+json", "UNAUTHENTICATED")


def test_a_large_body_that_stops_half_way_is_the_clients_fault() -> None:
    """LB의 버퍼보다 큰 본문도 504가 아니다: 상한을 넘는 것을 알았을 때 거절한다."""
    head = b"POST /api/v1/auth/guest HTTP/1.1\r\nHost: localhost:8080\r\nContent-Length: 300000\r\n\r\n"
    seen, kind, problem = answer_of(head + b"x" * 150_000)
    assert (seen, kind, problem["code"]) == (413, "application/problem+json", "PAYLOAD_TOO_LARGE")
