"""파일로 받는 목록: 판은 앉은 사람마다, 선수는 모드마다 한 줄. 칸의 뜻은 POLICIES.md의 `CSV의 칸`이다."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matches.models import MatchResult, MatchStatus, RatingChange
from ops.csv_export import utc_cell
from ops.paging import Page
from ops.queries.matches import MatchFilter, match_rows
from ops.queries.names import names_of
from ops.queries.players import ListedRating, read_players

EXPORT_MATCHES = 200  # 한 번에 읽는 판. 백 명이 앉은 판이어도 2만 줄이다
EXPORT_PLAYERS = 500
MATCH_COLUMNS = (
    "match_id", "mode", "status", "abort_code", "region", "server_id", "queued_at", "created_at",
    "started_at", "ended_at", "finalized_at", "duration_ms", "ticks", "players", "seat", "player_id",
    "player_name", "place", "score", "mu_before", "sigma_before", "mu_after", "sigma_after",
    "conceded",
)  # fmt: skip
PLAYER_COLUMNS = ("player_id", "player_name", "created_at", "mode", "mu", "sigma", "games", "is_bot")
Cells = tuple[Any, ...]


def seat_lines(wanted: MatchFilter, after: str) -> Page[Cells]:
    """거른 판들의 한 쪽을, 앉은 사람마다 한 줄로(MATCH_COLUMNS의 차례)."""
    page = match_rows(wanted, after, EXPORT_MATCHES)
    return Page(tuple(_seats(page.rows)), page.following)


def _seats(rows: Sequence[MatchResult]) -> Iterator[Cells]:
    ids = [row.match_id for row in rows]
    changes = {
        (change.match_id, str(change.player_id)): change
        for change in RatingChange.objects.filter(match_id__in=ids)  # type: ignore[misc]
    }
    names = names_of(seat["player_id"] for row in rows for seat in row.players)
    for row in rows:
        match = _match_cells(row)
        for number, seat in enumerate(row.players, start=1):
            player_id = seat["player_id"]
            # 중단된 판의 순위는 그때까지의 것일 뿐이다.
            place = seat["place"] if row.status == MatchStatus.FINALIZED else None
            change = changes.get((row.match_id, player_id))
            ratings = _rating_cells(change)
            yield (
                *match,
                number,
                player_id,
                names.get(player_id, ""),
                place,
                seat["score"],
                *ratings,
                int(seat.get("conceded", False)),
            )


def _match_cells(row: MatchResult) -> Cells:
    began = row.started_at or row.created_at
    return (
        str(row.match_id), row.mode, row.status, row.abort_code, row.region, row.server_id,
        utc_cell(row.queued_at), utc_cell(row.created_at), utc_cell(row.started_at), utc_cell(row.ended_at),
        utc_cell(row.finalized_at), round((row.ended_at - began).total_seconds() * 1000), row.ticks,
        len(row.players),
    )  # fmt: skip


def _rating_cells(change: RatingChange | None) -> Cells:
    if change is None:
        return (None,) * 4
    return change.mu_before, change.sigma_before, change.mu_after, change.sigma_after


def rating_lines(query: str, after: str) -> Page[Cells]:
    """찾은 선수들의 한 쪽을, 모드마다 한 줄로(PLAYER_COLUMNS의 차례). 둔 적이 없으면 모드가 빈 한 줄이다."""
    page = read_players(query, after, EXPORT_PLAYERS)
    return Page(
        tuple(
            (row.player_id, row.name, utc_cell(row.created_at), *_mode_cells(rating), int(row.is_bot))
            for row in page.rows
            for rating in row.ratings or (None,)
        ),
        page.following,
    )


def _mode_cells(rating: ListedRating | None) -> Cells:
    return (None,) * 4 if rating is None else (rating.mode, rating.mu, rating.sigma, rating.games)
