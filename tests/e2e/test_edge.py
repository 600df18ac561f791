"""밖에서 본 가장자리: 안의 길은 없고, 큰 것은 막히고, 모든 답에 보안 머리글이 있다."""

from __future__ import annotations

import json

import pytest

from tests.fakes.load_balancer import BROWSER, SECURITY_HEADERS, WEBSOCKET, RawAnswer, send_to

HOST = "localhost"
pytestmark = pytest.mark.smoke


def ask(path: str, *headers: str, method: str = "GET", body: str = "") -> RawAnswer:
    """한 요청. 답의 길이를 모르는 것(101)도 있어 소켓을 닫게 한다."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost:8080\r\n{''.join(headers)}\r\n"
    return send_to(HOST, head + body)


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/readyz", "/%6detrics", "//metrics", "/metrics/", "/metrics%00", "/metrics%20",
     "/metrics;x", "/./metrics", "/x/../metrics", "/metrics%3fx", "/%256detrics", "/readyz%2f", "/METRICS"],
)  # fmt: skip
def test_no_spelling_of_an_inner_path_opens_it(path: str) -> None:
    answer = ask(path)
    assert answer.status == 404
    assert "finalize_total" not in answer.body
    assert "instance" not in answer.body


def test_the_health_says_no_name_and_no_version() -> None:
    answer = ask("/healthz")
    assert (answer.status, answer.body) == (200, '{"status":"ok"}')


def test_the_public_schema_says_nothing_of_the_ops_api() -> None:
    answer = ask("/api/schema/")
    assert answer.status == 200
    assert "/api/v1/me" in json.loads(answer.body)["paths"]
    assert "/ops/" not in answer.body
    assert ask("/ops/api/schema/").status == 401


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/healthz", "", 200),
        ("/api/v1/me", "", 401),
        ("/api/v1/nowhere", "", 404),
        ("/", BROWSER, 200),
        ("/play/", BROWSER, 200),
        ("/admin/login/", BROWSER, 200),
        ("/static/unfold/css/styles.css", "", 200),
        ("/metrics", BROWSER, 404),
        ("/ws", "", 426),
        ("/ws", f"{WEBSOCKET}Origin: http://evil.example\r\n", 403),
        ("/x", f"Cookie: {'a' * 4097}\r\n", 400),
    ],
)
def test_every_answer_carries_the_security_headers(path: str, headers: str, status: int) -> None:
    answer = ask(path, headers)
    assert answer.status == status
    assert [name for name in SECURITY_HEADERS if not answer.headers.get(name)] == []


def test_the_policy_a_page_chose_is_the_one_that_arrives() -> None:
    assert "script-src 'self'" in ask("/play/", BROWSER).headers["content-security-policy"]


def test_a_body_in_chunks_beyond_the_limit_does_not_reach_the_platform() -> None:
    chunk = f"{70_000:x}\r\n{'x' * 70_000}\r\n"
    answer = ask("/api/v1/auth/guest", "Transfer-Encoding: chunked\r\n", method="POST", body=chunk)
    assert (answer.status, answer.problem()["code"]) == (413, "PAYLOAD_TOO_LARGE")
