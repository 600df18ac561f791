"""식별자를 만들고 읽는다. 시각과 난수는 인자로 받을 수 있어 시험에서 고정된다.

밖에서 온 번호는 어디서나 `read_id`로 읽는다: 하이픈이 있는 36자의 글뿐이고, 대소문자만 다른 글은 같은 번호다.
수, 하이픈 없는 글, `urn:uuid:`, 중괄호는 번호가 아니다. 안에서 돌고 밖으로 나가는 표기는 소문자 하나다.
"""

from __future__ import annotations

import os
import re
import secrets
import time
import uuid
from typing import Final

from kernel.errors import InvalidArgument

_ID: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ID_OF_ANY_CASE: Final = re.compile(_ID.pattern.replace("a-f", "a-fA-F"))


def new_id(now_ms: int | None = None, random_bytes: bytes | None = None) -> str:
    """UUIDv7 문자열. 앞 48비트가 밀리초라 기본 키로 넣을 때 색인이 고르게 자란다(RFC 9562 5.7)."""
    ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    tail = int.from_bytes(os.urandom(10) if random_bytes is None else random_bytes, "big")
    rand_a = (tail >> 64) & 0xFFF
    rand_b = tail & ((1 << 62) - 1)
    return str(uuid.UUID(int=(ms & ((1 << 48) - 1)) << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b))


def is_id(text: object) -> bool:
    """우리 표기의 UUID(소문자, 하이픈)인가. 이미 읽은 번호가 키나 질의에 들어가기 전에 본다."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def read_id(value: object) -> str | None:
    """밖에서 온 값을 우리 표기의 번호로. 번호가 아니면 None."""
    if isinstance(value, str) and _ID_OF_ANY_CASE.fullmatch(value):
        return value.lower()
    return None


def read_match_id(value: object) -> str:
    """부른 쪽이 말한 판의 번호를 우리 표기로.

    Raises:
        InvalidArgument: UUID가 아니다.
    """
    found = read_id(value)
    if found is None:
        raise InvalidArgument("match_id는 하이픈이 있는 UUID여야 합니다")
    return found


def new_conn_id() -> int:
    """소켓 하나의 64비트 번호. 여러 gateway에서 겹치지 않을 만큼 무작위이고 0은 쓰지 않는다."""
    return secrets.randbits(63) + 1


def new_secret() -> str:
    """256비트 비밀의 URL 안전 문자열."""
    return secrets.token_urlsafe(32)
