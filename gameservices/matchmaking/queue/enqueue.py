"""대기표를 받는 자리: 레이팅을 읽고, 이벤트 루프 한 바퀴의 join(과 cancel)을 한 왕복에 한다.

선수 하나는 250 ms 안에 답을 받는다. 레이팅이 먼저 시간을 쓰고 남은 것이 Redis의 예산이다.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from concurrency.micro_batch import MicroBatch
from gameservices.matchmaking.ports import LiveMatches, TicketTable
from gameservices.matchmaking.queue.queue_mirror import QueueMirror
from gameservices.matchmaking.queue.rating_cache import RatingCache
from gameservices.matchmaking.queue.ticket_owners import Forming, TicketOwners
from kernel.clock import Clock
from kernel.errors import AlreadyInMatch, AlreadyQueued, HanpanError, NotQueued
from redisstore.gate import redis_budget
from redisstore.tickets.rows import (
    Adopted,
    Cancelled,
    Held,
    Joined,
    NewTicket,
    Ticket,
    TicketAdoptRequest,
    TicketCancelRequest,
)
from telemetry.logs import get_logger
from telemetry.tracing import is_sampled

log = get_logger(__name__)

JOIN_BUDGET_MS = 250
LEAST_REDIS_MS = 100  # 레이팅이 아무리 늦었어도 Redis에 주는 시간


class TicketIntake:
    """대기표를 만들고 거둔다."""

    def __init__(
        self,
        *,
        tickets: TicketTable,
        ratings: RatingCache,
        live: LiveMatches,
        mirror: QueueMirror,
        owners: TicketOwners,
        clock: Clock,
        wake_matcher: Callable[[], None],
    ) -> None:
        self._tickets = tickets
        self._ratings = ratings
        self._live = live
        self._mirror = mirror
        self._owners = owners
        self._clock = clock
        self._wake_matcher = wake_matcher
        self._joins: MicroBatch[NewTicket, Joined | Held] = MicroBatch(self._join_together, leads=is_sampled)
        self._cancels: MicroBatch[TicketCancelRequest, Cancelled | None] = MicroBatch(tickets.cancel)

    async def join(self, new: NewTicket) -> Joined:
        """대기표를 만든다. 레이팅은 여기서 읽는다.

        Raises:
            AlreadyQueued, AlreadyInMatch: 선수의 가드가 이미 있다.
            Unavailable: Redis가 예산 안에 답하지 않았다.
        """
        reply = await self._joins.submit(new)
        if isinstance(reply, Held) and reply.match_id and await self._freed(new.player_id, reply.match_id):
            reply = await self._joins.submit(new)
        if isinstance(reply, Joined):
            return reply
        raise AlreadyInMatch if reply.match_id else AlreadyQueued

    async def cancel(
        self, player_id: str, ticket_id: str, *, by_conn_id: int = 0, only_own: bool = False
    ) -> str:
        """대기표를 거두고 그 이름을 준다. 주인이 다른 소켓이면 그쪽에도 알린다.

        `only_own`이면 거두는 소켓(`by_conn_id`)이 주인일 때만 거둔다.

        Raises:
            NotQueued: 거둘 것이 없다(이미 판에 잡혔거나 지났다).
            Unavailable: Redis가 예산 안에 답하지 않았다.
        """
        wish = TicketCancelRequest(
            player_id, ticket_id, self._mirror.mode_of(ticket_id), by_conn_id if only_own else None
        )
        cancelled = await self._cancels.submit(wish)
        if cancelled is None:
            raise NotQueued
        self._mirror.forget_id(cancelled.ticket_id)
        self._owners.tell_cancelled(cancelled, player_id, by_conn_id)
        return cancelled.ticket_id

    async def adopt(self, wish: TicketAdoptRequest) -> Adopted | Forming | None:
        """기다리는 표를 새 소켓에 준다. 이을 표가 없으면 None이다.

        Raises:
            Unavailable: Redis가 예산 안에 답하지 않았다(이어졌을 수도 있다).
        """
        return await self._owners.adopt(wish)

    async def _join_together(self, wanted: Sequence[NewTicket]) -> Sequence[Joined | Held | HanpanError]:
        started_s = self._clock.monotonic_s()
        mus = await self._ratings.mus([(new.player_id, new.mode) for new in wanted])
        asked = [replace(new, rating=mu) for new, mu in zip(wanted, mus, strict=True)]
        spent_ms = int((self._clock.monotonic_s() - started_s) * 1000)
        replies = await self._tickets.join(asked, budget_ms=max(LEAST_REDIS_MS, JOIN_BUDGET_MS - spent_ms))
        for new, reply in zip(asked, replies, strict=True):
            if isinstance(reply, Joined) and reply.ticket_id == new.ticket_id:
                self._mirror.add(Ticket.of(new, reply.joined_ms))
        self._wake_matcher()
        return replies

    async def _freed(self, player_id: str, match_id: str) -> bool:
        """주인 없는 가드를 푼다: claim도 판의 기록도 없으면 그 판은 끝났거나 생기지 않았다.

        claim이 먼저다. claim(30초)이 사라진 뒤에 판의 기록이 새로 생기는 일은 없다.
        """
        async with redis_budget(JOIN_BUDGET_MS):
            if await self._tickets.read_claim(match_id) is not None:
                return False
            if await self._live.get(match_id) is not None:
                return False
            freed = await self._tickets.release(match_id, [player_id])
        log.warning("guard.orphan_freed", match_id=match_id)
        return freed > 0
