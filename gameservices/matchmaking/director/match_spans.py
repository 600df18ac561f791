"""잡은 판의 추적: 줄에서 보낸 시간과 claim을 지난 스팬으로 적고, 판을 만드는 일이 이을 자리를 준다.

판의 추적은 가장 오래 기다린 선수의 것이다. 다른 선수의 기다림은 제 추적에 있고 여기서 link로 잇는다.
"""

from __future__ import annotations

from gameservices.matchmaking.director.match_plan import MatchPlan
from telemetry.tracing import past_span, traceparent_of


def trace_claim(plan: MatchPlan, *, asked_ms: int, heard_ms: int) -> str:
    """표마다 `queue.wait`, 판에 `match.claim`(물은 때부터 들은 때까지, ms)을 적고 그 traceparent를 준다."""
    facts = {"hanpan.match_id": plan.match_id, "hanpan.mode": plan.spec.name}
    waits = [
        past_span(
            "queue.wait",
            parent=ticket.traceparent,
            start_ms=ticket.joined_ms,
            end_ms=plan.claimed_ms,
            attributes=facts,
        )
        for ticket in plan.tickets
    ]
    return traceparent_of(
        past_span(
            "match.claim",
            parent=waits[0],
            start_ms=asked_ms,
            end_ms=heard_ms,
            links=waits[1:],
            attributes=facts,
        )
    )
