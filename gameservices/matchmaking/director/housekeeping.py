"""줄의 뒷정리: 지난 표, 죽은 gateway의 표, 이름만 남은 표를 거두고, 사라진 표의 선수에게 알린다."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from gameservices.matchmaking.ports import TicketTable
from gameservices.matchmaking.queue.queue_mirror import QueueMirror, QueueSnapshot
from gameservices.matchmaking.queue.ticket_events import timeout_event
from gameservices.matchmaking.queue.watch_hub import WatchHub
from redisstore.tickets.rows import Ticket, TicketVerdict
from telemetry.logs import get_logger

log = get_logger(__name__)

EXPIRE_BATCH = 200  # 스크립트 한 번이 볼 표의 상한. Redis를 오래 붙들지 않는다


class Housekeeping:
    """한 리전의 뒷정리. `ticket_timeout_ms`는 저장소의 것과 같아야 한다(미리 고를 뿐, 정하는 것은 Lua다)."""

    def __init__(
        self, *, tickets: TicketTable, mirror: QueueMirror, hub: WatchHub, ticket_timeout_ms: int
    ) -> None:
        self._tickets = tickets
        self._mirror = mirror
        self._hub = hub
        self._ticket_timeout_ms = ticket_timeout_ms

    async def tidy(self, snapshot: QueueSnapshot, *, reap: bool) -> None:
        """사진에 보이는 것을 정리한다. `reap`이면 임대가 끊긴 gateway의 표도 거둔다.

        Raises:
            Unavailable: Redis가 예산 안에 답하지 않았다. 남은 것은 다음에 한다.
        """
        for mode, ticket_ids in snapshot.ghosts.items():
            await self._tickets.drop_ghosts(mode, ticket_ids)
        lost = await self._tickets.lost_gateways(self._mirror.gateways()) if reap else set()
        for mode, waiting in snapshot.waiting.items():
            before_ms = snapshot.now_ms - self._ticket_timeout_ms
            due = (ticket for ticket in waiting if ticket.joined_ms <= before_ms or ticket.gateway_id in lost)
            batch = list(islice(due, EXPIRE_BATCH))
            if batch:
                await self._expire(mode, batch, reap=reap)

    async def _expire(self, mode: str, batch: Sequence[Ticket], *, reap: bool) -> None:
        verdicts = await self._tickets.expire(mode, batch, reap=reap)
        by_verdict = [(ticket, verdicts[ticket.ticket_id]) for ticket in batch]
        self._mirror.forget(ticket for ticket, verdict in by_verdict if verdict is not TicketVerdict.KEPT)
        gone = [
            ticket
            for ticket, verdict in by_verdict
            if verdict not in {TicketVerdict.KEPT, TicketVerdict.MOVED}
        ]
        for ticket in gone:
            self._hub.publish(ticket.gateway_id, timeout_event(ticket))
        if gone:
            reaped = sum(verdicts[ticket.ticket_id] is TicketVerdict.REAPED for ticket in gone)
            log.info("queue.expired", mode=mode, timed_out=len(gone) - reaped, reaped=reaped)

    async def tell_vanished(self, vanished: Sequence[Ticket]) -> None:
        """이 프로세스가 빼지 않았는데 사라진 표: hash까지 없으면 선수의 기다림은 끝났다.

        Redis가 빈 채로 돌아온 때가 그렇다. 다른 인스턴스가 거둔 표라면 gateway가 이미 알고 버린다.

        Raises:
            Unavailable: Redis가 예산 안에 답하지 않았다.
        """
        found = await self._tickets.fetch(ticket.ticket_id for ticket in vanished)
        for ticket in vanished:
            if ticket.ticket_id not in found:
                self._hub.publish(ticket.gateway_id, timeout_event(ticket))
