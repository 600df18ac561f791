"""갱신 토큰의 규칙: 수명, 답을 잃은 이의 유예, 그리고 낸 토큰을 어떻게 볼지. 순수하다.

토큰은 256비트 난수의 글이고 sha256만 남는다: 표가 새어도 토큰이 되지 않는다. 난수라 소금이 없어도 된다.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

TOKEN_BYTES: Final = 32
PREFIX: Final = "rt1."  # 로그에서 모양으로 찾아 가린다(telemetry/masking.py)
TOKEN_MAX_CHARS: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRules:
    """`ttl_s`는 갱신 토큰의 수명, `grace_s`는 바꾼 뒤에도 옛 토큰이 통하는 시간이다(초)."""

    ttl_s: int
    grace_s: float


class RefreshVerdict(StrEnum):
    """낸 갱신 토큰의 판정. 지표의 라벨이기도 하다."""

    ROTATED = "rotated"
    REPEATED = "repeated"  # 유예 안의 옛 토큰: 답을 잃었거나 두 탭이 함께 왔다
    REUSED = "reused"  # 유예가 지난 옛 토큰: 훔친 것일 수 있어 집안을 끝낸다
    EXPIRED = "expired"
    ENDED = "ended"
    UNKNOWN = "unknown"


GOOD: Final = frozenset({RefreshVerdict.ROTATED, RefreshVerdict.REPEATED})


def new_refresh_token() -> str:
    """새 토큰의 글."""
    return PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> str:
    """표에 남는 값."""
    return hashlib.sha256(token.encode()).hexdigest()


def judge(
    rules: RefreshRules,
    now: datetime,
    *,
    ended_at: datetime | None,
    expires_at: datetime,
    rotated_at: datetime | None,
) -> RefreshVerdict:
    """아는 토큰의 판정. 끝난 집안의 것은 다시 쓰였어도 그저 끝난 것이다."""
    if ended_at is not None:
        return RefreshVerdict.ENDED
    if expires_at <= now:
        return RefreshVerdict.EXPIRED
    if rotated_at is None:
        return RefreshVerdict.ROTATED
    if now - rotated_at <= timedelta(seconds=rules.grace_s):
        return RefreshVerdict.REPEATED
    return RefreshVerdict.REUSED
