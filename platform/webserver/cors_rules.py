"""CORS의 정해진 값: 여는 길, 메서드, 머리글. settings가 읽으므로 Django를 들여오지 않는다."""

from __future__ import annotations

from typing import Final

URLS: Final = r"^/api/v1/"
METHODS: Final = ("GET", "HEAD", "POST")
# 부르는 쪽이 보낼 수 있는 머리글(W3C traceparent까지)과, 읽을 수 있는 답의 머리글.
HEADERS: Final = ("accept", "accept-language", "authorization", "content-type", "traceparent")
EXPOSED: Final = ("content-language", "retry-after", "www-authenticate")
MAX_AGE_S: Final = 600


def origins_of(configured: tuple[str, ...]) -> list[str]:
    """설정의 origin들을 브라우저가 보내는 모양으로(gateway도 이렇게 견준다)."""
    return [origin.rstrip("/").lower() for origin in configured]
