"""줄을 보는 눈: 아는 표는 다시 읽지 않고, 사라진 표와 이름만 남은 표를 가려낸다."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from gameservices.matchmaking.queue.queue_mirror import QueueMirror
from kernel.errors import Unavailable
from redisstore.tickets.rows import Snapshot, TicketCancelRequest, TicketStatus
from tests.fakes.matchmaking_stage import queued
from tests.fakes.memory_tickets import MemoryTickets


class CountingTickets(MemoryTickets):
    """읽은 표의 이름을 센다."""

    read: list[str]

    async def fetch(self, ticket_ids: Iterable[str]) -> dict[str, TicketStatus]:
        names = list(ticket_ids)
        self.read = [*getattr(self, "read", []), *names]
        return await super().fetch(names)


async def test_a_ticket_is_read_once_and_then_remembered() -> None:
    store = CountingTickets()
    tickets = await queued(store, 3)
    mirror = QueueMirror(store, ["duel", "arena"])
    first, second = await mirror.look(), await mirror.look()
    assert set(first.waiting["duel"]) == set(second.waiting["duel"]) == set(tickets)
    assert first.waiting["arena"] == []
    assert sorted(store.read) == sorted(ticket.ticket_id for ticket in tickets)
    assert first.now_ms == store.now_ms


async def test_a_ticket_this_process_made_is_not_read_at_all() -> None:
    store = CountingTickets()
    [ticket] = await queued(store, 1)
    mirror = QueueMirror(store, ["duel"])
    mirror.add(ticket)
    assert (await mirror.look()).waiting["duel"] == [ticket]
    assert not hasattr(store, "read")
    assert mirror.mode_of(ticket.ticket_id) == "duel"
    assert mirror.gateways() == {"gateway1"}


async def test_a_ticket_someone_else_took_is_reported_once_but_an_own_one_is_not() -> None:
    store = MemoryTickets()
    taken, own, stays = await queued(store, 3)
    mirror = QueueMirror(store, ["duel"])
    await mirror.look()
    await store.cancel([TicketCancelRequest(taken.player_id)])
    await store.cancel([TicketCancelRequest(own.player_id)])
    mirror.forget_id(own.ticket_id)
    picture = await mirror.look()
    assert picture.vanished == [taken]
    assert picture.waiting["duel"] == [stays]
    assert (await mirror.look()).vanished == []


async def test_a_name_without_its_row_is_a_ghost() -> None:
    store = MemoryTickets()
    [ticket] = await queued(store, 1)
    del store.rows[ticket.ticket_id]
    picture = await QueueMirror(store, ["duel"]).look()
    assert picture.ghosts == {"duel": [ticket.ticket_id]}
    assert picture.waiting == {"duel": []}


async def test_a_ticket_that_came_while_looking_is_not_taken_for_vanished() -> None:
    class JoinsMeanwhile(MemoryTickets):
        async def snapshot(self, modes: object) -> Snapshot:
            seen = await super().snapshot(["duel"])
            [late] = await queued(self, 1)
            mirror.add(late)
            return seen

    store = JoinsMeanwhile()
    mirror = QueueMirror(store, ["duel"])
    assert (await mirror.look()).vanished == []
    assert len((await mirror.look()).waiting["duel"]) == 1


async def test_a_stopped_redis_leaves_the_memory_alone() -> None:
    store = MemoryTickets()
    [ticket] = await queued(store, 1)
    mirror = QueueMirror(store, ["duel"])
    await mirror.look()
    store.failing = True
    with pytest.raises(Unavailable):
        await mirror.look()
    assert mirror.mode_of(ticket.ticket_id) == "duel"
