"""session 프로세스의 알맹이: 방과 일지와 배경 일을 잇고, 시작하고 드레인하고 멈춘다."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from concurrency.periodic import Periodic
from database.transactions import run_transaction
from fleet.intents import StoredIntent, read_intent
from gameservices.rules.base import TICK_RATE_HZ
from gameservices.rules.catalog import Mode
from gameservices.runtime.db_executor import DbExecutor
from gameservices.session.fleet.drain import Drain
from gameservices.session.fleet.heartbeat import FleetHeartbeat
from gameservices.session.fleet.intent_sync import PERIOD_S as INTENT_PERIOD_S
from gameservices.session.fleet.intent_sync import IntentSync
from gameservices.session.identity import ServerIdentity
from gameservices.session.ownership.lost_matches import PERIOD_S as LOST_PERIOD_S
from gameservices.session.ownership.lost_matches import LostMatches, LostMatchPorts
from gameservices.session.ownership.match_opener import MatchOpener
from gameservices.session.ownership.owned_matches import OwnedMatches
from gameservices.session.ownership.record_keeper import PERIOD_S as RECORD_PERIOD_S
from gameservices.session.ownership.record_keeper import RecordKeeper, RecordStores
from gameservices.session.results.match_closing import MatchCloser
from gameservices.session.results.player_release import RETRY_PERIOD_S, PlayerRelease
from gameservices.session.results.result_journal import SWEEP_PERIOD_S, ResultJournal
from gameservices.session.rooms.leavers import REMIND_PERIOD_S, Leavers
from gameservices.session.rooms.match_spans import trace_match
from gameservices.session.rooms.outcomes import outcome_of
from gameservices.session.rooms.room import AnyRoom, RoomPace
from gameservices.session.rooms.room_host import RoomHost
from gameservices.session.rooms.tick_loop import TickLoop
from gameservices.session.servicer import KnownPlayer, SessionServicer
from hanpan.v1 import session_pb2_grpc
from kernel.clock import Clock
from kernel.errors import Unavailable
from matches.outcome import MatchOutcome, Settlement, StoredMatch
from matches.queries import stored_match
from matches.results.finalize import finalize_match
from players.models import Player
from redisstore import keys
from redisstore.client import AsyncRedis
from redisstore.live_matches import LiveMatchStore
from redisstore.results import ResultStream
from redisstore.seats import SeatStore
from redisstore.servers.registry import ServerRegistry
from rpc.channels import Server
from telemetry.logs import get_logger
from telemetry.probes import Readiness
from telemetry.tracing import trace_id_of

log = get_logger(__name__)

SETTLE_WAIT_S = 10.0  # 멈출 때 결과가 쓰이기를 기다리는 시간. 남은 것은 다른 서버가 쓴다
LINK_FLUSH_S = 1.0
DRAIN_CHECK_S = 0.05
LAST_BEAT_LIMIT_S = 1.0  # 나갈 때 도는 하트비트가 끝나기를 기다리는 시간. 하트비트의 예산(250 ms)보다 길다
WATCH_PERIOD_S = 0.1  # 드레인 유예와 판의 수를 등록부의 하트비트(1초)를 기다리지 않고 이만큼마다 본다


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionBackends:
    """프로세스 밖과 닿는 것들."""

    redis: AsyncRedis
    registry: ServerRegistry
    seats: SeatStore
    live: LiveMatchStore
    results: ResultStream
    database: DbExecutor
    release: PlayerRelease


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRules:
    """이 서버가 따르는 것: 리전, 여는 모드들, 방의 걸음, 드레인하는 동안 도는 판을 기다리는 상한."""

    region: str
    modes: Mapping[str, Mode]
    pace: RoomPace
    drain_grace_ms: int


class SessionService:
    """워커의 알맹이(gameservices.runtime.worker.Service)이자 방의 일을 듣는 쪽(RoomEvents)."""

    def __init__(
        self,
        identity: ServerIdentity,
        backends: SessionBackends,
        clock: Clock,
        *,
        rules: SessionRules,
        request_stop: Callable[[], None],
    ) -> None:
        self._identity = identity
        self._backends = backends
        self._drain = Drain(grace_ms=rules.drain_grace_ms)
        self._clock = clock
        self._rules = rules
        self._host = RoomHost(identity=identity, pace=rules.pace, clock=clock, events=self)
        self._leavers = Leavers(backends.release, self._host.live_rooms)
        self._records = RecordKeeper(
            host=self._host,
            stores=RecordStores(backends.seats, backends.live, backends.registry),
            clock=clock,
            identity=identity,
        )
        closer = MatchCloser(
            host=self._host, releaser=backends.release, live=backends.live, holdings=backends.registry
        )
        self._journal = ResultJournal(
            stream=backends.results,
            finalize=self._write_outcome,
            read_stored=self._read_settlement,
            closer=closer,
            clock=clock,
            server_id=identity.server_id,
        )
        self._opener = self._make_opener()
        self._heartbeat = self._make_heartbeat(request_stop)
        self._owned = OwnedMatches(
            host=self._host,
            heartbeat=self._heartbeat,
            records=self._records,
            read_stored=self._read_settlement,
        )
        self._lost = self._find_lost(closer)
        self._ticks = TickLoop(self._host.tick, rate_hz=TICK_RATE_HZ, clock=clock)
        self._beats = Periodic("heartbeat", self._heartbeat.beat, period_s=keys.SERVER_HEARTBEAT_MS / 1000)
        self._record_beats = Periodic("upkeep", self._owned.keep, period_s=RECORD_PERIOD_S)
        self._periodics = (self._beats, self._record_beats, *self._other_periodics())

    def _make_opener(self) -> MatchOpener:
        return MatchOpener(
            host=self._host,
            modes=self._rules.modes,
            leases=self._backends.registry,
            seats=self._backends.seats,
            drain=self._drain,
            clock=self._clock,
            identity=self._identity,
        )

    def _make_heartbeat(self, request_stop: Callable[[], None]) -> FleetHeartbeat:
        return FleetHeartbeat(
            registry=self._backends.registry,
            host=self._host,
            opening=self._opener.opening,
            drain=self._drain,
            clock=self._clock,
            identity=self._identity,
            on_drained=request_stop,
        )

    def _find_lost(self, closer: MatchCloser) -> LostMatches:
        """사라진 서버의 판을 마무리하는 이."""
        backends = self._backends
        return LostMatches(
            LostMatchPorts(
                fleet=backends.registry,
                live=backends.live,
                pending=backends.results,
                journal=self._journal,
                closer=closer,
            ),
            steady_s=lambda: self._heartbeat.steady_s,
            is_hosted=lambda match_id: self._host.find(match_id) is not None,
            clock=self._clock,
            identity=self._identity,
        )

    def _other_periodics(self) -> tuple[Periodic, ...]:
        """아무도 깨우지 않는 배경 일들."""
        backends = self._backends
        intents = IntentSync(
            server_id=self._identity.server_id, registry=backends.registry, read=self._read_intent
        )
        return (
            Periodic("match-watch", self._watch_matches, period_s=WATCH_PERIOD_S),
            Periodic("intent-sync", intents.work, period_s=INTENT_PERIOD_S),
            Periodic("sweep", self._journal.sweep, period_s=SWEEP_PERIOD_S),
            Periodic("lost-matches", self._lost.sweep, period_s=LOST_PERIOD_S),
            Periodic("leavers", self._leavers.remind, period_s=REMIND_PERIOD_S),
            Periodic("release", backends.release.pay_owed, period_s=RETRY_PERIOD_S),
        )

    # ---- RoomEvents

    def room_started(self, room: AnyRoom) -> None:
        """시작한 판의 기록을 적게 한다."""
        self._records.note_change(room)
        self._record_beats.wake()

    def room_ended(self, room: AnyRoom) -> None:
        """끝난 판의 결과를 나르기 시작한다."""
        log.info(
            "match.ended",
            match_id=room.match_id,
            ticks=room.tick,
            abort_code=room.abort_code,
            trace_id=trace_id_of(room.plan.traceparent),
        )
        self._journal.submit(outcome_of(room, self._identity.server_id, trace_match(room)))
        self._records.note_change(room)
        self._record_beats.wake()

    def player_left(self, room: AnyRoom, player_id: str, tell: Callable[[], None]) -> None:
        """떠난 선수를 놓아주고 알린다."""
        self._leavers.let_go(room, player_id, tell)

    # ---- worker.Service

    def register(self, server: Server) -> None:
        """SessionService를 단다."""
        servicer = SessionServicer(
            host=self._host,
            opener=self._opener,
            live=self._backends.live,
            read_stored=self._read_settlement,
            read_player=self._read_player,
        )
        add_servicer: Any = session_pb2_grpc.add_SessionServiceServicer_to_server
        add_servicer(servicer, server)

    async def start(self) -> None:
        """틱과 배경 일을 시작한다. 등록은 첫 하트비트가 한다."""
        self._ticks.start()
        for periodic in self._periodics:
            periodic.start()

    def readiness(self) -> Readiness:
        """Redis나 MariaDB가 멈춰도 도는 판은 이어지므로 준비됨은 그것에 기대지 않는다."""
        return Readiness.DRAINING if self._drain.is_draining else Readiness.READY

    async def drain(self) -> None:
        """새 판을 막고, 도는 판이 끝나거나 유예가 다하기를, 그리고 결과가 쓰이기를 기다린다."""
        self._drain.stop(self._clock.monotonic_s())
        self._beats.wake()
        log.info("server.draining", matches=self._host.running_matches)
        while self._host.running_matches or self._opener.opening:
            self._heartbeat.enforce_grace()
            await asyncio.sleep(DRAIN_CHECK_S)
        left = await self._journal.settle(SETTLE_WAIT_S)
        if left:
            log.warning("server.results_left", results=left)
        await self._flush_links()

    async def stop(self) -> None:
        """배경 일을 멈추고 등록부에서 빠진 뒤 연결을 닫는다."""
        await self._ticks.stop()
        await self._leave_registry()
        for periodic in self._periodics:
            await periodic.stop()
        await self._journal.stop()
        await self._leavers.stop()
        await self._backends.release.close()
        await asyncio.to_thread(self._backends.database.close)
        await self._backends.redis.aclose()

    async def _leave_registry(self) -> None:
        """남은 하트비트가 뒤늦게 닿아 나간 서버를 되살리지 않도록, 하트비트를 끝낸 뒤에 빠진다."""
        await self._beats.finish(LAST_BEAT_LIMIT_S)
        try:
            await self._backends.registry.unregister(self._identity.server_id)
        except Unavailable as error:
            log.warning("server.not_unregistered", reason=error.message)  # 하트비트가 끊기면 곧 빠진다

    async def _watch_matches(self) -> None:
        """드레인 유예를 지키고, 판의 수가 바뀌었으면 등록부에 곧 알린다(미리보기가 1초 늦지 않게)."""
        self._heartbeat.enforce_grace()
        if self._heartbeat.has_news:
            self._beats.wake()

    async def _flush_links(self) -> None:
        """마지막 통지가 나간 뒤 gateway들의 줄을 닫는다."""
        links = self._host.links()
        for link in links:
            link.close()
        try:
            async with asyncio.timeout(LINK_FLUSH_S):
                await asyncio.gather(*(link.finished() for link in links))
        except TimeoutError:
            log.warning("server.links_not_flushed", links=len(links))

    async def _read_intent(self) -> StoredIntent | None:
        return await self._backends.database.run(_stored_intent, self._rules.region, self._identity.server_id)

    async def _write_outcome(self, outcome: MatchOutcome) -> Settlement:
        return Settlement.of(await self._backends.database.run(finalize_match, outcome))

    async def _read_player(self, player_id: str) -> KnownPlayer | None:
        return await self._backends.database.run(_known_player, player_id)

    async def _read_settlement(self, match_id: str) -> Settlement | None:
        stored = await self._backends.database.run(_stored_match, match_id)
        return None if stored is None else Settlement.of(stored)


# 아래는 막히는 호출이라 DbExecutor의 스레드에서만 부른다. MariaDB가 멈추면 Unavailable을 던진다.


def _stored_intent(region: str, server_id: str) -> StoredIntent | None:
    return run_transaction(lambda: read_intent(region, server_id))


def _stored_match(match_id: str) -> StoredMatch | None:
    return run_transaction(lambda: stored_match(match_id))


def _known_player(player_id: str) -> KnownPlayer | None:
    row = run_transaction(lambda: Player.objects.filter(pk=player_id).values("name", "is_bot").first())
    return None if row is None else KnownPlayer(**row)
