"""대기표의 통지: 지났다, 주인이 바뀌었다, 거두어졌다."""

from __future__ import annotations

from hanpan.v1.matchmaking_pb2 import QueueTimeout, TicketCancelled, TicketMoved, WatchEvent
from redisstore.tickets.rows import Cancelled, Ticket, TicketAdoptRequest


def timeout_event(ticket: Ticket) -> WatchEvent:
    """대기표가 사라졌다는 통지. gateway는 모르는 표의 것을 버린다."""
    return WatchEvent(
        queue_timeout=QueueTimeout(
            ticket_id=ticket.ticket_id, player_id=ticket.player_id, conn_id=ticket.conn_id
        )
    )


def moved_event(wish: TicketAdoptRequest, *, loser_conn_id: int) -> WatchEvent:
    """같은 선수의 새 소켓이 표를 이었다는 통지."""
    return WatchEvent(
        ticket_moved=TicketMoved(
            ticket_id=wish.ticket_id,
            player_id=wish.player_id,
            conn_id=loser_conn_id,
            owner_conn_id=wish.conn_id,
        )
    )


def owner_event(ticket: Ticket) -> WatchEvent:
    """표의 주인이 누구인지 다시 알린다. 그 표를 든 다른 소켓은 앞 주인이다."""
    return WatchEvent(
        ticket_moved=TicketMoved(
            ticket_id=ticket.ticket_id, player_id=ticket.player_id, owner_conn_id=ticket.conn_id
        )
    )


def cancelled_event(cancelled: Cancelled, player_id: str) -> WatchEvent:
    """같은 선수의 다른 소켓이 표를 거두었다는 통지."""
    return WatchEvent(
        ticket_cancelled=TicketCancelled(
            ticket_id=cancelled.ticket_id, player_id=player_id, conn_id=cancelled.conn_id
        )
    )
