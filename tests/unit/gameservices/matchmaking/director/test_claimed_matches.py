"""남은 claim에서 판을 다시 짠다: 모두 남았으면 같은 판, 하나라도 모르면 없다."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gameservices.matchmaking.director.allocator import Allocator
from gameservices.matchmaking.director.claimed_matches import ClaimedMatches
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


@pytest.fixture
def claimed() -> ClaimedMatches:
    servers = MemoryServers()
    return ClaimedMatches(
        tickets=MemoryTickets(),
        allocator=Allocator(servers),
        sessions=ScriptedSessions(servers),
        live=MemoryLive(),
        region=REGION,
        modes=MODES,
    )


async def test_a_claim_whose_tickets_are_all_there_is_the_same_match(claimed: ClaimedMatches) -> None:
    plan = await claimed_plan(claimed.tickets, await queued(claimed.tickets))
    claim = await claimed.tickets.read_claim(plan.match_id)
    assert claim is not None
    again = await claimed.plan_of(claim)
    assert again is not None
    assert again.create_request() == plan.create_request()


async def test_a_claim_that_lost_a_ticket_is_no_match(claimed: ClaimedMatches) -> None:
    plan = await claimed_plan(claimed.tickets, await queued(claimed.tickets))
    claim = await claimed.tickets.read_claim(plan.match_id)
    assert claim is not None
    assert await claimed.plan_of(replace(claim, ticket_ids=[*claim.ticket_ids, "gone"])) is None


async def test_a_claim_of_a_mode_nobody_knows_is_no_match(claimed: ClaimedMatches) -> None:
    plan = await claimed_plan(claimed.tickets, await queued(claimed.tickets))
    claim = await claimed.tickets.read_claim(plan.match_id)
    assert claim is not None
    assert await claimed.plan_of(replace(claim, mode="elsewhere")) is None
