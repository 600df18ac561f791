"""판 하나의 모든 것: 끝난 판은 MariaDB에서, 도는 판은 Redis에서."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel.clock import epoch_ms
from kernel.errors import NotFound
from matches.lookup import find_match, live_match
from matches.models import MatchResult, MatchStatus, RatingChange
from matches.results.outside import REGION as OUTSIDE_REGION
from ops.queries.names import names_of
from ops.timeline import MatchTimes
from redisstore.live_matches import LiveMatch


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSeat:
    """앉은 선수. 등수와 레이팅은 끝난 판에만 있다."""

    player_id: str
    name: str
    place: int | None = None
    score: int | None = None
    conceded: bool = False
    mu_before: float | None = None
    mu_after: float | None = None
    sigma_before: float | None = None
    sigma_after: float | None = None

    @property
    def delta(self) -> float | None:
        """레이팅의 변화."""
        if self.mu_before is None or self.mu_after is None:
            return None
        return self.mu_after - self.mu_before


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRecord:
    """판 하나. `row_id`는 MariaDB에 있을 때의 행 번호, `status`는 created, running, ended까지 다섯 가지다."""

    match_id: str
    row_id: int | None
    status: str
    abort_code: str
    mode: str
    region: str
    server_id: str
    ticks: int | None
    seed: int | None
    digest: str
    trace_id: str
    times: MatchTimes
    seats: tuple[MatchSeat, ...]

    @property
    def is_live(self) -> bool:
        """아직 MariaDB가 끝을 모르는가."""
        return self.row_id is None

    @property
    def is_outside(self) -> bool:
        """밖의 게임 서버가 알린 판인가. 우리 session 서버는 이 판을 모른다."""
        return self.region == OUTSIDE_REGION

    @property
    def conceded(self) -> list[MatchSeat]:
        """판을 포기한 사람들."""
        return [seat for seat in self.seats if seat.conceded]


def read_match(match_id: str) -> MatchRecord:
    """판 하나.

    Raises:
        NotFound: 어디에도 없다.
        Unavailable: MariaDB에 없는데 Redis가 답하지 않는다.
    """
    match find_match(match_id, stored=_stored, live=live_match):
        case MatchRecord() as stored:
            return stored
        case LiveMatch() as live:
            return _live(live)
    raise NotFound("그런 판이 없습니다")


def _stored(match_id: str) -> MatchRecord | None:
    row = MatchResult.objects.filter(match_id=match_id).first()
    if row is None:
        return None
    changes = {str(change.player_id): change for change in RatingChange.objects.filter(match=row)}
    names = names_of(player["player_id"] for player in row.players)
    return MatchRecord(
        match_id=str(row.match_id),
        row_id=row.pk,
        status=row.status,
        abort_code=row.abort_code,
        mode=row.mode,
        region=row.region,
        server_id=row.server_id,
        ticks=row.ticks,
        seed=row.seed,
        digest=row.digest,
        trace_id=row.trace_id,
        times=MatchTimes(
            queued_ms=_ms(row.queued_at),
            created_ms=_ms(row.created_at) or 0,
            started_ms=_ms(row.started_at),
            ended_ms=_ms(row.ended_at),
            finalized_ms=_ms(row.finalized_at),
            is_rated=row.status == MatchStatus.FINALIZED,
        ),
        seats=tuple(
            _seat(player, names, changes.get(player["player_id"]), row.status) for player in row.players
        ),
    )


def _seat(
    player: dict[str, Any], names: dict[str, str], change: RatingChange | None, status: str
) -> MatchSeat:
    player_id = player["player_id"]
    name = names.get(player_id, player_id)
    # 중단된 판의 순위는 그때까지의 것일 뿐이라 등수로 보이지 않는다.
    place = player["place"] if status == MatchStatus.FINALIZED else None
    conceded = player.get("conceded", False)  # v1.5.0이 쓴 행에는 없다
    if change is None:
        return MatchSeat(
            player_id=player_id, name=name, place=place, score=player["score"], conceded=conceded
        )
    return MatchSeat(
        player_id=player_id,
        name=name,
        place=place,
        score=player["score"],
        conceded=conceded,
        mu_before=change.mu_before,
        mu_after=change.mu_after,
        sigma_before=change.sigma_before,
        sigma_after=change.sigma_after,
    )


def _live(match: LiveMatch) -> MatchRecord:
    names = names_of(match.player_ids)
    return MatchRecord(
        match_id=match.match_id,
        row_id=None,
        status=match.status,
        abort_code="",
        mode=match.mode,
        region=match.region,
        server_id=match.server_id,
        ticks=None,
        seed=None,
        digest="",
        trace_id="",
        times=MatchTimes(
            queued_ms=match.queued_at_ms or None,
            created_ms=match.created_at_ms,
            started_ms=match.started_at_ms or None,
            ended_ms=match.ended_at_ms or None,
            finalized_ms=None,
            is_rated=False,
        ),
        seats=tuple(
            MatchSeat(player_id=player_id, name=names.get(player_id, player_id))
            for player_id in match.player_ids
        ),
    )


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else epoch_ms(moment)
