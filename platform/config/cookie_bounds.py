"""쿠키의 상한: 푸는 이(Django, Channels)에게 닿기 전에 본다. 로드 밸런서도 같은 상한을 둔다.

쿠키를 푸는 일이 길이의 제곱이 되는 결함(CVE-2024-7592)이 다른 이름으로 다시 와도
요청 하나의 일이 작게 묶인다.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kernel.errors import InvalidArgument

MAX_COOKIE_BYTES: Final = 4096
_NAME: Final = b"cookie"


def refusal_of(scope: Mapping[str, Any]) -> InvalidArgument | None:
    """쿠키가 상한을 넘으면 그 거절(400). 나뉘어 온 머리글은 푸는 이가 잇는 대로(`; `) 더한다."""
    sizes = [len(value) for name, value in scope["headers"] if name.lower() == _NAME]
    if not sizes or sum(sizes) + 2 * (len(sizes) - 1) <= MAX_COOKIE_BYTES:
        return None
    return InvalidArgument("쿠키는 모두 {max_bytes}바이트까지입니다", max_bytes=MAX_COOKIE_BYTES)


def without_cookies(scope: Mapping[str, Any]) -> dict[str, Any]:
    """쿠키가 없는 같은 요청. 거절하는 답도 언어를 고르느라 쿠키를 풀기 때문이다."""
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0].lower() != _NAME]}
