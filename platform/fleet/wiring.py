"""플릿에 시키는 일을 Django 설정으로 조립하는 곳. 화면, API, 명령이 같은 것을 쓴다."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from fleet.orders import DrainOrders
from fleet.rolls import Rolls
from redisstore.platform_client import redis_gate


@cache
def drain_orders() -> DrainOrders:
    """이 리전의 드레인."""
    return DrainOrders(redis_gate(), settings.REGION, max_grace_ms=settings.DRAIN_GRACE_MS)


@cache
def rolls() -> Rolls:
    """이 리전의 갈아 끼우기."""
    return Rolls(drain_orders())
