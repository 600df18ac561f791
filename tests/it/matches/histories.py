"""시험이 쓰는 많은 판."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from kernel.ids import new_id
from matches.models import AbortedSeat, MatchResult, RatingChange

START = datetime(2026, 1, 1, tzinfo=UTC)


def store_matches(
    count: int, players: Sequence[str], *, mode: str = "duel", aborted: bool = False, first: int = 0
) -> list[str]:
    """두 사람씩 짝지은 판 `count`개를 통째로 넣고 그 번호를 넣은 차례로 준다."""
    rows = [_row(first + index, _pair(players, index), mode, aborted) for index in range(count)]
    MatchResult.objects.bulk_create(rows)
    kind = AbortedSeat if aborted else RatingChange
    fields: dict[str, Any] = (
        {} if aborted else {"mu_before": 1500, "sigma_before": 300, "mu_after": 1510, "sigma_after": 290}
    )
    kind.objects.bulk_create(
        kind(match_id=row.match_id, player_id=seat["player_id"], mode=mode, **fields)
        for row in rows
        for seat in row.players
    )
    return [str(row.match_id) for row in rows]


def _pair(players: Sequence[str], index: int) -> tuple[str, str]:
    return players[index % len(players)], players[(index + 1) % len(players)]


def _row(number: int, pair: tuple[str, str], mode: str, aborted: bool) -> MatchResult:
    at = START + timedelta(minutes=number)
    return MatchResult(
        match_id=new_id(), status="aborted" if aborted else "finalized",
        abort_code="SESSION_LOST" if aborted else "", mode=mode, region="local", server_id="session1",
        digest="d" * 64, queued_at=at, created_at=at + timedelta(seconds=2),
        started_at=at + timedelta(seconds=3), ended_at=at + timedelta(seconds=23),
        finalized_at=at + timedelta(seconds=24), ticks=400, seed=number,
        players=[{"player_id": player, "place": place, "score": 9} for place, player in enumerate(pair, 1)],
    )  # fmt: skip
