"""잡은 판의 추적: 기다림은 선수마다 제 추적에, claim은 가장 오래 기다린 선수의 추적에 있다."""

from __future__ import annotations

from dataclasses import replace

from gameservices.matchmaking.director.match_spans import trace_claim
from telemetry.tracing import span_context_of, traceparent_of
from tests.fakes.finished_spans import finished_spans
from tests.fakes.matchmaking_stage import claimed_plan, queued
from tests.fakes.memory_tickets import MemoryTickets

FIRST = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SECOND = "00-1bf7651916cd43dd8448eb211c80319c-a7ad6b7169203331-01"


async def test_each_wait_is_in_its_own_trace_and_the_claim_links_them() -> None:
    tickets = MemoryTickets()
    plan = await claimed_plan(tickets, await queued(tickets))
    first_ticket, second_ticket = plan.tickets
    plan = replace(
        plan,
        tickets=(replace(first_ticket, traceparent=FIRST), replace(second_ticket, traceparent=SECOND)),
        claimed_ms=first_ticket.joined_ms + 700,
    )
    with finished_spans() as out:
        traceparent = trace_claim(plan, asked_ms=5_000, heard_ms=5_003)
        first, second, claim = out.get_finished_spans()
    assert [span.name for span in (first, second, claim)] == ["queue.wait", "queue.wait", "match.claim"]
    assert (first.parent, second.parent) == (span_context_of(FIRST), span_context_of(SECOND))
    assert first.start_time is not None
    assert first.end_time == first.start_time + 700_000_000
    assert claim.parent == first.get_span_context()
    assert [link.context for link in claim.links] == [second.get_span_context()]
    assert (claim.start_time, claim.end_time) == (5_000_000_000, 5_003_000_000)
    assert traceparent == traceparent_of(claim.get_span_context())
    assert (claim.attributes or {})["hanpan.match_id"] == plan.match_id
