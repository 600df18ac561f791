"""뒷정리: 지난 표와 죽은 gateway의 표를 거두고, 사라진 표의 선수에게 알린다."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gameservices.matchmaking.director.housekeeping import EXPIRE_BATCH, Housekeeping
from gameservices.matchmaking.queue.queue_mirror import QueueMirror
from gameservices.matchmaking.queue.watch_hub import GatewayStream, WatchHub
from redisstore import keys
from redisstore.tickets.rows import TicketAdoptRequest
from tests.fakes.matchmaking_stage import claimed_plan, queued
from tests.fakes.memory_tickets import MemoryTickets


@dataclass
class Stage:
    tickets: MemoryTickets
    mirror: QueueMirror
    housekeeping: Housekeeping
    hub: WatchHub
    stream: GatewayStream

    async def tidy(self, *, reap: bool = False) -> list[str]:
        """한 번 정리하고, 기다림이 끝났다고 알린 표의 이름을 준다."""
        await self.housekeeping.tidy(await self.mirror.look(), reap=reap)
        return await self.told()

    async def told(self) -> list[str]:
        return [event.queue_timeout.ticket_id for event in await self.stream.next(timeout_s=0)]


@pytest.fixture
def stage() -> Stage:
    tickets, hub = MemoryTickets(), WatchHub()
    mirror = QueueMirror(tickets, ["duel", "arena"])
    housekeeping = Housekeeping(tickets=tickets, mirror=mirror, hub=hub, ticket_timeout_ms=60_000)
    return Stage(tickets, mirror, housekeeping, hub, hub.open("gateway1"))


async def test_a_ticket_that_waited_sixty_seconds_is_told_so_once(stage: Stage) -> None:
    [old] = await queued(stage.tickets, 1)
    stage.tickets.now_ms += 59_999
    [young] = await queued(stage.tickets, 1)
    assert await stage.tidy() == []
    stage.tickets.now_ms += 1
    assert await stage.tidy() == [old.ticket_id]
    assert await stage.tidy() == []
    assert list(stage.tickets.names["duel"]) == [young.ticket_id]
    assert (await stage.mirror.look()).vanished == []


async def test_the_tickets_of_a_dead_gateway_are_reaped_only_when_allowed(stage: Stage) -> None:
    await queued(stage.tickets, 2, gateway_id="gateway9")
    stage.tickets.now_ms += keys.GATEWAY_LEASE_MS
    await queued(stage.tickets, 1, gateway_id="gateway8")
    await stage.tidy()
    assert len(stage.tickets.names["duel"]) == 3
    await stage.tidy(reap=True)
    assert len(stage.tickets.names["duel"]) == 1


async def test_one_round_takes_a_bounded_number_and_the_next_takes_the_rest(stage: Stage) -> None:
    await queued(stage.tickets, EXPIRE_BATCH + 3)
    stage.tickets.now_ms += 60_000
    assert len(await stage.tidy()) == EXPIRE_BATCH
    assert len(await stage.tidy()) == 3


async def test_a_name_without_its_row_is_swept(stage: Stage) -> None:
    [ticket] = await queued(stage.tickets, 1)
    del stage.tickets.rows[ticket.ticket_id]
    await stage.tidy()
    assert stage.tickets.names["duel"] == {}


async def test_players_of_a_queue_that_was_emptied_are_told(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    await stage.mirror.look()
    stage.tickets.rows.clear()
    stage.tickets.names.clear()
    await stage.housekeeping.tell_vanished((await stage.mirror.look()).vanished)
    assert sorted(await stage.told()) == sorted(ticket.ticket_id for ticket in pair)


async def test_a_ticket_another_instance_matched_is_not_a_timeout(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    await stage.mirror.look()
    await claimed_plan(stage.tickets, pair)
    picture = await stage.mirror.look()
    assert len(picture.vanished) == 2
    await stage.housekeeping.tell_vanished(picture.vanished)
    assert await stage.told() == []


async def test_a_ticket_another_instance_moved_is_read_again_and_told_to_its_owner(stage: Stage) -> None:
    [ticket] = await queued(stage.tickets, 1)
    await stage.mirror.look()
    await stage.tickets.adopt(TicketAdoptRequest(ticket.player_id, ticket.ticket_id, "gateway2", 9))
    new_owner = stage.hub.open("gateway2")
    stage.tickets.now_ms += 60_000
    assert await stage.tidy() == []
    assert list(stage.tickets.names["duel"]) == [ticket.ticket_id]
    assert await stage.tidy() == []
    [event] = await new_owner.next(timeout_s=0)
    assert (event.queue_timeout.ticket_id, event.queue_timeout.conn_id) == (ticket.ticket_id, 9)


async def test_a_ticket_that_moved_outlives_the_gateway_it_left(stage: Stage) -> None:
    [ticket] = await queued(stage.tickets, 1, gateway_id="gateway9")
    await stage.mirror.look()
    stage.tickets.now_ms += keys.GATEWAY_LEASE_MS
    await stage.tickets.adopt(TicketAdoptRequest(ticket.player_id, ticket.ticket_id, "gateway1", 9))
    for _ in range(3):
        assert await stage.tidy(reap=True) == []
    assert list(stage.tickets.names["duel"]) == [ticket.ticket_id]
