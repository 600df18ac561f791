"""선수 하나: 레이팅과 그 자취, 판마다의 성적."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from kernel.errors import NotFound, Unavailable
from matches.models import Rating, RatingChange
from players.models import Player
from redisstore.platform_client import redis_gate
from redisstore.tickets.reads import player_guard_sync
from redisstore.tickets.rows import MATCH_PREFIX

HISTORY_CHANGES = 200


@dataclass(frozen=True, slots=True)
class RatingCard:
    """한 모드의 지금 레이팅."""

    mode: str
    mu: float
    sigma: float
    games: int


@dataclass(frozen=True, slots=True)
class PlayerRecord:
    """선수와 모드마다의 레이팅."""

    player_id: str
    name: str
    created_at: datetime
    ratings: tuple[RatingCard, ...]


@dataclass(frozen=True, slots=True)
class RatingMove:
    """판 하나의 레이팅 변화."""

    match_id: str
    before: float
    after: float

    @property
    def delta(self) -> float:
        return self.after - self.before


def read_player(player_id: str) -> PlayerRecord:
    """선수 하나.

    Raises:
        NotFound: 없다.
    """
    player = Player.objects.filter(pk=player_id).first()
    if player is None:
        raise NotFound("그런 선수가 없습니다")
    ratings = Rating.objects.filter(player_id=player_id).order_by("mode")
    return PlayerRecord(
        player_id,
        player.name,
        player.created_at,
        tuple(RatingCard(row.mode, row.mu, row.sigma, row.games) for row in ratings),
    )


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """선수가 지금 어디에 있는가: `away`, `queued`, `playing`, 또는 Redis가 답하지 않아 `unknown`."""

    state: str
    match_id: str = ""


def whereabouts(player_id: str) -> Whereabouts:
    """지금의 자리. 던지지 않는다."""
    try:
        guard = player_guard_sync(redis_gate(), settings.REGION, player_id)
    except Unavailable:
        return Whereabouts("unknown")
    if guard is None:
        return Whereabouts("away")
    if guard.startswith(MATCH_PREFIX):
        return Whereabouts("playing", guard.removeprefix(MATCH_PREFIX))
    return Whereabouts("queued")


def rating_history(player_id: str, mode: str) -> list[RatingMove]:
    """한 모드의 마지막 변화들을 오래된 것부터. 많아야 HISTORY_CHANGES개다."""
    return [_move(row) for row in reversed(history_rows(player_id, mode))]


def history_rows(player_id: str, mode: str) -> QuerySet[RatingChange]:
    """마지막 변화들을 새것부터. 시험이 EXPLAIN한다."""
    return RatingChange.objects.filter(player_id=player_id, mode=mode).order_by("-pk")[:HISTORY_CHANGES]


def moves_in(player_id: str, match_ids: Iterable[str]) -> dict[str, RatingMove]:
    """이 판들에서 이 선수의 변화. 중단된 판에는 없다."""
    rows = RatingChange.objects.filter(player_id=player_id, match_id__in=list(match_ids))
    return {str(row.match_id): _move(row) for row in rows}


def _move(row: RatingChange) -> RatingMove:
    return RatingMove(str(row.match_id), row.mu_before, row.mu_after)
