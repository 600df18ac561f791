"""판과 레이팅의 읽기. 쓰지 않으며 잠그지 않는다."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from database.transactions import run_transaction
from kernel.clock import epoch_ms
from matches.models import MatchResult, MatchStatus, RatingChange
from matches.models import Rating as RatingRow
from matches.outcome import StoredChange, StoredMatch, StoredResult
from matches.ratings.rating import NEWCOMER, RatingValue


@dataclass(frozen=True, slots=True)
class ModeRating:
    """한 모드의 레이팅."""

    mode: str
    mu: float
    games: int


def stored_match(match_id: str) -> StoredMatch | None:
    """끝난 판. 아직 끝나지 않았거나 모르는 판이면 None이다."""
    row = MatchResult.objects.filter(match_id=match_id).first()
    if row is None:
        return None
    return stored_from(row, RatingChange.objects.filter(match=row).order_by("player_id"))


def stored_from(row: MatchResult, change_rows: Iterable[RatingChange]) -> StoredMatch:
    """읽은 행들로 만든 끝난 판. `change_rows`는 선수 순이다."""
    changes = tuple(
        StoredChange(
            str(change.player_id), change.mu_before, change.sigma_before, change.mu_after, change.sigma_after
        )
        for change in change_rows
    )
    return StoredMatch(
        match_id=str(row.match_id),
        status=row.status,
        abort_code=row.abort_code,
        mode=row.mode,
        region=row.region,
        server_id=row.server_id,
        digest=row.digest,
        created_at_ms=epoch_ms(row.created_at),
        started_at_ms=epoch_ms(row.started_at) if row.started_at else None,
        ended_at_ms=epoch_ms(row.ended_at),
        player_ids=tuple(player["player_id"] for player in row.players),
        results=_results(row, changes),
        changes=changes,
    )


def ratings_of_player(player_id: str) -> list[ModeRating]:
    """한 선수의 모드별 레이팅. 한 판도 끝내지 않은 모드는 없다."""
    rows = RatingRow.objects.filter(player_id=player_id).order_by("mode")
    return [ModeRating(row.mode, row.mu, row.games) for row in rows]


def read_ratings(player_ids: Iterable[str], mode: str) -> dict[str, RatingValue]:
    """선수들의 지금 레이팅. 아직 없는 선수는 처음 값(1500, 500, 0판)이다. 워커는 실행기의 스레드에서 부른다.

    Raises:
        Unavailable: 데이터베이스가 지금은 일할 수 없다.
    """
    wanted = list(player_ids)
    rows = run_transaction(lambda: list(RatingRow.objects.filter(player_id__in=wanted, mode=mode)))
    known = {str(row.player_id): RatingValue(row.mu, row.sigma, row.games) for row in rows}
    return {player_id: known.get(player_id, NEWCOMER) for player_id in wanted}


def _results(row: MatchResult, changes: tuple[StoredChange, ...]) -> tuple[StoredResult, ...]:
    if row.status == MatchStatus.ABORTED:
        return ()
    by_player = {change.player_id: change for change in changes}
    return tuple(
        StoredResult(
            player["player_id"],
            player["place"],
            player["score"],
            by_player[player["player_id"]].mu_before,
            by_player[player["player_id"]].mu_after,
            player.get("conceded", False),  # v1.5.0이 쓴 행에는 없다
        )
        for player in row.players
    )
