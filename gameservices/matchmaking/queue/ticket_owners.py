"""대기표의 주인(gateway와 소켓)이 바뀌는 일: 새 소켓이 잇거나 다른 소켓이 거두면 앞 주인에게 알린다.

바꾸고 거두는 것은 Redis의 Lua가 한다. 여기는 줄의 기억을 맞추고 통지를 보낸다. 통지를 보낼 스트림이 없으면
그 gateway가 다시 열 때 catch_up이 알린다.
"""

from __future__ import annotations

from dataclasses import dataclass

from gameservices.matchmaking.ports import TicketTable
from gameservices.matchmaking.queue.queue_mirror import QueueMirror
from gameservices.matchmaking.queue.ticket_events import cancelled_event, moved_event
from gameservices.matchmaking.queue.watch_hub import WatchHub
from redisstore.tickets.rows import MATCH_PREFIX, Adopted, Cancelled, TicketAdoptRequest
from telemetry.logs import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Forming:
    """표가 판에 잡혔고 그 판은 아직 만들어지는 중이다."""

    match_id: str


class TicketOwners:
    """한 리전의 대기표와 그 주인들."""

    def __init__(self, *, tickets: TicketTable, mirror: QueueMirror, hub: WatchHub) -> None:
        self._tickets = tickets
        self._mirror = mirror
        self._hub = hub

    async def adopt(self, wish: TicketAdoptRequest) -> Adopted | Forming | None:
        """기다리는 표를 새 소켓에 준다(멱등). 이을 표가 없으면 None이다.

        Raises:
            Unavailable: Redis가 예산 안에 답하지 않았다(이어졌을 수도 있다. 그대로 다시 물어도 된다).
        """
        adopted = await self._tickets.adopt(wish) if wish.ticket_id else None
        if adopted is None:
            return await self._forming(wish.player_id)
        self._mirror.move(wish.ticket_id, wish.gateway_id, wish.conn_id)
        if adopted.conn_id != wish.conn_id:
            log.info("ticket.moved", ticket_id=wish.ticket_id, player_id=wish.player_id)
            event = moved_event(wish, loser_conn_id=adopted.conn_id)
            if not self._hub.publish(adopted.gateway_id, event):
                log.info("ticket.gateway_absent", ticket_id=wish.ticket_id, gateway=adopted.gateway_id)
        return adopted

    async def _forming(self, player_id: str) -> Forming | None:
        guard = await self._tickets.player_guard(player_id)
        if guard is None or not guard.startswith(MATCH_PREFIX):
            return None
        match_id = guard.removeprefix(MATCH_PREFIX)
        claim = await self._tickets.read_claim(match_id)
        return Forming(match_id) if claim is not None and not claim.settled else None

    def tell_cancelled(self, cancelled: Cancelled, player_id: str, by_conn_id: int) -> None:
        """거둔 표의 주인이 거둔 소켓이 아니면 그 gateway에 알린다."""
        if cancelled.conn_id != by_conn_id:
            self._hub.publish(cancelled.gateway_id, cancelled_event(cancelled, player_id))
