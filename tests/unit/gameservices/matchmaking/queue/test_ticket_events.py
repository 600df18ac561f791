"""대기표의 통지: 누구의 무슨 표이고 어느 소켓에 가는지가 빠지지 않는다."""

from __future__ import annotations

from gameservices.matchmaking.queue.ticket_events import (
    cancelled_event,
    moved_event,
    owner_event,
    timeout_event,
)
from hanpan.v1.matchmaking_pb2 import QueueTimeout, TicketCancelled, TicketMoved
from redisstore.tickets.rows import Cancelled, Ticket, TicketAdoptRequest

TICKET = Ticket(
    ticket_id="t1", player_id="p1", name="가람", mode="duel", rating=1500.0, gateway_id="gateway1", conn_id=7,
    joined_ms=0,
)  # fmt: skip


def test_a_timeout_goes_to_the_socket_that_owned_the_ticket() -> None:
    assert timeout_event(TICKET).queue_timeout == QueueTimeout(ticket_id="t1", player_id="p1", conn_id=7)


def test_a_move_names_the_socket_that_lost_and_the_one_that_owns() -> None:
    event = moved_event(TicketAdoptRequest("p1", "t1", "gateway2", 9), loser_conn_id=7)
    assert event.ticket_moved == TicketMoved(ticket_id="t1", player_id="p1", conn_id=7, owner_conn_id=9)


def test_an_owner_told_again_names_no_loser() -> None:
    assert owner_event(TICKET).ticket_moved == TicketMoved(ticket_id="t1", player_id="p1", owner_conn_id=7)


def test_a_cancel_goes_to_the_socket_that_owned_the_ticket() -> None:
    event = cancelled_event(Cancelled("t1", "gateway1", 7), "p1")
    assert event.ticket_cancelled == TicketCancelled(ticket_id="t1", player_id="p1", conn_id=7)
