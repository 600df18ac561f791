"""순위표의 읽기: 색인 (mode, is_bot, mu 내림, player)을 자리에서부터 훑는다. 정렬하지 않고 건너뛰지 않는다.

봇을 넣은 표는 두 줄(사람, 봇)을 따로 훑어 합친다: 한 색인이 두 표를 다 준다.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from matches.cursor import Cursor
from matches.models import Rating
from players.models import Player

LIMIT_MAX = 100
LIMIT_DEFAULT = 20
AROUND_DEFAULT = 11


@dataclass(frozen=True, slots=True)
class LeaderboardEntry:
    """순위표 한 줄. 같은 레이팅은 player_id가 작은 쪽이 앞이며, 등수는 줄의 차례다."""

    rank: int
    player_id: str
    name: str
    rating: float
    games: int
    is_bot: bool


@dataclass(frozen=True, slots=True)
class LeaderboardPage:
    """한 쪽과, 뒤가 더 있으면 다음 쪽의 표시."""

    entries: tuple[LeaderboardEntry, ...]
    following: Cursor | None


@dataclass(frozen=True, slots=True)
class Around:
    """내 둘레. 이 표에 없으면(한 판도 끝내지 않았거나, 봇을 뺀 표의 봇) `rank`가 None이고 비어 있다."""

    rank: int | None
    entries: tuple[LeaderboardEntry, ...]


def read_page(mode: str, limit: int, after: Cursor | None, *, include_bots: bool = False) -> LeaderboardPage:
    """순위표 한 쪽. `limit`은 1부터 LIMIT_MAX다. 봇을 빼면 등수도 봇 없이 센다."""
    boards = [rows_after(mode, is_bot, after)[: limit + 1] for is_bot in _kinds(include_bots)]
    rows = _merged(boards, limit + 1)
    entries = _entries(rows[:limit], first_rank=1 if after is None else after.rank + 1)
    if len(rows) <= limit:
        return LeaderboardPage(entries, None)
    last = entries[-1]
    return LeaderboardPage(entries, Cursor(last.rating, last.player_id, last.rank))


def read_around(mode: str, player_id: str, limit: int, *, include_bots: bool = False) -> Around:
    """내 등수와, 나를 가운데 둔 `limit`줄. 표의 끝에 있으면 다른 쪽에서 더 채운다."""
    own = Rating.objects.filter(player_id=player_id, mode=mode).first()
    if own is None or (own.is_bot and not include_bots):
        return Around(None, ())
    place = Cursor(own.mu, player_id, 0)
    ahead = [rows_before(mode, is_bot, place) for is_bot in _kinds(include_bots)]
    behind = [rows_after(mode, is_bot, place) for is_bot in _kinds(include_bots)]
    rank = 1 + sum(board.count() for board in ahead)
    others = limit - 1
    above = _merged([board[:others] for board in ahead], others, nearest_first=True)
    below = _merged([board[:others] for board in behind], others)
    taken = above[: max(others // 2, others - len(below))]
    rows = [*reversed(taken), own, *below[: others - len(taken)]]
    return Around(rank, _entries(rows, first_rank=rank - len(taken)))


def rows_after(mode: str, is_bot: bool, after: Cursor | None) -> QuerySet[Rating]:
    """이 자리 뒤의 행들, 순위표의 차례로. 시험이 EXPLAIN한다.

    이름은 여기서 합치지 않는다: 조인하면 최적화기가 player부터 읽어 정렬하는 수가 있다.
    """
    rows = Rating.objects.filter(mode=mode, is_bot=is_bot)
    if after is not None:
        # mu <= x 가 색인의 범위를 정하고, 괄호가 같은 mu의 앞사람을 뺀다.
        rows = rows.filter(Q(mu__lt=after.mu) | Q(player_id__gt=after.player_id), mu__lte=after.mu)
    return rows.order_by("-mu", "player_id")


def rows_before(mode: str, is_bot: bool, before: Cursor) -> QuerySet[Rating]:
    """이 자리 앞의 행들, 가까운 것부터(색인을 거꾸로 훑는다). 세기만 하면 색인만 읽는다."""
    rows = Rating.objects.filter(mode=mode, is_bot=is_bot, mu__gte=before.mu)
    return rows.filter(Q(mu__gt=before.mu) | Q(player_id__lt=before.player_id)).order_by("mu", "-player_id")


def _kinds(include_bots: bool) -> tuple[bool, ...]:
    return (False, True) if include_bots else (False,)


def _merged(boards: Iterable[Iterable[Rating]], limit: int, *, nearest_first: bool = False) -> list[Rating]:
    """저마다 차례대로인 줄들을 하나로. `nearest_first`면 순위표의 거꾸로다."""
    merged = heapq.merge(*boards, key=lambda row: (-row.mu, str(row.player_id)), reverse=nearest_first)
    return [row for row, _ in zip(merged, range(limit), strict=False)]


def _entries(rows: list[Rating], *, first_rank: int) -> tuple[LeaderboardEntry, ...]:
    names = {
        player.pk: player.name
        for player in Player.objects.filter(pk__in=[row.player_id for row in rows]).only("name")
    }
    return tuple(
        LeaderboardEntry(rank, str(row.player_id), names[row.player_id], row.mu, row.games, row.is_bot)
        for rank, row in enumerate(rows, start=first_rank)
    )
