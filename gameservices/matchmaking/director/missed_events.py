"""다시 이어진 gateway에 그 사이의 통지를 알린다: 기다리던 표가 판을 얻었거나 사라졌다."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gameservices.matchmaking.director.claimed_matches import ClaimedMatches
from gameservices.matchmaking.queue.ticket_events import owner_event, timeout_event
from hanpan.v1.matchmaking_pb2 import QueueTimeout, WatchEvent
from kernel.errors import HanpanError, Unavailable
from redisstore.tickets.rows import TicketState, TicketStatus
from telemetry.logs import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Missed:
    """알릴 것과, 아직 판이 만들어지는 중이라 조금 뒤 다시 물을 표들."""

    events: Sequence[WatchEvent]
    open_ticket_ids: Collection[str]


class MissedEvents:
    """한 리전의 놓친 통지."""

    def __init__(self, claimed: ClaimedMatches) -> None:
        self._claimed = claimed

    async def look_up(self, gateway_id: str, ticket_ids: Collection[str]) -> Missed:
        """gateway가 기다린다고 아는 표들의 지금. 묻는 데 실패한 표는 다시 물을 것으로 남는다."""
        try:
            statuses = await self._claimed.tickets.fetch(ticket_ids)
        except Unavailable:
            return Missed([], set(ticket_ids))
        events: list[WatchEvent] = []
        still_open: set[str] = set()
        told: set[str] = set()
        for ticket_id in ticket_ids:
            status = statuses.get(ticket_id)
            if status is None:
                events.append(WatchEvent(queue_timeout=QueueTimeout(ticket_id=ticket_id)))
            elif status.ticket.gateway_id != gateway_id:
                events.append(owner_event(status.ticket))  # 그 사이 다른 gateway의 소켓이 이었다
            elif status.state is TicketState.CLAIMED:
                still_open.add(ticket_id)
            elif status.state is TicketState.MATCHED and status.match_id not in told:
                told.add(status.match_id)
                event = await self._event_of(gateway_id, status)
                if event is None:
                    still_open.add(ticket_id)
                else:
                    events.append(event)
        return Missed(events, still_open)

    async def _event_of(self, gateway_id: str, status: TicketStatus) -> WatchEvent | None:
        """정해진 표의 통지. 지금은 물을 수 없으면 None이다."""
        try:
            return await self._found(gateway_id, status) or timeout_event(status.ticket)
        except HanpanError as error:
            log.warning("catch_up.delayed", match_id=status.match_id, code=error.code)
            return None

    async def _found(self, gateway_id: str, status: TicketStatus) -> WatchEvent | None:
        """만들어진 판의 통지. 같은 서버에 다시 물어 같은 토큰을 받는다. 이미 끝난 판이면 None이다."""
        claimed = self._claimed
        claim = await claimed.tickets.read_claim(status.match_id)
        if claim is None or await claimed.live.get(status.match_id) is None:
            return None
        plan = await claimed.plan_of(claim)
        pick = await claimed.allocator.holder(status.match_id)
        if plan is None or pick is None:
            return None
        made = await claimed.sessions.create(pick.address, plan.create_request())
        return plan.found_events(made).get(gateway_id)
