"""매칭의 고리: join이 깨울 때마다, 늦어도 100 ms마다 줄을 보고 판을 짜서 잡는다.

짜는 것은 순수한 formation이, 정하는 것은 Redis의 claim이 한다. Redis가 멈추면 물러나 쉬다가 스스로 이어 간다.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from gameservices.matchmaking.director.formation import Group, form_matches
from gameservices.matchmaking.director.match_plan import MatchPlan
from gameservices.matchmaking.director.match_spans import trace_claim
from gameservices.matchmaking.director.placement import MatchPlacement
from gameservices.matchmaking.director.upkeep import Upkeep
from gameservices.matchmaking.ports import TicketTable
from gameservices.matchmaking.queue.queue_mirror import QueueMirror, QueueSnapshot
from gameservices.rules.base import ModeSpec
from kernel.clock import Clock
from kernel.errors import Unavailable
from kernel.ids import new_id
from redisstore import keys
from redisstore.scripts import raise_first
from redisstore.tickets.rows import Claimed, ClaimRequest
from resilience.retry import RetryPolicy
from telemetry import metrics
from telemetry.logs import get_logger

log = get_logger(__name__)

PASS_EVERY_S = 0.1
MAX_REST_S = 0.25
# 다시 이은 gateway가 임대를 되찾을 시간. 시작하거나 Redis가 돌아온 뒤 이만큼은 남의 표를 거두지 않는다.
REAP_AFTER_HEALTHY_S = keys.GATEWAY_LEASE_MS / 1000 + 2.0
# 멈춘 Redis에 다시 묻기까지. 상한에서 멈추고, 몇 번이든 다시 묻는다.
BACKOFF = RetryPolicy(base_ms=100, cap_ms=1000)
CLAIM_BATCH = 64  # 한 왕복에 잡는 판 수
THREAD_FROM_TICKETS = 5_000  # 이보다 긴 줄은 스레드에서 짜 join의 답이 늦어지지 않게 한다


@dataclass(frozen=True, slots=True)
class LoopIdentity:
    """누가 어느 리전의 무슨 모드를 짜는가."""

    owner: str
    region: str
    modes: Mapping[str, ModeSpec]


class MatchLoop:
    """한 리전의 매칭. 여러 인스턴스가 함께 돌아도 된다. `woken`을 켜면 다음 간격을 기다리지 않고 본다."""

    def __init__(
        self,
        identity: LoopIdentity,
        *,
        tickets: TicketTable,
        mirror: QueueMirror,
        placement: MatchPlacement,
        upkeep: Upkeep,
        clock: Clock,
        woken: asyncio.Event,
    ) -> None:
        self._identity = identity
        self._tickets = tickets
        self._mirror = mirror
        self._placement = placement
        self._upkeep = upkeep
        self._clock = clock
        self._woken = woken
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._healthy_since_s: float | None = None
        self._failed_passes = 0
        self._unanswered: dict[str, ClaimRequest] = {}
        self.has_looked = False

    def wake(self) -> None:
        """다음 간격을 기다리지 않고 본다. 여러 번 불러도 한 번이다."""
        self._woken.set()

    def start(self) -> None:
        """고리를 돌리기 시작한다."""
        self._task = asyncio.create_task(self._run(), name="match-loop")

    async def stop(self) -> None:
        """도는 한 바퀴를 마치고 멈춘다. 만들던 판은 건드리지 않는다."""
        self._stopping = True
        self.wake()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while not self._stopping:
            self._woken.clear()
            started_s = self._clock.monotonic_s()
            try:
                await self._pass(started_s)
            except Unavailable as error:
                await self._back_off(error)
            except Exception:
                log.exception("match_loop.failed")
                await asyncio.sleep(BACKOFF.cap_ms / 1000)
            else:
                self._recovered()
                await self._rest(self._clock.monotonic_s() - started_s)

    async def _rest(self, cost_s: float) -> None:
        """든 만큼은 쉬어 긴 줄의 매칭이 join을 굶기지 않게 하고, 깨우거나 간격이 찰 때까지 기다린다."""
        rest_s = min(cost_s, MAX_REST_S)
        await asyncio.sleep(rest_s)
        try:
            async with asyncio.timeout(max(0.0, PASS_EVERY_S - rest_s)):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _back_off(self, error: Unavailable) -> None:
        if self._healthy_since_s is not None or not self.has_looked:
            log.warning("match_loop.unavailable", reason=error.message)
        self.has_looked = True
        self._healthy_since_s = None
        self._failed_passes += 1
        await asyncio.sleep(BACKOFF.delay_ms(self._failed_passes, 1.0) / 1000)

    def _recovered(self) -> None:
        if self._healthy_since_s is None:
            log.info("match_loop.healthy")
            self._healthy_since_s = self._clock.monotonic_s()
            self._failed_passes = 0
        self.has_looked = True

    # ---- 한 바퀴

    async def _pass(self, now_s: float) -> None:
        if self._unanswered:
            await self._claim(list(self._unanswered.values()))
        snapshot = await self._mirror.look()
        self._upkeep.note_vanished(snapshot.vanished)
        for mode, waiting in snapshot.waiting.items():
            metrics.matchmaking_queue_depth.labels(mode).set(len(waiting))
        room = self._placement.capacity()
        if room:
            await self._claim((await self._formed(snapshot))[:room])
        healthy_s = 0.0 if self._healthy_since_s is None else now_s - self._healthy_since_s
        await self._upkeep.work(snapshot, now_s, reap=healthy_s >= REAP_AFTER_HEALTHY_S)

    async def _formed(self, snapshot: QueueSnapshot) -> list[ClaimRequest]:
        """모든 모드의 판. 가장 오래 기다린 사람의 판이 앞에 온다."""
        formed: list[ClaimRequest] = []
        for mode, spec in self._identity.modes.items():
            waiting = snapshot.waiting[mode]
            if len(waiting) < THREAD_FROM_TICKETS:
                groups = form_matches(waiting, snapshot.now_ms, spec)
            else:
                groups = await asyncio.to_thread(form_matches, waiting, snapshot.now_ms, spec)
            formed += [_claim_request(spec, group) for group in groups]
        return sorted(formed, key=lambda request: request.tickets[0].joined_ms)

    async def _claim(self, wanted: list[ClaimRequest]) -> None:
        """판들을 잡고 만들기 시작한다. 답을 잃은 claim은 다음에 다시 묻는다(match_id로 멱등이다)."""
        for start in range(0, len(wanted), CLAIM_BATCH):
            batch = wanted[start : start + CLAIM_BATCH]
            self._unanswered = {request.match_id: request for request in wanted[start:]}
            asked_ms = self._clock.now_ms()
            replies = await self._tickets.claim(self._identity.owner, batch)
            heard_ms = self._clock.now_ms()
            for request, reply in zip(batch, replies, strict=True):
                if isinstance(reply, Unavailable):
                    continue
                del self._unanswered[request.match_id]
                if isinstance(reply, Claimed):
                    self._mirror.forget(request.tickets)
                    plan = self._plan(request, reply)
                    self._placement.start(plan, trace_claim(plan, asked_ms=asked_ms, heard_ms=heard_ms))
                else:
                    metrics.matchmaking_claim_conflicts.inc()
                    self._mirror.forget(each for each in request.tickets if each.ticket_id in reply.moved)
            raise_first(replies)

    def _plan(self, request: ClaimRequest, claimed: Claimed) -> MatchPlan:
        return MatchPlan(
            match_id=request.match_id,
            region=self._identity.region,
            spec=self._identity.modes[request.mode],
            seed=request.seed,
            claimed_ms=claimed.claimed_ms,
            tickets=tuple(request.tickets),
        )


def _claim_request(spec: ModeSpec, group: Group) -> ClaimRequest:
    return ClaimRequest(
        match_id=new_id(),
        mode=spec.name,
        seed=secrets.randbits(63),
        tickets=group.tickets,
        guard_ttl_ms=spec.duration_ms + keys.MATCH_GRACE_MS,
    )
