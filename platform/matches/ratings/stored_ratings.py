"""레이팅의 읽기. matchmaking과 session이 실행기의 스레드에서 부른다(막힌다)."""

from __future__ import annotations

from collections.abc import Iterable

from database.transactions import run_transaction
from matches.models import Rating as RatingRow
from matches.ratings.rating import NEWCOMER, RatingValue


def read_ratings(player_ids: Iterable[str], mode: str) -> dict[str, RatingValue]:
    """선수들의 지금 레이팅. 아직 없는 선수는 처음 값(1500, 500, 0판)이다.

    Raises:
        Unavailable: 데이터베이스가 지금은 일할 수 없다.
    """
    wanted = list(player_ids)
    rows = run_transaction(lambda: list(RatingRow.objects.filter(player_id__in=wanted, mode=mode)))
    known = {str(row.player_id): RatingValue(row.mu, row.sigma, row.games) for row in rows}
    return {player_id: known.get(player_id, NEWCOMER) for player_id in wanted}
