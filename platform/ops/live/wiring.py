"""살아 있는 숫자의 부품을 Django 설정으로 조립하는 곳. 프로세스에 하나 만든다."""

from __future__ import annotations

import secrets

from channels.layers import get_channel_layer
from django.conf import settings

from kernel.clock import SystemClock
from ops.live.entrance import LiveEntrance
from ops.live.hub import LiveHub
from ops.live.poller import Poller
from ops.live.targets import parse_targets
from redisstore.client import make_async_client
from redisstore.gate import RedisGate


def make_live_entrance() -> LiveEntrance:
    """/ops/live의 ASGI 앱.

    Raises:
        TargetError: HANPAN_METRICS_TARGETS의 꼴이 틀렸다.
    """
    clock = SystemClock()
    # 같은 이름으로 여럿이 떠도 서로를 가린다.
    source = f"{settings.INSTANCE}-{secrets.token_hex(4)}"
    poller = Poller(
        source=source,
        gate=RedisGate(make_async_client(settings.REDIS)),
        region=settings.REGION,
        targets=parse_targets(settings.METRICS_TARGETS),
        clock=clock,
    )
    return LiveEntrance(LiveHub(source=source, take=poller.take, layer=get_channel_layer(), clock=clock))
