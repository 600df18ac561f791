"""끝난 판의 추적: 판 전체와 선수마다의 자리를 지난 스팬으로 적는다. 도는 동안에는 아무것도 열어 두지 않는다.

판은 그것을 연 추적에, 자리는 앉은 선수의 추적에 있고 자리가 판을 link로 가리킨다.
"""

from __future__ import annotations

from gameservices.session.rooms.room import AnyRoom
from telemetry.tracing import past_span, traceparent_of


def trace_match(room: AnyRoom) -> str:
    """`match`와 자리마다의 `seat.played`를 적고, 결과를 쓰는 일이 이을 traceparent를 준다."""
    plan = room.plan
    start_ms = room.started_at_ms or plan.created_at_ms
    match = past_span(
        "match",
        parent=plan.traceparent,
        start_ms=start_ms,
        end_ms=room.ended_at_ms,
        attributes={
            "hanpan.match_id": plan.match_id,
            "hanpan.mode": plan.mode.spec.name,
            "hanpan.ticks": room.tick,
            "hanpan.abort_code": room.abort_code,
        },
    )
    for seat in room.seats:
        if seat.traceparent:
            past_span(
                "seat.played",
                parent=seat.traceparent,
                start_ms=start_ms,
                end_ms=room.ended_at_ms,
                links=[match],
                attributes={"hanpan.match_id": plan.match_id},
            )
    return traceparent_of(match)
