"""지금의 session 서버들. 소켓이 잇기 전에도 볼 수 있도록 페이지가 한 번 읽는다."""

from __future__ import annotations

from django.conf import settings

from ops.live.reading import ServerSeen, servers_seen
from players.wiring import redis_client
from redisstore.registry import fleet_sync


def read_servers() -> tuple[ServerSeen, ...]:
    """등록부의 서버들을 이름순으로.

    Raises:
        Unavailable: Redis가 답하지 않는다.
    """
    return servers_seen(fleet_sync(redis_client(), settings.REGION))
