"""진짜 HAProxy의 머리글: 모든 답에 보안 머리글이 있고, 쪽이 스스로 말한 것은 그대로다."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.load_balancer import BROWSER, SECURITY_HEADERS, WEBSOCKET, RawAnswer, balanced, send_to

FIRST = 82
STRICT = {
    "referrer-policy": "no-referrer",
    "permissions-policy": "fullscreen=()",
    "cross-origin-resource-policy": "same-site",
    "cross-origin-opener-policy": "same-origin-allow-popups",
    "content-security-policy": "default-src 'none'; script-src 'nonce-1'",
}


def whole(kind: str, *headers: str, status: str = "200 OK") -> bytes:
    lines = "".join(f"{each}\r\n" for each in headers)
    fixed = f"Content-Type: {kind}\r\nContent-Length: 2\r\nConnection: close\r\n"
    return f"HTTP/1.1 {status}\r\n{fixed}{lines}\r\n{{}}".encode()


ANSWERS = {
    b"/json": whole("application/json"),
    b"/problem": whole("application/problem+json", status="404 Not Found"),
    b"/page": whole("text/html; charset=utf-8"),
    b"/strict": whole("text/html", *(f"{name}: {value}" for name, value in STRICT.items())),
    b"/ws": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with balanced(FIRST, tmp_path_factory.mktemp("lb") / "lb.log", ANSWERS) as address:
        yield address


def get(host: str, path: str, *headers: str) -> RawAnswer:
    return send_to(host, f"GET {path} HTTP/1.1\r\nHost: x\r\n{''.join(headers)}\r\n")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/json", "", 200),
        ("/problem", "", 404),
        ("/page", BROWSER, 200),
        ("/strict", BROWSER, 200),
        ("/metrics", "", 404),
        ("/metrics", BROWSER, 404),
        ("/cut", "", 502),
        ("/cut", BROWSER, 502),
        ("/ws", "", 426),
        ("/ws", WEBSOCKET, 101),
        ("/x?" + "a" * 9_000, "", 414),
        ("/x", f"Cookie: {'a' * 5_000}\r\n", 400),
        ("/x", f"X-Long: {'a' * 13_000}\r\n", 431),
    ],
)
def test_every_answer_carries_the_security_headers(host: str, path: str, headers: str, status: int) -> None:
    answer = get(host, path, headers)
    assert answer.status == status
    assert [name for name in SECURITY_HEADERS if not answer.headers.get(name)] == []
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_a_page_said_itself_is_kept(host: str) -> None:
    headers = get(host, "/strict", BROWSER).headers
    assert {name: headers[name] for name in STRICT} == STRICT


def test_a_page_that_said_no_policy_gets_none_and_data_may_load_nothing(host: str) -> None:
    assert "content-security-policy" not in get(host, "/page", BROWSER).headers
    for path in ("/json", "/problem"):
        policy = get(host, path).headers["content-security-policy"]
        assert policy == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize("accept", ["", BROWSER], ids=["program", "browser"])
def test_an_answer_of_the_balancer_may_only_use_its_own_style(host: str, accept: str) -> None:
    for path in ("/cut", "/metrics"):
        policy = get(host, path, accept).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert policy.endswith("frame-ancestors 'none'")
