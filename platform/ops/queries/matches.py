"""끝난 판의 목록: 새것부터, 모드·상태·선수로 거르며.

색인을 못 박는다: 최적화기는 고른 모드가 흔하다고 보면 기본 키를 훑는데, 그 모드가 요즘 뜸하면 표를 다 읽는다.
선수의 판은 두 줄기다: 끝난 판은 레이팅 변화에서, 중단된 판은 그 자리에서 찾아 id의 차례로 엮는다.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from matches.models import AbortedSeat, MatchResult, MatchStatus, RatingChange
from ops.paging import ID_MAX, PAGE_ROWS, Page, cut, format_row_ids, parse_row_ids
from ops.queries.names import names_of

SEATS_SHOWN = 3
StreamModel = type[RatingChange] | type[AbortedSeat]
STREAMS: Final[tuple[tuple[StreamModel, str], ...]] = (
    (RatingChange, MatchStatus.FINALIZED),
    (AbortedSeat, MatchStatus.ABORTED),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchFilter:
    """무엇을 볼지. 빈 칸은 거르지 않는다."""

    mode: str = ""
    status: str = ""
    player_id: str = ""
    server_id: str = ""  # 도는 판만


@dataclass(frozen=True, slots=True)
class SeatLine:
    """목록에 보이는 선수 하나. 중단된 판의 등수는 뜻이 없어 보이지 않고, 도는 판에는 등수와 점수가 없다."""

    player_id: str
    name: str
    place: int | None
    score: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchLine:
    """목록의 한 줄. `seats`는 앞의 몇 명, `more_seats`는 나머지의 수다. 도는 판의 `ended_at`은 None이다."""

    match_id: str
    mode: str
    status: str
    abort_code: str
    server_id: str
    began_at: datetime | int
    ended_at: datetime | None
    duration_ms: int
    seats: tuple[SeatLine, ...]
    more_seats: int


@dataclass(frozen=True, slots=True)
class _Found:
    """찾은 판의 행과, 어느 줄기의 몇 번째 행이었는지."""

    row: MatchResult
    stream: int
    position: int


def known_modes() -> list[str]:
    """판이 하나라도 끝난 모드들."""
    return list(mode_rows())


def mode_rows() -> QuerySet[MatchResult, str]:
    """모드마다 색인의 첫 자리로 건너뛰며 읽는다. 시험이 EXPLAIN한다."""
    return MatchResult.objects.order_by("mode").values_list("mode", flat=True).distinct()


def read_matches(wanted: MatchFilter, after: str = "") -> Page[MatchLine]:
    """한 쪽.

    Raises:
        InvalidArgument: `after`가 이 목록의 쪽 표시가 아니다.
    """
    page = match_rows(wanted, after)
    return Page(_lines(page.rows), page.following)


def match_rows(wanted: MatchFilter, after: str = "", limit: int = PAGE_ROWS) -> Page[MatchResult]:
    """`limit`개까지의 행. 화면과 파일이 같은 차례로 읽는다.

    Raises:
        InvalidArgument: `after`가 이 목록의 쪽 표시가 아니다.
    """
    if wanted.player_id:
        return _matches_of_player(wanted, after, limit)
    position = parse_row_ids(after, 1)
    sql, parameters = listing_sql(wanted, position[0] if position else ID_MAX, limit)
    rows, has_more = cut(list(MatchResult.objects.raw(sql, parameters)), limit)
    return Page(tuple(rows), format_row_ids(rows[-1].pk) if has_more else None)


def listing_sql(wanted: MatchFilter, before_id: int, limit: int = PAGE_ROWS) -> tuple[str, list[Any]]:
    """`before_id`보다 앞선 한 쪽과 한 줄 더. 시험이 EXPLAIN한다."""
    chosen = {column: value for column, value in (("mode", wanted.mode), ("status", wanted.status)) if value}
    conditions = " AND ".join(["id < %s", *(f"{column} = %s" for column in chosen)])
    # 값은 모두 인자로 간다. 글로 들어가는 것은 위의 칸 이름과 색인의 이름뿐이다.
    sql = (
        f"SELECT * FROM match_result FORCE INDEX ({_index_for(wanted)}) "  # noqa: S608
        f"WHERE {conditions} ORDER BY id DESC LIMIT {limit + 1}"
    )
    return sql, [before_id, *chosen.values()]


def _index_for(wanted: MatchFilter) -> str:
    # 중단된 판은 드물다: 모드까지 골랐어도 상태의 색인이 짧다.
    if wanted.status and (wanted.status == MatchStatus.ABORTED or not wanted.mode):
        return "match_result_status_idx"
    return "match_result_mode_idx" if wanted.mode else "PRIMARY"


def _matches_of_player(wanted: MatchFilter, after: str, limit: int) -> Page[MatchResult]:
    positions = parse_row_ids(after, len(STREAMS)) or (ID_MAX,) * len(STREAMS)
    found, has_more = cut(_merged(wanted, positions, limit), limit)
    # 줄기마다 보인 마지막 행까지 왔다. 하나도 보이지 않은 줄기는 있던 자리에 그대로다.
    reached = list(positions)
    for item in found:
        reached[item.stream] = item.position
    return Page(tuple(item.row for item in found), format_row_ids(*reached) if has_more else None)


def player_rows(
    model: StreamModel, wanted: MatchFilter, before_id: int, limit: int = PAGE_ROWS
) -> QuerySet[Any, Any]:
    """한 줄기의 (행 번호, 판 번호)를 새것부터. 시험이 EXPLAIN한다.

    판의 행은 여기서 합치지 않는다: 조인하면 최적화기가 판부터 읽어 정렬하는 수가 있다.
    """
    rows = model.objects.filter(player_id=wanted.player_id, pk__lt=before_id)
    if wanted.mode:
        rows = rows.filter(mode=wanted.mode)
    return rows.order_by("-pk").values_list("pk", "match_id")[: limit + 1]


def _merged(wanted: MatchFilter, positions: Sequence[int], limit: int) -> list[_Found]:
    """줄기들을 판의 차례(새것부터)로 엮는다. 줄기 안의 차례는 그대로 지켜, 쪽이 나뉘어도 빠지는 줄이 없다."""
    streams = [
        list(player_rows(model, wanted, position, limit)) if wanted.status in {"", status} else []
        for (model, status), position in zip(STREAMS, positions, strict=True)
    ]
    match_ids = [match_id for rows in streams for _, match_id in rows]
    stored = {row.match_id: row for row in MatchResult.objects.filter(match_id__in=match_ids)}
    found = [
        [_Found(stored[match_id], index, row_id) for row_id, match_id in rows]
        for index, rows in enumerate(streams)
    ]
    return list(heapq.merge(*found, key=lambda item: -item.row.pk))


def _lines(rows: Sequence[MatchResult]) -> tuple[MatchLine, ...]:
    names = names_of(seat["player_id"] for row in rows for seat in row.players[:SEATS_SHOWN])
    return tuple(_line(row, names) for row in rows)


def _line(row: MatchResult, names: dict[str, str]) -> MatchLine:
    shown = row.players[:SEATS_SHOWN]
    return MatchLine(
        match_id=str(row.match_id),
        mode=row.mode,
        status=row.status,
        abort_code=row.abort_code,
        server_id=row.server_id,
        began_at=row.started_at or row.created_at,
        ended_at=row.ended_at,
        duration_ms=round((row.ended_at - (row.started_at or row.created_at)).total_seconds() * 1000),
        seats=tuple(
            SeatLine(
                seat["player_id"],
                names.get(seat["player_id"], seat["player_id"]),
                seat["place"],
                seat["score"],
            )
            for seat in shown
        ),
        more_seats=len(row.players) - len(shown),
    )
