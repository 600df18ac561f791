"""끝난 방의 결과(MatchOutcome)와, 그것이 어떻게 정해졌는지(Verdict). 데이터베이스를 모른다.

결과의 규칙과 지문은 matches.outcome이 안다.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gameservices.session.rooms.room import AnyRoom
from matches.outcome import MatchOutcome, PlayerOutcome


class ResultRow(Protocol):
    """쓰인 성적 한 줄. 레이팅은 움직인 판에만 있다."""

    @property
    def player_id(self) -> str: ...
    @property
    def place(self) -> int: ...
    @property
    def score(self) -> int: ...
    @property
    def rating_before(self) -> float | None: ...
    @property
    def rating_after(self) -> float | None: ...
    @property
    def conceded(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class KnownPlayer:
    """저장된 선수."""

    name: str
    is_bot: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """정해진 결과. `abort_code`가 있으면 무효가 된 판이고 `results`는 비어 있다."""

    match_id: str
    abort_code: str
    player_ids: tuple[str, ...]
    results: tuple[ResultRow, ...]


def outcome_of(room: AnyRoom, server_id: str, traceparent: str) -> MatchOutcome:
    """끝난 방의 결과. 무효가 된 판도 그때까지의 순위를 담는다(레이팅에는 쓰이지 않는다).

    `traceparent`는 결과를 쓰는 일이 이을 추적이다. 저널을 지나 다른 서버가 써도 이어진다.
    """
    plan = room.plan
    return MatchOutcome(
        match_id=plan.match_id,
        mode=plan.mode.spec.name,
        region=plan.region,
        server_id=server_id,
        status="aborted" if room.abort_code else "finalized",
        abort_code=room.abort_code,
        players=tuple(
            PlayerOutcome(player_id=row.player_id, place=row.place, score=row.score, conceded=row.conceded)
            for row in room.standings()
        ),
        created_at_ms=plan.created_at_ms,
        started_at_ms=room.started_at_ms,
        ended_at_ms=room.ended_at_ms,
        ticks=room.tick,
        seed=plan.seed,
        queued_at_ms=plan.queued_at_ms,
        traceparent=traceparent,
    )
