"""아무 메시지도 없는 채널을 오래 들어도 끊기지 않는다. redis-py 8의 기본 제한(5초)은 기다리는 읽기를 끊는다.

`HANPAN_IDLE_S`(기본 6)초 동안 가만히 듣는다. 보고서의 값은 600이다.
"""

from __future__ import annotations

import asyncio
import os

import pytest
from channels_redis.core import RedisChannelLayer
from django.conf import settings as django_settings

from redisstore.client import RedisSettings

IDLE_S = float(os.environ.get("HANPAN_IDLE_S", "6"))


@pytest.mark.timeout(IDLE_S + 60)
async def test_a_listener_that_hears_nothing_stays_and_hears_the_next(redis_settings: RedisSettings) -> None:
    config = django_settings.CHANNEL_LAYERS["default"]["CONFIG"]
    host = {**config["hosts"][0], "host": redis_settings.host, "port": redis_settings.port}
    layer = RedisChannelLayer(**{**config, "hosts": [host]})
    listening = asyncio.create_task(layer.receive("idle-listener"))
    try:
        done, _ = await asyncio.wait({listening}, timeout=IDLE_S)
        assert not done, listening.exception()
        await layer.send("idle-listener", {"type": "news", "number": 1})
        async with asyncio.timeout(5):
            assert await listening == {"type": "news", "number": 1}
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await layer.close_pools()
