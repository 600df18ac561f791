"""잡은 판을 session 서버에 만들고, gateway에 알리고, 정한다. 실패하면 되돌리거나 되살리기에 맡긴다.

CreateMatch의 답을 잃으면 만들어졌는지 모른다. 그때 판의 운명은 임대가 정한다(등록부의 Lua):
- 임대를 거두었으면 그 서버는 이 판을 굳힐 수 없다. 다른 서버에 만들거나 되돌려도 두 판에 앉는 선수가 없다.
- 서버가 이미 굳혔으면 판은 그 서버에만 있을 수 있다. 같은 서버에 같은 match_id로 다시 묻고(멱등), 끝내 답이
  없으면 아무것도 되돌리지 않는다: 선수의 가드가 TTL까지 그 판을 가리키므로 다른 판에 앉지 않는다.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from concurrency.micro_batch import MicroBatch
from gameservices.matchmaking.director.allocator import Allocator
from gameservices.matchmaking.director.formation import by_age, startable_since_ms
from gameservices.matchmaking.director.match_plan import MatchPlan
from gameservices.matchmaking.ports import Sessions, TicketTable
from gameservices.matchmaking.queue.ticket_events import timeout_event
from gameservices.matchmaking.queue.watch_hub import WatchHub
from hanpan.v1.session_pb2 import CreateMatchResponse
from kernel.clock import Clock
from kernel.errors import HanpanError, Unavailable
from redisstore.servers.registry import ServerPick
from redisstore.tickets.rows import ClaimSettlement, TicketVerdict
from telemetry import metrics
from telemetry.logs import get_logger
from telemetry.tracing import current_traceparent, note_failure, span

log = get_logger(__name__)
R = TypeVar("R")

MAKE_BUDGET_S = 8.0  # 판 하나를 만드는 데 쓰는 시간 전체. 되살리기(10초)보다 짧다
ALLOCATE_WITHIN_MS = 8_000  # claim 뒤 이 시간이 지나면(Redis의 시각) 자리를 잡지 못한다
MAX_SERVERS_TRIED = 3
ASK_AGAIN_S = 0.2
HOLD_S = 0.25  # 둘 곳이 없을 때 다음 시도까지


class MatchPlacement:
    """동시에 만드는 판의 수에는 상한이 있다. 넘치는 판은 줄에 남아 다음 사진을 기다린다."""

    def __init__(
        self,
        *,
        tickets: TicketTable,
        allocator: Allocator,
        sessions: Sessions,
        hub: WatchHub,
        clock: Clock,
        wake_matcher: Callable[[], None],
        max_in_flight: int = 128,
    ) -> None:
        self._tickets = tickets
        self._settling: MicroBatch[ClaimSettlement, int] = MicroBatch(tickets.settle)
        self._allocator = allocator
        self._sessions = sessions
        self._hub = hub
        self._clock = clock
        self._max_in_flight = max_in_flight
        self._in_flight: dict[str, asyncio.Task[None]] = {}
        self._held_until_s = 0.0
        self._homeless = False
        self._wake_matcher = wake_matcher

    # ---- 몇 판을 더 시작할 수 있는가

    def capacity(self) -> int:
        """지금 더 시작할 수 있는 판의 수. 둘 곳이 없던 뒤에는 잠시 쉬고 한 판씩만 떠본다."""
        if self._clock.monotonic_s() < self._held_until_s:
            return 0
        room = max(0, self._max_in_flight - len(self._in_flight))
        return min(room, 1) if self._homeless else room

    def is_making(self, match_id: str) -> bool:
        """이 프로세스가 지금 만들고 있는 판인가."""
        return match_id in self._in_flight

    def start(self, plan: MatchPlan, traceparent: str = "") -> None:
        """잡은 판을 뒤에서 만들기 시작한다. `traceparent`는 이을 추적이다."""
        task = asyncio.create_task(self._make(plan, traceparent), name="match-make")
        self._in_flight[plan.match_id] = task
        task.add_done_callback(lambda _: self._finished(plan.match_id))

    def _finished(self, match_id: str) -> None:
        full = len(self._in_flight) >= self._max_in_flight
        del self._in_flight[match_id]
        if full:
            self._wake_matcher()

    async def drain(self) -> None:
        """만들던 판이 모두 끝나기를 기다린다(판마다 예산이 있어 끝이 있다)."""
        while self._in_flight:
            await asyncio.wait(self._in_flight.values())

    # ---- 판 하나

    async def _make(self, plan: MatchPlan, traceparent: str) -> None:
        with span("match.make", parent=traceparent) as opened:
            try:
                async with asyncio.timeout(MAKE_BUDGET_S):
                    await self._carry(plan)
            except TimeoutError as error:
                note_failure(error, opened)
                log.warning("match.left_open", match_id=plan.match_id)
            except Exception as error:
                # 우리 잘못이다. 판은 열린 채 남고 되살리기가 임대에 물어 마무리한다.
                note_failure(error, opened)
                log.exception("match.failed", match_id=plan.match_id)

    async def _carry(self, plan: MatchPlan) -> None:
        refused: set[str] = set()
        made = await self._insist(lambda: self._place(plan, refused), plan)
        if made is None:
            await self._insist(lambda: self.requeue(plan), plan)
        else:
            self.publish(plan, made)
            await self._insist(lambda: self.settle(plan), plan)

    async def _insist(self, step: Callable[[], Awaitable[R]], plan: MatchPlan) -> R:
        """Redis가 돌아올 때까지 같은 걸음을 다시 딛는다. 걸음은 모두 멱등이고, 끝은 판의 예산이 정한다."""
        while True:
            try:
                return await step()
            except Unavailable as error:
                log.warning("match.delayed", match_id=plan.match_id, reason=error.message)
            await asyncio.sleep(ASK_AGAIN_S)

    async def _place(self, plan: MatchPlan, refused: set[str]) -> CreateMatchResponse | None:
        """서버들을 차례로 두드린다. None이면 어느 서버에도 이 판이 없고 생길 수도 없다.

        `refused`는 이 판을 만들지 않은(임대를 거둔) 서버들이며, 다시 불려도 이어진다.
        """
        while len(refused) < MAX_SERVERS_TRIED:
            if refused and await self._tickets.read_claim(plan.match_id) is None:
                break  # Redis가 비워졌다: 임대의 기억도 사라져, 앞의 서버가 만들었는지 더는 알 수 없다
            pick = await self._allocator.pick(
                plan.match_id, exclude=refused, not_after_ms=plan.claimed_ms + ALLOCATE_WITHIN_MS
            )
            if pick is None:
                break
            made = await self._create_on(pick, plan)
            if made is not None:
                self._homeless = False
                return made
            refused.add(pick.server_id)
        self._homeless = True
        self._held_until_s = self._clock.monotonic_s() + HOLD_S
        return None

    async def _create_on(self, pick: ServerPick, plan: MatchPlan) -> CreateMatchResponse | None:
        """한 서버에 만든다. None이면 그 서버는 이 판을 만들지 않았고 만들 수도 없다."""
        request = plan.create_request(current_traceparent())
        while True:
            try:
                with span("match.create") as opened:
                    opened.set_attribute("hanpan.server_id", pick.server_id)
                    return await self._sessions.create(pick.address, request)
            except HanpanError as error:
                log.warning(
                    "match.create_failed", match_id=plan.match_id, server_id=pick.server_id, code=error.code
                )
            # 거두었는지 알기 전에는 이 서버를 떠나지 않는다.
            if await self._insist(lambda: self._allocator.withdraw(plan.match_id), plan):
                return None
            await asyncio.sleep(ASK_AGAIN_S)

    # ---- 끝맺음(되살리기도 쓴다)

    def publish(self, plan: MatchPlan, made: CreateMatchResponse) -> None:
        """만들어진 판을 gateway들에 알린다. 정하기 전에 알린다: 그래야 정해진 표는 이미 알려진 표다."""
        log.info("match.made", match_id=plan.match_id, mode=plan.spec.name, server_id=made.session_id)
        for gateway_id, event in plan.found_events(made).items():
            if not self._hub.publish(gateway_id, event):
                log.info("match.gateway_absent", match_id=plan.match_id, gateway=gateway_id)

    async def settle(self, plan: MatchPlan) -> None:
        """판이 만들어졌음을 적는다. 그 뒤로는 되살리기가 손대지 않는다.

        Raises:
            Unavailable: 적지 못했다.
        """
        if await self._settling.submit(ClaimSettlement(plan.spec.name, plan.match_id, plan.ticket_ids)):
            metrics.matchmaking_matches.labels(plan.spec.name).inc()
            startable_ms = startable_since_ms(sorted(plan.tickets, key=by_age), plan.claimed_ms, plan.spec)
            # 잡은 때가 아니라 알린 뒤인 지금까지: 판을 여는 서버가 멈춰 늦은 것도 우리의 늦음이다.
            found_ms = max(plan.claimed_ms, self._clock.now_ms()) - startable_ms
            for ticket in plan.tickets:
                metrics.matchmaking_wait_seconds.observe((plan.claimed_ms - ticket.joined_ms) / 1000)
                metrics.matchmaking_found_seconds.observe(found_ms / 1000)

    async def requeue(self, plan: MatchPlan) -> None:
        """판을 만들 서버가 없음이 확실할 때: 표를 옛자리로 되돌리고, 되돌지 못한 표의 선수에게 알린다.

        Raises:
            Unavailable: 되돌리지 못했다.
        """
        verdicts = await self._tickets.requeue(plan.spec.name, plan.match_id, plan.tickets)
        log.warning("match.requeued", match_id=plan.match_id, mode=plan.spec.name, players=len(plan.tickets))
        left = [ticket for ticket in plan.tickets if verdicts[ticket.ticket_id] is not TicketVerdict.QUEUED]
        # 다른 인스턴스가 먼저 되돌린 표는 아직 기다린다.
        alive = await self._tickets.fetch(ticket.ticket_id for ticket in left) if left else {}
        for ticket in left:
            if ticket.ticket_id not in alive:
                self._hub.publish(ticket.gateway_id, timeout_event(ticket))

    async def give_up(self, plan: MatchPlan) -> None:
        """굳힌 서버가 끝내 답하지 않는 판: 되돌리지 않고 선수에게 기다림이 끝났음을 알린다.

        Raises:
            Unavailable: 정하지 못했다.
        """
        await self._settling.submit(ClaimSettlement(plan.spec.name, plan.match_id, plan.ticket_ids))
        for ticket in plan.tickets:
            self._hub.publish(ticket.gateway_id, timeout_event(ticket))
