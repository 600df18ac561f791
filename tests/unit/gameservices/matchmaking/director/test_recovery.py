"""되살리기: 만들어지지 않은 판은 되돌리고, 만들어진 판은 알리고, 모르는 판은 기다린다."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gameservices.matchmaking.director.allocator import Allocator
from gameservices.matchmaking.director.claimed_matches import ClaimedMatches
from gameservices.matchmaking.director.placement import MatchPlacement
from gameservices.matchmaking.director.recovery import GIVE_UP_AFTER_MS, RECOVER_AFTER_MS, Recovery
from gameservices.matchmaking.queue.watch_hub import GatewayStream, WatchHub
from hanpan.v1.matchmaking_pb2 import WatchEvent
from kernel.errors import Unavailable
from redisstore.tickets.rows import TicketState
from tests.fakes.manual_clock import ManualClock
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
    recovery: Recovery
    stream: GatewayStream

    async def sweep_after(self, wait_ms: int) -> list[WatchEvent]:
        self.tickets.now_ms += wait_ms
        await self.recovery.sweep(self.tickets.now_ms)
        return await self.stream.next(timeout_s=0)


@pytest.fixture
def stage() -> Stage:
    tickets, servers, live, hub = MemoryTickets(), MemoryServers(), MemoryLive(), WatchHub()
    sessions, allocator = ScriptedSessions(servers), Allocator(servers)
    maker = MatchPlacement(
        tickets=tickets,
        allocator=allocator,
        sessions=sessions,
        hub=hub,
        clock=ManualClock(),
        wake_matcher=lambda: None,
    )
    claimed = ClaimedMatches(
        tickets=tickets, allocator=allocator, sessions=sessions, live=live, region=REGION, modes=MODES
    )
    recovery = Recovery(claimed, maker)
    return Stage(tickets, servers, sessions, live, recovery, hub.open("gateway1"))


async def test_a_young_claim_is_left_to_its_owner(stage: Stage) -> None:
    plan = await claimed_plan(stage.tickets, await queued(stage.tickets))
    assert await stage.sweep_after(RECOVER_AFTER_MS - 1) == []
    assert plan.match_id in stage.tickets.claims


async def test_a_match_that_was_claimed_but_never_placed_is_queued_again(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    await claimed_plan(stage.tickets, pair)
    assert await stage.sweep_after(RECOVER_AFTER_MS) == []
    assert stage.tickets.names["duel"] == {ticket.ticket_id: ticket.joined_ms for ticket in pair}


async def test_a_leased_but_unconfirmed_match_loses_its_lease_and_is_queued_again(stage: Stage) -> None:
    plan = await claimed_plan(stage.tickets, await queued(stage.tickets))
    await stage.servers.allocate(plan.match_id)
    await stage.sweep_after(RECOVER_AFTER_MS)
    assert stage.servers.leases == {}
    assert plan.match_id not in stage.tickets.claims


async def test_a_match_that_was_made_but_not_told_is_told_by_whoever_is_alive(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    plan = await claimed_plan(stage.tickets, pair)
    stage.servers.confirmed[plan.match_id] = "session1"
    [event] = await stage.sweep_after(RECOVER_AFTER_MS)
    assert event.match_found.match_id == plan.match_id
    assert [seat.ticket_id for seat in event.match_found.seats] == [t.ticket_id for t in pair]
    assert [r.SerializeToString() for r in stage.sessions.requests] == [
        plan.create_request().SerializeToString()
    ], "처음과 같은 말로 묻는다"
    assert {stage.tickets.rows[t.ticket_id].state for t in pair} == {TicketState.MATCHED}
    assert await stage.sweep_after(1_000) == []


async def test_a_confirmed_server_that_does_not_answer_is_waited_for_and_then_given_up(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    plan = await claimed_plan(stage.tickets, pair)
    stage.servers.confirmed[plan.match_id] = "session1"
    stage.sessions.script = lambda *_: Unavailable()
    assert await stage.sweep_after(RECOVER_AFTER_MS) == []
    events = await stage.sweep_after(GIVE_UP_AFTER_MS - RECOVER_AFTER_MS)
    assert [e.queue_timeout.ticket_id for e in events] == [ticket.ticket_id for ticket in pair]
    assert {stage.tickets.guards[t.player_id] for t in pair} == {f"match:{plan.match_id}"}, (
        "판이 있을 수 있으니 되돌리지 않는다"
    )
    assert await stage.sweep_after(1_000) == []


async def test_a_claim_that_lapsed_goes_back_unless_its_match_is_alive(stage: Stage) -> None:
    lost = await queued(stage.tickets)
    alive = await queued(stage.tickets)
    lost_plan = await claimed_plan(stage.tickets, lost)
    alive_plan = await claimed_plan(stage.tickets, alive)
    stage.tickets.claims.clear()
    stage.live.run(alive_plan.match_id)
    events = await stage.sweep_after(40_000)
    assert {e.queue_timeout.ticket_id for e in events} == {ticket.ticket_id for ticket in alive}
    assert set(stage.tickets.names["duel"]) == {ticket.ticket_id for ticket in lost}
    assert stage.tickets.guards[alive[0].player_id] == f"match:{alive_plan.match_id}"
    assert stage.tickets.guards[lost[0].player_id] != f"match:{lost_plan.match_id}"


async def test_a_claimed_name_without_its_row_is_swept(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    await claimed_plan(stage.tickets, pair)
    for ticket in pair:
        del stage.tickets.rows[ticket.ticket_id]
    await stage.sweep_after(RECOVER_AFTER_MS)
    assert stage.tickets.names["duel"] == {}


async def test_a_match_this_process_is_still_making_is_not_touched(stage: Stage) -> None:
    plan = await claimed_plan(stage.tickets, await queued(stage.tickets))
    stage.servers.failing = True
    stage.recovery._placement.start(plan)
    assert await stage.sweep_after(RECOVER_AFTER_MS) == []
    stage.servers.failing = False
    await stage.recovery._placement.drain()
    (event,) = await stage.stream.next(timeout_s=0)
    assert event.HasField("match_found")
