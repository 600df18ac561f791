"""matchmaking 프로세스를 조립한다: 설정을 읽고, 저장소를 열고, 고리와 통지와 배경 일을 잇는다."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from concurrency.periodic import Periodic
from environment.assembly import open_redis
from environment.env import env
from environment.topology import own_region
from fleet.preview import free_places
from gameservices.matchmaking.director.allocator import Allocator
from gameservices.matchmaking.director.claimed_matches import ClaimedMatches
from gameservices.matchmaking.director.housekeeping import Housekeeping
from gameservices.matchmaking.director.match_loop import LoopIdentity, MatchLoop
from gameservices.matchmaking.director.missed_events import MissedEvents
from gameservices.matchmaking.director.placement import MatchPlacement
from gameservices.matchmaking.director.recovery import Recovery
from gameservices.matchmaking.director.session_calls import SessionCalls
from gameservices.matchmaking.director.upkeep import Upkeep
from gameservices.matchmaking.explain.queue_explainer import QueueExplainer
from gameservices.matchmaking.queue.enqueue import TicketIntake
from gameservices.matchmaking.queue.queue_mirror import QueueMirror
from gameservices.matchmaking.queue.rating_cache import RatingCache
from gameservices.matchmaking.queue.ticket_owners import TicketOwners
from gameservices.matchmaking.queue.watch_hub import WatchHub
from gameservices.matchmaking.servicer import MatchmakingServicer, ServicerIdentity
from gameservices.rules.base import ModeSpec
from gameservices.rules.catalog import Mode, load_modes
from gameservices.runtime.db_executor import DbExecutor
from hanpan.v1 import matchmaking_pb2_grpc
from kernel.clock import SystemClock
from matches.queries import read_ratings
from matches.ratings.rating import NEWCOMER
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.live_matches import LiveMatchStore
from redisstore.servers.registry import ServerRegistry, ServerState
from redisstore.tickets.claims import TicketStore
from resilience.stance import Stance
from rpc.channels import Server
from telemetry import metrics
from telemetry.logs import get_logger
from telemetry.probes import Readiness

log = get_logger(__name__)

RENEW_EVERY_S = 2.0  # gateway 임대(6초)의 셋째 하나
FLEET_EVERY_S = 1.0
RATING_THREADS = 2  # 함께 도는 읽기는 하나, 늦은 읽기가 하나까지다


async def build(_request_stop: Callable[[], None]) -> MatchmakingService:
    """환경을 읽어 알맹이를 만든다. 이벤트 루프 안에서 부른다. 스스로 끝나는 일은 없다."""
    redis = open_redis()
    gate = RedisGate(redis)
    region = own_region().name
    return MatchmakingService(
        ServicerIdentity(env.instance, region),
        MatchmakingBackends(
            redis=redis,
            tickets=TicketStore(gate, region, ticket_timeout_ms=env.ticket_timeout_ms),
            registry=ServerRegistry(gate, region),
            live=LiveMatchStore(gate),
            sessions=SessionCalls(),
            database=DbExecutor(RATING_THREADS),
        ),
        modes=load_modes(env.mode_overrides),
        ticket_timeout_ms=env.ticket_timeout_ms,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchmakingBackends:
    """프로세스 밖과 닿는 것들."""

    redis: AsyncRedis
    tickets: TicketStore
    registry: ServerRegistry
    live: LiveMatchStore
    sessions: SessionCalls
    database: DbExecutor


class StoredRatings:
    """MariaDB의 레이팅(ports.Ratings)."""

    def __init__(self, database: DbExecutor) -> None:
        self._database = database

    async def read(self, mode: str, player_ids: Sequence[str]) -> Mapping[str, float]:
        """선수마다의 mu. 데이터베이스가 멈추면 Unavailable이다."""
        ratings = await self._database.run(read_ratings, player_ids, mode)
        return {player_id: rating.mu for player_id, rating in ratings.items()}


class MatchmakingService:
    """워커의 알맹이(gameservices.runtime.worker.Service)."""

    def __init__(
        self,
        identity: ServicerIdentity,
        backends: MatchmakingBackends,
        *,
        modes: Mapping[str, Mode],
        ticket_timeout_ms: int,
    ) -> None:
        self._identity = identity
        self._backends = backends
        self._draining = False
        self._free_places = 0
        self._modes = modes
        self._specs = {name: mode.spec for name, mode in modes.items()}
        metrics.start_modes_from_zero(modes)
        _warn_of_closed_windows(self._specs, ticket_timeout_ms)
        self._clock = SystemClock()
        self._woken = asyncio.Event()
        self._hub = WatchHub()
        allocator = Allocator(backends.registry)
        self._claimed = ClaimedMatches(
            tickets=backends.tickets,
            allocator=allocator,
            sessions=backends.sessions,
            live=backends.live,
            region=identity.region,
            modes=self._specs,
        )
        self._mirror = QueueMirror(backends.tickets, list(self._modes))
        self._placement = MatchPlacement(
            tickets=backends.tickets,
            allocator=allocator,
            sessions=backends.sessions,
            hub=self._hub,
            clock=self._clock,
            wake_matcher=self._woken.set,
        )
        self._loop = self._build_loop(ticket_timeout_ms)
        self._renewals = Periodic("gateway-leases", self._renew_gateways, period_s=RENEW_EVERY_S)
        self._fleet_looks = Periodic("fleet-look", self._look_at_fleet, period_s=FLEET_EVERY_S)

    def _build_loop(self, ticket_timeout_ms: int) -> MatchLoop:
        backends = self._backends
        upkeep = Upkeep(
            housekeeping=Housekeeping(
                tickets=backends.tickets, mirror=self._mirror, hub=self._hub,
                ticket_timeout_ms=ticket_timeout_ms,
            ),
            recovery=Recovery(self._claimed, self._placement),
        )  # fmt: skip
        return MatchLoop(
            LoopIdentity(self._identity.instance, self._identity.region, self._specs),
            tickets=backends.tickets,
            mirror=self._mirror,
            placement=self._placement,
            upkeep=upkeep,
            clock=self._clock,
            woken=self._woken,
        )

    # ---- worker.Service

    def register(self, server: Server) -> None:
        """MatchmakingService를 단다."""
        backends = self._backends
        intake = TicketIntake(
            tickets=backends.tickets,
            ratings=RatingCache(
                StoredRatings(backends.database),
                newcomer_mu=NEWCOMER.mu,
                clock=self._clock,
                stance=Stance.fail_open(metrics.rating_read_fallback.inc),
            ),
            live=backends.live,
            mirror=self._mirror,
            owners=TicketOwners(tickets=backends.tickets, mirror=self._mirror, hub=self._hub),
            clock=self._clock,
            wake_matcher=self._woken.set,
        )
        servicer = MatchmakingServicer(
            self._identity, self._modes,
            intake=intake, tickets=backends.tickets, hub=self._hub, missed_events=MissedEvents(self._claimed),
            explainer=self._make_explainer(),
        )  # fmt: skip
        add_servicer: Any = matchmaking_pb2_grpc.add_MatchmakingServiceServicer_to_server
        add_servicer(servicer, server)

    def _make_explainer(self) -> QueueExplainer:
        return QueueExplainer(
            mirror=self._mirror, modes=self._specs, free_places=lambda: self._free_places, clock=self._clock
        )

    async def start(self) -> None:
        """매칭의 고리와 배경 일을 시작한다."""
        self._loop.start()
        self._renewals.start()
        self._fleet_looks.start()

    def readiness(self) -> Readiness:
        """Redis가 멈춰도 준비됨이다: 곧바로 UNAVAILABLE로 답하는 것이 할 일이기 때문이다."""
        if self._draining:
            return Readiness.DRAINING
        return Readiness.READY if self._loop.has_looked else Readiness.NOT_READY

    async def drain(self) -> None:
        """새 판을 짜지 않고, 만들던 판을 끝낸 뒤 통지 스트림을 닫는다."""
        self._draining = True
        await self._loop.stop()
        await self._placement.drain()
        self._hub.close()

    async def stop(self) -> None:
        """배경 일과 연결을 닫는다."""
        await self._renewals.stop()
        await self._fleet_looks.stop()
        await self._backends.sessions.close()
        await asyncio.to_thread(self._backends.database.close)
        await self._backends.redis.aclose()

    # ---- 배경 일

    async def _renew_gateways(self) -> None:
        gateways = self._hub.gateways()
        if gateways:
            await self._backends.tickets.renew_gateways(gateways)

    async def _look_at_fleet(self) -> None:
        rows = await self._backends.registry.servers()
        self._free_places = free_places(rows)
        for state in ServerState:
            metrics.fleet_servers.labels(state.value).set(sum(row.state is state for row in rows))
        await self._backends.sessions.keep_only({row.address for row in rows})


def _warn_of_closed_windows(specs: Mapping[str, ModeSpec], ticket_timeout_ms: int) -> None:
    """창이 대기표의 수명 안에 다 열리지 않는 모드를 말한다. 일부러 그럴 수 있어 막지는 않는다."""
    for name, spec in specs.items():
        if spec.rating_window.open_after_ms >= ticket_timeout_ms:
            log.warning("matchmaking.window_stays_closed", mode=name, ticket_timeout_ms=ticket_timeout_ms)
