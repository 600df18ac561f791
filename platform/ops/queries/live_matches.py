"""지금 도는 판의 목록: MariaDB는 아직 모르고 Redis에만 있다. 끝난 판의 목록과 같은 모양으로 준다."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.conf import settings

from fleet.wiring import drain_orders
from kernel.errors import InvalidArgument
from kernel.ids import is_id
from ops.paging import PAGE_ROWS, Page
from ops.queries.matches import SEATS_SHOWN, MatchFilter, MatchLine, SeatLine
from ops.queries.names import names_of
from redisstore.live_matches import CREATED, ENDED, RUNNING, LiveMatch
from redisstore.matches_listing import live_ids, live_matches
from redisstore.platform_client import redis_gate

LIVE_STATUSES = (CREATED, RUNNING, ENDED)


def read_live(wanted: MatchFilter, now_ms: int, after: str = "") -> tuple[Page[MatchLine], bool]:
    """한 쪽을 새것부터, 그리고 너무 많아 다 보지 못했는가. `after`는 앞쪽 마지막 판의 번호다.

    Raises:
        InvalidArgument: `after`가 판의 번호가 아니다.
        Unavailable: Redis가 답하지 않는다.
    """
    if after and not is_id(after):
        raise InvalidArgument("쪽 표시가 올바르지 않습니다")
    ids, is_cut = live_ids(redis_gate(), settings.REGION, _servers(wanted))
    behind = [match_id for match_id in ids if not after or match_id < after]
    rows = list(islice(_chosen(wanted, behind), PAGE_ROWS + 1))
    shown = rows[:PAGE_ROWS]
    following = shown[-1].match_id if len(rows) > PAGE_ROWS else None
    return Page(_lines(shown, now_ms), following), is_cut


def _servers(wanted: MatchFilter) -> list[str]:
    """고른 서버, 고르지 않았으면 등록부의 모든 서버."""
    if wanted.server_id:
        return [wanted.server_id]
    return [row.server_id for row in drain_orders().fleet().servers]


def _chosen(wanted: MatchFilter, match_ids: list[str]) -> Iterator[LiveMatch]:
    for match in live_matches(redis_gate(), match_ids):
        if (
            match.status == wanted.status
            and wanted.mode in {"", match.mode}
            and (not wanted.player_id or wanted.player_id in match.player_ids)
        ):
            yield match


def _lines(matches: list[LiveMatch], now_ms: int) -> tuple[MatchLine, ...]:
    names = names_of(player_id for match in matches for player_id in match.player_ids[:SEATS_SHOWN])
    return tuple(_line(match, names, now_ms) for match in matches)


def _line(match: LiveMatch, names: dict[str, str], now_ms: int) -> MatchLine:
    began_ms = match.started_at_ms or match.created_at_ms
    shown = match.player_ids[:SEATS_SHOWN]
    return MatchLine(
        match_id=match.match_id,
        mode=match.mode,
        status=match.status,
        abort_code="",
        server_id=match.server_id,
        began_at=began_ms,
        ended_at=None,
        duration_ms=max(0, (match.ended_at_ms or now_ms) - began_ms),
        seats=tuple(SeatLine(player_id, names.get(player_id, player_id), None, None) for player_id in shown),
        more_seats=len(match.player_ids) - len(shown),
    )
