"""적힌 뜻을 읽는다. session 서버가 Redis의 그림자를 맞출 때 쓴다."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.models import DrainIntent


@dataclass(frozen=True, slots=True)
class StoredIntent:
    """서버 하나의 적힌 뜻."""

    intended: bool
    grace_ms: int | None


def read_intent(region: str, server_id: str) -> StoredIntent | None:
    """이 서버의 적힌 뜻. 운영자가 손댄 적이 없으면 None."""
    row = DrainIntent.objects.filter(region=region, server_id=server_id).first()
    return None if row is None else StoredIntent(row.intended, row.grace_ms)
