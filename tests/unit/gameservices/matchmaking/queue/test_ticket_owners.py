"""표의 주인이 바뀌는 일: 새 소켓이 잇고, 다른 소켓이 거두고, 앞 주인은 그것을 듣는다."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gameservices.matchmaking.queue.queue_mirror import QueueMirror
from gameservices.matchmaking.queue.ticket_owners import Forming, TicketOwners
from gameservices.matchmaking.queue.watch_hub import GatewayStream, WatchHub
from hanpan.v1.matchmaking_pb2 import WatchEvent
from kernel.errors import Unavailable
from kernel.ids import new_id
from redisstore.tickets.rows import Adopted, Cancelled, ClaimSettlement, Ticket, TicketAdoptRequest
from tests.fakes.matchmaking_stage import claimed_plan, queued
from tests.fakes.memory_tickets import MemoryTickets


@dataclass
class Stage:
    tickets: MemoryTickets
    mirror: QueueMirror
    owners: TicketOwners
    old_gateway: GatewayStream

    async def told(self) -> list[WatchEvent]:
        return await self.old_gateway.next(timeout_s=0)


@pytest.fixture
def stage() -> Stage:
    tickets, hub = MemoryTickets(), WatchHub()
    mirror = QueueMirror(tickets, ["duel", "arena"])
    return Stage(tickets, mirror, TicketOwners(tickets=tickets, mirror=mirror, hub=hub), hub.open("gateway1"))


def wish_for(ticket: Ticket, ticket_id: str | None = None) -> TicketAdoptRequest:
    return TicketAdoptRequest(
        ticket.player_id, ticket.ticket_id if ticket_id is None else ticket_id, "gateway2", 9
    )


async def test_the_gateway_of_the_old_owner_is_told_once(stage: Stage) -> None:
    [ticket] = await queued(stage.tickets, 1)
    assert isinstance(await stage.owners.adopt(wish_for(ticket)), Adopted)
    [event] = await stage.told()
    moved = event.ticket_moved
    assert (moved.ticket_id, moved.player_id) == (ticket.ticket_id, ticket.player_id)
    assert (moved.conn_id, moved.owner_conn_id) == (ticket.conn_id, 9)
    assert isinstance(await stage.owners.adopt(wish_for(ticket)), Adopted)
    assert await stage.told() == []


async def test_the_memory_of_the_line_knows_the_new_owner(stage: Stage) -> None:
    [ticket] = await queued(stage.tickets, 1)
    await stage.mirror.look()
    await stage.owners.adopt(wish_for(ticket))
    [known] = stage.mirror.waiting("duel")
    assert (known.gateway_id, known.conn_id) == ("gateway2", 9)
    assert stage.mirror.gateways() == {"gateway2"}


async def test_a_ticket_that_is_gone_gives_nothing(stage: Stage) -> None:
    [ticket] = await queued(stage.tickets, 1)
    stage.tickets.rows.clear()
    stage.tickets.guards.clear()
    assert await stage.owners.adopt(wish_for(ticket)) is None
    assert await stage.told() == []


@pytest.mark.parametrize("read_before_the_claim", [True, False])
async def test_a_ticket_in_a_match_that_is_being_made_is_told_apart_until_it_is_settled(
    stage: Stage, read_before_the_claim: bool
) -> None:
    pair = await queued(stage.tickets)
    plan = await claimed_plan(stage.tickets, pair)
    wish = wish_for(pair[0], None if read_before_the_claim else "")
    assert await stage.owners.adopt(wish) == Forming(plan.match_id)
    await stage.tickets.settle([ClaimSettlement("duel", plan.match_id, plan.ticket_ids)])
    assert await stage.owners.adopt(wish) is None


async def test_a_ticket_that_returned_to_the_line_can_be_adopted(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    plan = await claimed_plan(stage.tickets, pair)
    await stage.tickets.requeue("duel", plan.match_id, pair)
    assert isinstance(await stage.owners.adopt(wish_for(pair[0])), Adopted)


async def test_a_stopped_redis_is_unavailable(stage: Stage) -> None:
    stage.tickets.failing = True
    with pytest.raises(Unavailable):
        await stage.owners.adopt(TicketAdoptRequest(new_id(), new_id(), "gateway2", 9))


async def test_only_another_socket_is_told_of_a_cancel(stage: Stage) -> None:
    cancelled = Cancelled(new_id(), "gateway1", 7)
    stage.owners.tell_cancelled(cancelled, "p", 7)
    assert await stage.told() == []
    stage.owners.tell_cancelled(cancelled, "p", 8)
    [event] = await stage.told()
    news = event.ticket_cancelled
    assert (news.ticket_id, news.player_id, news.conn_id) == (cancelled.ticket_id, "p", 7)
