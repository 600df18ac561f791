"""platform의 공유 Redis 클라이언트. Django의 설정으로 프로세스에 하나 만든다."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from redisstore.client import SyncRedis, make_sync_client


@cache
def redis_client() -> SyncRedis:
    """platform의 공유 Redis 클라이언트."""
    return make_sync_client(settings.REDIS)
