"""순위표의 읽기: 색인 (mode, mu 내림, player)을 앞에서부터 훑는다. 정렬하지 않고 건너뛰지 않는다."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from matches.cursor import Cursor
from matches.models import Rating
from players.models import Player

LIMIT_MAX = 100
LIMIT_DEFAULT = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """순위표 한 줄. 같은 레이팅은 player_id가 작은 쪽이 앞이며, 등수는 줄의 차례다."""

    rank: int
    player_id: str
    name: str
    rating: float
    games: int
    is_bot: bool


@dataclass(frozen=True, slots=True)
class Page:
    """한 쪽과, 뒤가 더 있으면 다음 쪽의 표시."""

    entries: tuple[Entry, ...]
    following: Cursor | None


def page_rows(mode: str, limit: int, after: Cursor | None, *, include_bots: bool = False) -> QuerySet[Rating]:
    """한 쪽의 행들(뒤가 더 있는지 알려고 하나 더). 시험이 EXPLAIN한다.

    이름은 여기서 합치지 않는다: 조인하면 최적화기가 player부터 읽어 정렬하는 수가 있다.
    """
    rows = _board(mode, include_bots)
    if after is not None:
        # mu <= x 가 색인의 범위를 정하고, 괄호가 같은 mu의 앞사람을 뺀다.
        rows = rows.filter(Q(mu__lt=after.mu) | Q(player_id__gt=after.player_id), mu__lte=after.mu)
    return rows.order_by("-mu", "player_id")[: limit + 1]


def read_page(mode: str, limit: int, after: Cursor | None, *, include_bots: bool = False) -> Page:
    """순위표 한 쪽. `limit`은 1부터 LIMIT_MAX다. 봇을 빼면 등수도 봇 없이 센다."""
    rows = list(page_rows(mode, limit, after, include_bots=include_bots))
    shown = rows[:limit]
    names = {
        player.pk: player.name
        for player in Player.objects.filter(pk__in=[row.player_id for row in shown]).only("name")
    }
    first_rank = 1 if after is None else after.rank + 1
    entries = tuple(
        Entry(rank, str(row.player_id), names[row.player_id], row.mu, row.games, row.is_bot)
        for rank, row in enumerate(shown, start=first_rank)
    )
    if len(rows) <= limit:
        return Page(entries, None)
    last = entries[-1]
    return Page(entries, Cursor(last.rating, last.player_id, last.rank))


def _board(mode: str, include_bots: bool) -> QuerySet[Rating]:
    rows = Rating.objects.filter(mode=mode)
    return rows if include_bots else rows.filter(is_bot=False)
