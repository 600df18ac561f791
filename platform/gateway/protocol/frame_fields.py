"""두 방향의 글 프레임이 함께 쓰는 것: 수와 글의 범위, 요청 번호, 종류의 이름. 순수하다."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

MAX_SAFE_INT = 2**53 - 1  # JSON의 수를 실수로 읽는 클라이언트도 그대로 돌려받는 범위

SafeInt = Annotated[int, Meta(ge=-MAX_SAFE_INT, le=MAX_SAFE_INT)]
ShortText = Annotated[str, Meta(max_length=64)]
RequestId = ShortText | SafeInt | None


def kind_of(message: Struct | type[Struct]) -> str:
    """메시지의 종류(`t` 칸의 값)."""
    return str(message.__struct_config__.tag)
