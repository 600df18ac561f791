"""판의 목록과, 찾는 글이 무엇을 가리키는지 푸는 일. 고른 것은 모두 주소에 남는다."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts.permissions import StaffPermission
from kernel.errors import InvalidArgument, NotFound
from kernel.ids import read_id
from matches.models import MatchStatus
from matches.outcome import MODE_PATTERN
from ops.csv_export import csv_response, export_name
from ops.queries.exports import MATCH_COLUMNS, seat_lines
from ops.queries.match import read_match
from ops.queries.matches import MatchFilter, known_modes, read_matches
from ops.queries.name_search import Found
from ops.queries.players import NAMESAKES_SHOWN, namesakes
from ops.views.page import OpsPage
from players.models import Player

QUERY_MAX_CHARS = 64


class MatchesPage(OpsPage):
    """/ops/matches/?q=&mode=&status=&player=&after="""

    permission = StaffPermission.MATCH_VIEW
    nav_key = "matches"
    template_name = "ops/matches.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        """판이나 선수 하나를 콕 집은 글이면 그리로 보낸다. `format=csv`면 거른 판들의 파일이다."""
        wanted = _filter_from(request)
        if request.GET.get("format") == "csv":
            return self._export(wanted)
        query = request.GET.get("q", "").strip()[:QUERY_MAX_CHARS]
        wanted_id = read_id(query)
        if wanted_id is not None:
            return self._find_id(wanted_id, wanted) or self._show(wanted, query, Found(()))
        if not query:
            return self._show(wanted, query, Found(()))
        found = namesakes(query)
        if len(found.rows) == 1:
            return redirect(matches_url(wanted, str(found.rows[0].pk)))
        return self._show(wanted, query, found)

    def _export(self, wanted: MatchFilter) -> HttpResponseBase:
        chosen = (wanted.mode, wanted.status, wanted.player_id)
        name = export_name("matches", chosen, datetime.now(UTC))
        return csv_response(name, MATCH_COLUMNS, lambda after: seat_lines(wanted, after), tuple)

    def _find_id(self, wanted_id: str, wanted: MatchFilter) -> HttpResponse | None:
        if Player.objects.filter(pk=wanted_id).exists():
            return redirect(matches_url(wanted, wanted_id))
        try:
            read_match(wanted_id)
        except NotFound:
            return None
        return redirect("ops:match", match_id=wanted_id)

    def _show(self, wanted: MatchFilter, query: str, found: Found) -> HttpResponse:
        # 글이 아무것도 가리키지 않으면 목록도 비어 있어야 한다: 고르지 않은 판이 섞이면 찾은 것으로 보인다.
        page = None if query else read_matches(wanted, self.request.GET.get("after", ""))
        following = page.following if page else None
        context = self.get_context_data(
            query=query,
            wanted=wanted,
            player=Player.objects.filter(pk=wanted.player_id).first() if wanted.player_id else None,
            namesakes=[(player, matches_url(wanted, str(player.pk))) for player in found.rows],
            has_more_namesakes=len(found.rows) == NAMESAKES_SHOWN,
            searched_all=found.is_complete,
            modes=known_modes(),
            statuses=MatchStatus.values,
            rows=page.rows if page else (),
            is_first="after" not in self.request.GET,
            first_url=matches_url(wanted, wanted.player_id),
            next_url=matches_url(wanted, wanted.player_id, after=following) if following else "",
            without_player_url=matches_url(wanted, ""),
            csv_url=matches_url(wanted, wanted.player_id, format="csv"),
        )
        return self.render_to_response(context)


def matches_url(wanted: MatchFilter, player_id: str, **more: str) -> str:
    """고른 것을 담은 목록의 주소. `more`는 쪽 표시나 파일의 꼴이다."""
    chosen = {"mode": wanted.mode, "status": wanted.status, "player": player_id, **more}
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"{reverse('ops:matches')}?{query}" if query else reverse("ops:matches")


def _filter_from(request: HttpRequest) -> MatchFilter:
    mode, status, player_id = (request.GET.get(name, "") for name in ("mode", "status", "player"))
    if mode and not MODE_PATTERN.fullmatch(mode):
        raise InvalidArgument("모드의 모양이 틀립니다")
    if status and status not in MatchStatus.values:
        raise InvalidArgument("모르는 상태입니다")
    chosen_id = read_id(player_id)
    if player_id and chosen_id is None:
        raise InvalidArgument("선수의 번호가 틀립니다")
    return MatchFilter(mode=mode, status=status, player_id=chosen_id or "")
