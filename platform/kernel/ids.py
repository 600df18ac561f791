"""식별자를 만든다. 시각과 난수는 인자로 받을 수 있어 시험에서 고정된다."""

from __future__ import annotations

import os
import re
import secrets
import time
import uuid
from typing import Final

_ID: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def new_id(now_ms: int | None = None, random_bytes: bytes | None = None) -> str:
    """UUIDv7 문자열. 앞 48비트가 밀리초라 기본 키로 넣을 때 색인이 고르게 자란다(RFC 9562 5.7)."""
    ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    tail = int.from_bytes(os.urandom(10) if random_bytes is None else random_bytes, "big")
    rand_a = (tail >> 64) & 0xFFF
    rand_b = tail & ((1 << 62) - 1)
    return str(uuid.UUID(int=(ms & ((1 << 48) - 1)) << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b))


def is_id(text: object) -> bool:
    """우리 표기의 UUID(소문자, 하이픈)인가. 밖에서 온 값을 키나 질의에 넣기 전에 본다."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def new_conn_id() -> int:
    """소켓 하나의 64비트 번호. 여러 gateway에서 겹치지 않을 만큼 무작위이고 0은 쓰지 않는다."""
    return secrets.randbits(63) + 1


def new_secret() -> str:
    """256비트 비밀의 URL 안전 문자열."""
    return secrets.token_urlsafe(32)
