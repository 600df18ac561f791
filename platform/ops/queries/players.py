"""선수의 목록: 새로 온 차례로, 또는 이름에서 찾아 이름의 차례로(name_search)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from kernel.errors import InvalidArgument
from kernel.ids import read_id
from matches.models import Rating
from ops.paging import PAGE_ROWS, Page, cut
from ops.queries.name_search import Found, Position, find_names
from players.models import Player

NAMESAKES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ListedRating:
    """한 모드의 레이팅."""

    mode: str
    mu: float
    sigma: float
    games: int


@dataclass(frozen=True, slots=True)
class PlayerLine:
    """목록의 한 줄."""

    player_id: str
    name: str
    created_at: datetime
    is_bot: bool
    ratings: tuple[ListedRating, ...]


def read_players(query: str, after: str = "", limit: int = PAGE_ROWS) -> Page[PlayerLine]:
    """한 쪽. `query`가 비면 새로 온 선수부터, 아니면 이름에서 찾는다. `after`는 앞쪽 마지막 선수의 번호다.

    Raises:
        InvalidArgument: `after`가 선수의 번호가 아니다.
    """
    after_id = read_id(after) or ""
    if after and not after_id:
        raise InvalidArgument("쪽 표시가 올바르지 않습니다")
    if not query:
        rows, has_more = cut(list(newest_rows(after_id, limit)), limit)
        return Page(_lines(rows), str(rows[-1].pk) if has_more else None)
    found = find_names(query, _position(after_id), limit + 1)
    rows, has_more = cut(found.rows, limit)
    return Page(_lines(rows), str(rows[-1].pk) if has_more else None, is_complete=found.is_complete)


def namesakes(query: str) -> Found:
    """이름에 그 글이 든 선수 몇 명. 글자가 똑같은 이름이 앞에 온다."""
    return find_names(query, None, NAMESAKES_SHOWN)


def newest_rows(after: str, limit: int = PAGE_ROWS) -> QuerySet[Player]:
    """번호가 UUIDv7이라 번호의 거꾸로가 새로 온 차례다. 시험이 EXPLAIN한다."""
    rows = Player.objects.filter(pk__lt=after) if after else Player.objects.all()
    return rows.order_by("-pk")[: limit + 1]


def _position(after_id: str) -> Position | None:
    if not after_id:
        return None
    last = Player.objects.filter(pk=after_id).only("name_key").first()
    if last is None:
        raise InvalidArgument("쪽 표시가 올바르지 않습니다")
    return last.name_key, after_id


def _lines(rows: Sequence[Player]) -> tuple[PlayerLine, ...]:
    ratings: dict[UUID, list[ListedRating]] = {row.pk: [] for row in rows}
    for rating in Rating.objects.filter(player_id__in=ratings.keys()).order_by("player_id", "mode"):
        ratings[rating.player_id].append(ListedRating(rating.mode, rating.mu, rating.sigma, rating.games))
    return tuple(
        PlayerLine(str(row.pk), row.name, row.created_at, row.is_bot, tuple(ratings[row.pk])) for row in rows
    )
