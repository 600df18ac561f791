"""platform이 Redis에 닿는 문. Django의 설정으로 프로세스에 하나 만든다."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from redisstore.client import make_sync_client
from redisstore.gate import SyncRedisGate


@cache
def redis_gate() -> SyncRedisGate:
    """platform의 모든 스레드가 나눠 쓰는 문."""
    return SyncRedisGate(make_sync_client(settings.REDIS))
