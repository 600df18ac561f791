"""쪽의 CSP를 짓는 하나뿐인 곳: 모두 막고 쪽이 쓰는 것만 연다. 인라인 코드와 남의 자원은 열 길이 없다."""

from __future__ import annotations


def content_policy(*, scripts: bool, fonts: bool, forms: bool, socket_host: str = "") -> str:
    """`Content-Security-Policy` 머리의 값.

    Args:
        socket_host: 쪽이 WebSocket을 여는 host[:port]. 따로 적는 까닭: 'self'가 WebSocket까지 뜻한다는 것을
            모르는 브라우저가 아직 있다. 비면 쪽은 아무 데도 말하지 않는다.
    """
    opened = (
        ("default-src 'none'", True),
        ("script-src 'self'", scripts),
        ("style-src 'self'", True),
        ("font-src 'self'", fonts),
        ("img-src 'self' data:", True),
        (f"connect-src 'self' ws://{socket_host} wss://{socket_host}", bool(socket_host)),
        ("base-uri 'none'", True),
        ("form-action 'self'" if forms else "form-action 'none'", True),
        ("frame-ancestors 'none'", True),
    )
    return "; ".join(directive for directive, is_used in opened if is_used)
