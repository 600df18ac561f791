"""다시 이어진 gateway가 묻는 표들: 아직이면 말하지 않고, 얻은 판과 사라진 표만 알린다."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gameservices.matchmaking.director.allocator import Allocator
from gameservices.matchmaking.director.claimed_matches import ClaimedMatches
from gameservices.matchmaking.director.match_plan import MatchPlan
from gameservices.matchmaking.director.missed_events import MissedEvents
from kernel.errors import Unavailable
from kernel.ids import new_id
from redisstore.tickets.rows import ClaimSettlement, Ticket, TicketAdoptRequest
from tests.fakes.matchmaking_stage import (
    MODES,
    REGION,
    MemoryLive,
    MemoryServers,
    ScriptedSessions,
    claimed_plan,
    queued,
)
from tests.fakes.memory_tickets import MemoryTickets


@dataclass
class Stage:
    tickets: MemoryTickets
    servers: MemoryServers
    sessions: ScriptedSessions
    live: MemoryLive
    missed_events: MissedEvents

    async def made(self, seated: list[Ticket]) -> MatchPlan:
        """만들어져 정해진 판."""
        plan = await claimed_plan(self.tickets, seated)
        self.servers.confirmed[plan.match_id] = "session1"
        self.live.run(plan.match_id)
        await self.tickets.settle([ClaimSettlement("duel", plan.match_id, plan.ticket_ids)])
        return plan


@pytest.fixture
def stage() -> Stage:
    tickets, servers, live = MemoryTickets(), MemoryServers(), MemoryLive()
    sessions = ScriptedSessions(servers)
    claimed = ClaimedMatches(
        tickets=tickets,
        allocator=Allocator(servers),
        sessions=sessions,
        live=live,
        region=REGION,
        modes=MODES,
    )
    missed_events = MissedEvents(claimed)
    return Stage(tickets, servers, sessions, live, missed_events)


async def test_a_ticket_still_waiting_needs_no_news(stage: Stage) -> None:
    [ticket] = await queued(stage.tickets, 1)
    found = await stage.missed_events.look_up("gateway1", [ticket.ticket_id])
    assert (found.events, found.open_ticket_ids) == ([], set())


async def test_a_ticket_that_is_gone_is_a_timeout(stage: Stage) -> None:
    gone = new_id()
    [event] = (await stage.missed_events.look_up("gateway1", [gone])).events
    assert event.queue_timeout.ticket_id == gone


async def test_a_match_found_meanwhile_is_told_again_with_the_same_seats(stage: Stage) -> None:
    [mine] = await queued(stage.tickets, 1)
    [theirs] = await queued(stage.tickets, 1, gateway_id="gateway2")
    plan = await stage.made([mine, theirs])
    [event] = (await stage.missed_events.look_up("gateway1", [mine.ticket_id])).events
    assert event.match_found.match_id == plan.match_id
    assert len(event.match_found.players) == 2
    [seat] = event.match_found.seats
    assert (seat.ticket_id, seat.resume_token) == (mine.ticket_id, f"rs-{mine.player_id}")


async def test_two_tickets_of_one_match_are_one_piece_of_news(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    await stage.made(pair)
    found = await stage.missed_events.look_up("gateway1", [ticket.ticket_id for ticket in pair])
    assert len(found.events) == 1
    assert len(found.events[0].match_found.seats) == 2


async def test_a_match_that_is_already_over_is_a_timeout(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    plan = await stage.made(pair)
    del stage.live.matches[plan.match_id]
    [event] = (await stage.missed_events.look_up("gateway1", [pair[0].ticket_id])).events
    assert event.queue_timeout.conn_id == 7


async def test_a_match_still_in_the_making_is_asked_about_again(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    await claimed_plan(stage.tickets, pair)
    found = await stage.missed_events.look_up("gateway1", [pair[0].ticket_id])
    assert (found.events, found.open_ticket_ids) == ([], {pair[0].ticket_id})


async def test_a_question_that_failed_is_asked_again(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    await stage.made(pair)
    stage.sessions.script = lambda *_: Unavailable()
    found = await stage.missed_events.look_up("gateway1", [pair[0].ticket_id])
    assert (found.events, found.open_ticket_ids) == ([], {pair[0].ticket_id})
    stage.tickets.failing = True
    assert (await stage.missed_events.look_up("gateway1", ["t"])).open_ticket_ids == {"t"}


async def test_a_ticket_that_moved_to_another_gateway_is_told_as_moved(stage: Stage) -> None:
    [ticket] = await queued(stage.tickets, 1)
    await stage.tickets.adopt(TicketAdoptRequest(ticket.player_id, ticket.ticket_id, "gateway2", 9))
    found = await stage.missed_events.look_up("gateway1", [ticket.ticket_id])
    [event] = found.events
    assert (event.ticket_moved.ticket_id, event.ticket_moved.owner_conn_id) == (ticket.ticket_id, 9)
    assert (await stage.missed_events.look_up("gateway2", [ticket.ticket_id])).events == []


async def test_a_match_of_a_ticket_that_moved_is_not_told_to_the_gateway_it_left(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    await stage.tickets.adopt(TicketAdoptRequest(pair[0].player_id, pair[0].ticket_id, "gateway2", 9))
    await stage.made([stage.tickets.rows[ticket.ticket_id].ticket for ticket in pair])
    [event] = (await stage.missed_events.look_up("gateway1", [pair[0].ticket_id])).events
    assert event.HasField("ticket_moved")
    [event] = (await stage.missed_events.look_up("gateway2", [pair[0].ticket_id])).events
    assert [seat.conn_id for seat in event.match_found.seats] == [9]
