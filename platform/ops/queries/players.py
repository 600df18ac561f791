"""선수의 목록: 새로 온 차례로, 또는 이름의 앞 글자로 찾아 이름의 차례로."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from kernel.errors import InvalidArgument
from kernel.ids import read_id
from matches.models import Rating
from ops.paging import PAGE_ROWS, Page, cut
from players.models import Player
from players.names import NAME_MAX_CHARS

NAMESAKES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ModeRating:
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
    ratings: tuple[ModeRating, ...]


def read_players(prefix: str, after: str = "", limit: int = PAGE_ROWS) -> Page[PlayerLine]:
    """한 쪽. `prefix`가 비면 새로 온 선수부터다. `after`는 앞쪽 마지막 선수의 번호다.

    Raises:
        InvalidArgument: `after`가 선수의 번호가 아니다.
    """
    after_id = read_id(after) or ""
    if after and not after_id:
        raise InvalidArgument("쪽 표시가 올바르지 않습니다")
    found = _by_name(prefix, after_id, limit) if prefix else newest_rows(after_id, limit)
    rows, has_more = cut(list(found), limit)
    return Page(_lines(rows), str(rows[-1].pk) if has_more else None)


def namesakes(prefix: str) -> list[Player]:
    """이름이 그렇게 시작하는 선수 몇 명. 글자가 똑같은 이름이 앞에 온다."""
    return list(prefix_rows(search_key(prefix), None, NAMESAKES_SHOWN))


def search_key(text: str) -> str:
    """찾는 글을 이름을 저장할 때의 모양으로(NFC), 대소문자를 가리지 않게."""
    return unicodedata.normalize("NFC", text).strip().lower()[:NAME_MAX_CHARS]


def newest_rows(after: str, limit: int = PAGE_ROWS) -> QuerySet[Player]:
    """번호가 UUIDv7이라 번호의 거꾸로가 새로 온 차례다. 시험이 EXPLAIN한다."""
    rows = Player.objects.filter(pk__lt=after) if after else Player.objects.all()
    return rows.order_by("-pk")[: limit + 1]


def prefix_rows(key: str, after: tuple[str, str] | None, limit: int) -> QuerySet[Player]:
    """이름이 `key`로 시작하는 선수들. `after`는 앞쪽 마지막의 (찾는 이름, 번호)다. 시험이 EXPLAIN한다."""
    # 칸의 정렬이 utf8mb4_bin이라 istartswith(LIKE)는 색인의 범위가 된다. startswith(LIKE BINARY)는 아니다.
    rows = Player.objects.filter(name_key__istartswith=key)
    if after is not None:
        name, player_id = after
        rows = rows.filter(Q(name_key__gt=name) | Q(pk__gt=player_id), name_key__gte=name)
    return rows.order_by("name_key", "pk")[:limit]


def _by_name(prefix: str, after: str, limit: int) -> QuerySet[Player]:
    key = search_key(prefix)
    if not after:
        return prefix_rows(key, None, limit + 1)
    last = Player.objects.filter(pk=after).only("name_key").first()
    if last is None:
        raise InvalidArgument("쪽 표시가 올바르지 않습니다")
    return prefix_rows(key, (last.name_key, after), limit + 1)


def _lines(rows: Sequence[Player]) -> tuple[PlayerLine, ...]:
    ratings: dict[UUID, list[ModeRating]] = {row.pk: [] for row in rows}
    for rating in Rating.objects.filter(player_id__in=ratings.keys()).order_by("player_id", "mode"):
        ratings[rating.player_id].append(ModeRating(rating.mode, rating.mu, rating.sigma, rating.games))
    return tuple(PlayerLine(str(row.pk), row.name, row.created_at, tuple(ratings[row.pk])) for row in rows)
