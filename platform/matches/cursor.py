"""쪽 표시(cursor). 밖에서는 뜻을 모르는 글이고, 우리가 만든 것만 받는다. 순수하다.

순위표의 것은 마지막 줄의 자리(레이팅, 선수)와 등수를 담고 모드에 묶어 서명한다. 고치거나
다른 모드에 쓰면 거절된다.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import math
import struct
import uuid
from dataclasses import dataclass
from typing import Final

from kernel.errors import InvalidArgument

_BODY: Final = struct.Struct(">d16sI")
_SIGNATURE_BYTES: Final = 12
CURSOR_CHARS: Final = 56


@dataclass(frozen=True, slots=True)
class Cursor:
    """앞쪽의 마지막 줄. 다음 쪽은 이 줄 바로 뒤, `rank + 1`등부터다."""

    mu: float
    player_id: str
    rank: int


def encode_cursor(secret: bytes, mode: str, cursor: Cursor) -> str:
    """쪽 표시를 URL에 넣을 글로 만든다."""
    body = _BODY.pack(cursor.mu, uuid.UUID(cursor.player_id).bytes, cursor.rank)
    return seal(secret, _purpose(mode), body)


def decode_cursor(secret: bytes, mode: str, text: str) -> Cursor:
    """글을 쪽 표시로 되돌린다.

    Raises:
        InvalidArgument: 우리가 이 모드에 준 글이 아니다.
    """
    mu, player_bytes, rank = _BODY.unpack(unseal(secret, _purpose(mode), text, _BODY.size))
    if not math.isfinite(mu):
        raise InvalidArgument("cursor가 올바르지 않습니다")
    return Cursor(mu, str(uuid.UUID(bytes=player_bytes)), rank)


def seal(secret: bytes, purpose: bytes, body: bytes) -> str:
    """쓰임(`purpose`)에 묶어 서명한 글."""
    return base64.urlsafe_b64encode(body + _signature(secret, purpose, body)).decode().rstrip("=")


def unseal(secret: bytes, purpose: bytes, text: str, size: int) -> bytes:
    """`seal`이 만든 글의 몸(`size`바이트).

    Raises:
        InvalidArgument: 우리가 이 쓰임에 준 글이 아니다.
    """
    refused = InvalidArgument("cursor가 올바르지 않습니다")
    if len(text) > CURSOR_CHARS:
        raise refused
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise refused from error
    body, signature = raw[:size], raw[size:]
    if len(body) != size or not hmac.compare_digest(signature, _signature(secret, purpose, body)):
        raise refused
    return body


def _purpose(mode: str) -> bytes:
    return b"leaderboard:" + mode.encode()


def _signature(secret: bytes, purpose: bytes, body: bytes) -> bytes:
    return hmac.new(secret, purpose + b":" + body, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
