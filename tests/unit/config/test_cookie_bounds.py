"""쿠키의 상한: 푸는 이는 어떤 요청에서도 4,096바이트보다 많이 보지 않는다."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from config.cookie_bounds import MAX_COOKIE_BYTES, refusal_of, without_cookies

Headers = list[tuple[bytes, bytes]]
names = st.sampled_from([b"cookie", b"Cookie", b"COOKIE", b"accept", b"host"])
values = st.integers(0, 5000).map(lambda size: b'"' + b'\\"' * (size // 2))


def scope(headers: Headers) -> dict[str, Any]:
    return {"type": "http", "path": "/", "headers": headers}


def as_parsed(headers: Headers) -> bytes:
    """Django가 푸는 글: 나뉘어 온 머리글을 잇는다."""
    return b"; ".join(value for name, value in headers if name.lower() == b"cookie")


@given(st.lists(st.tuples(names, values), max_size=6))
def test_nothing_longer_than_the_bound_is_ever_parsed_however_it_was_split(headers: Headers) -> None:
    refused = refusal_of(scope(headers)) is not None
    assert refused == (len(as_parsed(headers)) > MAX_COOKIE_BYTES)
    assert as_parsed(without_cookies(scope(headers))["headers"]) == b""


def test_the_bound_itself_still_passes_and_one_byte_more_does_not() -> None:
    assert refusal_of(scope([(b"cookie", b"a" * MAX_COOKIE_BYTES)])) is None
    refusal = refusal_of(scope([(b"cookie", b"a" * (MAX_COOKIE_BYTES + 1))]))
    assert refusal is not None
    assert refusal.code == "INVALID_ARGUMENT"


def test_the_other_headers_of_a_refused_request_are_kept() -> None:
    headers = [(b"accept", b"text/html"), (b"Cookie", b"a=1"), (b"host", b"localhost")]
    assert without_cookies(scope(headers))["headers"] == [headers[0], headers[2]]
