"""끝난 방의 결과(MatchOutcome). 데이터베이스를 모른다.

결과의 규칙과 지문은 matches.outcome이 안다.
"""

from __future__ import annotations

from gameservices.session.rooms.room import AnyRoom
from matches.outcome import MatchOutcome


def outcome_of(room: AnyRoom, server_id: str, traceparent: str) -> MatchOutcome:
    """끝난 방의 결과. 무효가 된 판도 그때까지의 순위를 담는다(레이팅에는 쓰이지 않는다).

    `traceparent`는 결과를 쓰는 일이 이을 추적이다. 일지를 지나 다른 서버가 써도 이어진다.
    """
    plan = room.plan
    return MatchOutcome(
        match_id=plan.match_id,
        mode=plan.mode.spec.name,
        region=plan.region,
        server_id=server_id,
        status="aborted" if room.abort_code else "finalized",
        abort_code=room.abort_code,
        players=room.standings(),
        created_at_ms=plan.created_at_ms,
        started_at_ms=room.started_at_ms,
        ended_at_ms=room.ended_at_ms,
        ticks=room.tick,
        seed=plan.seed,
        queued_at_ms=plan.queued_at_ms,
        traceparent=traceparent,
    )
