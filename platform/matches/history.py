"""한 선수의 끝난 판들을 새것부터: 레이팅이 바뀐 판과 중단된 판의 두 줄기를 색인으로 훑어 엮는다.

줄기마다 어디까지 왔는지를 쪽 표시가 기억하므로(keyset), 그 사이 판이 더해져도 빠지거나 겹치는 줄이 없다.
"""

from __future__ import annotations

import heapq
import struct
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from matches.cursor import seal, unseal
from matches.models import AbortedSeat, MatchResult, RatingChange
from matches.outcome import StoredMatch
from matches.queries import stored_from

LIMIT_MAX: Final = 50
LIMIT_DEFAULT: Final = 20
ID_MAX: Final = 2**63 - 1
_PLACE: Final = struct.Struct(">qq")
Stream = type[RatingChange] | type[AbortedSeat]
STREAMS: Final[tuple[Stream, ...]] = (RatingChange, AbortedSeat)


@dataclass(frozen=True, slots=True)
class HistoryPlace:
    """줄기마다 보인 마지막 행. 다음 쪽은 이보다 앞선 행들이다."""

    change_id: int = ID_MAX
    seat_id: int = ID_MAX


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """한 쪽과, 더 오래된 판이 있으면 그 자리."""

    matches: tuple[StoredMatch, ...]
    following: HistoryPlace | None


@dataclass(frozen=True, slots=True)
class _Found:
    row: MatchResult
    stream: int
    row_id: int


def read_history(player_id: str, limit: int, after: HistoryPlace | None) -> HistoryPage:
    """한 쪽. `limit`은 1부터 LIMIT_MAX다."""
    reached = [after.change_id, after.seat_id] if after else [ID_MAX, ID_MAX]
    found = _merged(player_id, reached, limit + 1)
    shown = found[:limit]
    for item in shown:
        reached[item.stream] = item.row_id
    matches = _with_changes([item.row for item in shown])
    return HistoryPage(matches, HistoryPlace(*reached) if len(found) > limit else None)


def stream_rows(model: Stream, player_id: str, before_id: int) -> QuerySet[Any, Any]:
    """한 줄기의 (행 번호, 판 번호)를 새것부터. 시험이 EXPLAIN한다.

    판의 행은 여기서 합치지 않는다: 조인하면 최적화기가 판부터 읽어 정렬하는 수가 있다.
    """
    rows = model.objects.filter(player_id=player_id, pk__lt=before_id)
    return rows.order_by("-pk").values_list("pk", "match_id")


def encode_place(secret: bytes, player_id: str, place: HistoryPlace) -> str:
    """쪽 표시. 그 선수에게만 통한다."""
    return seal(secret, _purpose(player_id), _PLACE.pack(place.change_id, place.seat_id))


def decode_place(secret: bytes, player_id: str, text: str) -> HistoryPlace:
    """글을 자리로 되돌린다.

    Raises:
        InvalidArgument: 우리가 이 선수에게 준 글이 아니다.
    """
    return HistoryPlace(*_PLACE.unpack(unseal(secret, _purpose(player_id), text, _PLACE.size)))


def _purpose(player_id: str) -> bytes:
    return b"history:" + player_id.encode()


def _merged(player_id: str, reached: Sequence[int], limit: int) -> list[_Found]:
    """줄기들을 판의 차례(새것부터)로 엮은 앞의 `limit`줄."""
    streams = [
        list(stream_rows(model, player_id, before_id)[:limit])
        for model, before_id in zip(STREAMS, reached, strict=True)
    ]
    match_ids = {match_id for rows in streams for _, match_id in rows}
    stored = {row.match_id: row for row in MatchResult.objects.filter(match_id__in=match_ids)}
    found = [
        [_Found(stored[match_id], stream, row_id) for row_id, match_id in rows]
        for stream, rows in enumerate(streams)
    ]
    newest_first = heapq.merge(*found, key=lambda item: -item.row.pk)
    return [item for item, _ in zip(newest_first, range(limit), strict=False)]


def _with_changes(rows: Sequence[MatchResult]) -> tuple[StoredMatch, ...]:
    changes: dict[UUID, list[RatingChange]] = defaultdict(list)
    for change in RatingChange.objects.filter(match_id__in=[row.match_id for row in rows]).order_by(
        "player_id"
    ):
        changes[change.match_id].append(change)
    return tuple(stored_from(row, changes[row.match_id]) for row in rows)
