"""session 프로세스를 조립한다: 설정을 읽고, 저장소를 열고, 알맹이(service.py)를 만든다."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from environment.assembly import open_redis
from environment.env import env
from environment.topology import own_grpc_address, own_region
from gameservices.rules.catalog import load_modes
from gameservices.runtime.db_executor import DbExecutor
from gameservices.session.identity import ServerIdentity
from gameservices.session.results.player_release import PlayerRelease
from gameservices.session.rooms.room import RoomPace
from gameservices.session.service import SessionBackends, SessionRules, SessionService
from kernel.clock import SystemClock
from redisstore.gate import RedisGate
from redisstore.live_matches import LiveMatchStore
from redisstore.results import ResultStream
from redisstore.seats import SeatStore
from redisstore.servers.registry import ServerRegistry
from telemetry import metrics


async def build(request_stop: Callable[[], None]) -> SessionService:
    """환경을 읽어 알맹이를 만든다. 이벤트 루프 안에서 부른다. 드레인이 끝나면 `request_stop`을 부른다."""
    metrics.start_from_zero()
    identity = ServerIdentity(
        server_id=env.instance,
        address=own_grpc_address(),
        capacity_matches=env.session_capacity_matches,
        version=env.version,
        pool=env.pool,
        boot_id=secrets.token_hex(8),
    )
    redis = open_redis()
    gate = RedisGate(redis)
    region = own_region()
    backends = SessionBackends(
        redis=redis,
        registry=ServerRegistry(gate, region.name),
        seats=SeatStore(gate),
        live=LiveMatchStore(gate),
        results=ResultStream(gate, region.name),
        database=DbExecutor(env.db_threads),
        release=PlayerRelease(region.matchmaking_addresses),
    )
    rules = SessionRules(
        region=region.name,
        modes=load_modes(env.mode_overrides),
        drain_grace_ms=env.drain_grace_ms,
        pace=RoomPace(
            start_countdown_ms=env.start_countdown_ms,
            abandon_after_ms=env.abandon_after_ms,
            concede_after_ms=env.concede_after_ms,
        ),
    )
    return SessionService(identity, backends, SystemClock(), rules=rules, request_stop=request_stop)
