"""판의 목록과, 찾는 글이 무엇을 가리키는지 푸는 일. 고른 것은 모두 주소에 남는다."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from kernel.clock import SystemClock
from kernel.errors import InvalidArgument, NotFound
from kernel.ids import read_id
from matches.models import MatchStatus
from matches.outcome import MODE_PATTERN
from ops.csv_export import csv_response, export_name
from ops.queries.exports import MATCH_COLUMNS, seat_lines
from ops.queries.ids import FOUND_MAX, Named, id_part, matches_with, players_with
from ops.queries.live_matches import LIVE_STATUSES, read_live
from ops.queries.match import read_match
from ops.queries.matches import MatchFilter, known_modes, read_matches
from ops.queries.players import NAMESAKES_SHOWN, namesakes
from ops.views.page import OpsPage
from players.models import Player

QUERY_MAX_CHARS = 64
STATUSES = (*LIVE_STATUSES, *MatchStatus.values)
SERVER_PATTERN = re.compile(r"[\w.-]{1,64}")
_clock = SystemClock()


class MatchesPage(OpsPage):
    """/ops/matches/?q=&mode=&status=&player=&server=&after="""

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
            return self._find_id(wanted_id, wanted) or self._show(wanted, query, (), ())
        if not query:
            return self._list(wanted)
        return self._find(query, wanted)

    def _find(self, query: str, wanted: MatchFilter) -> HttpResponse:
        """이름의 앞 글자, 또는 번호의 앞부분."""
        named = namesakes(query)
        players = [Named(str(player.pk), player.name) for player in named.rows]
        part = id_part(query)
        matches = matches_with(part) if part else []
        players += [each for each in (players_with(part) if part else ()) if each not in players]
        if len(players) == 1 and not matches:
            return redirect(matches_url(wanted, players[0].identifier))
        if len(matches) == 1 and not players:
            return redirect("ops:match", match_id=matches[0].identifier)
        return self._show(wanted, query, players, matches, searched_all=named.is_complete)

    def _export(self, wanted: MatchFilter) -> HttpResponseBase:
        if wanted.status in LIVE_STATUSES:
            raise InvalidArgument("파일로는 끝난 판만 받습니다")
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

    def _list(self, wanted: MatchFilter) -> HttpResponse:
        after = self.request.GET.get("after", "")
        is_live, is_cut = wanted.status in LIVE_STATUSES, False
        if is_live:
            page, is_cut = read_live(wanted, _clock.now_ms(), after)
        else:
            page = read_matches(wanted, after)
        following = page.following
        return self._render(
            wanted,
            rows=page.rows,
            is_live=is_live,
            is_cut=is_cut,
            is_first="after" not in self.request.GET,
            first_url=matches_url(wanted, wanted.player_id),
            next_url=matches_url(wanted, wanted.player_id, after=following) if following else "",
            csv_url="" if is_live else matches_url(wanted, wanted.player_id, format="csv"),
        )

    def _show(
        self,
        wanted: MatchFilter,
        query: str,
        players: Sequence[Named],
        matches: Sequence[Named],
        *,
        searched_all: bool = True,
    ) -> HttpResponse:
        """찾은 것들. 가리키는 것이 없으면 목록도 비어 있다: 고르지 않은 판이 찾은 것으로 보이지 않게."""
        return self._render(
            wanted,
            query=query,
            namesakes=[(player, matches_url(wanted, player.identifier)) for player in players],
            found_matches=matches,
            searched_all=searched_all,
            has_more=len(players) >= NAMESAKES_SHOWN or len(matches) >= FOUND_MAX,
        )

    def _render(self, wanted: MatchFilter, **more: Any) -> HttpResponse:
        context = self.get_context_data(
            wanted=wanted,
            player=Player.objects.filter(pk=wanted.player_id).first() if wanted.player_id else None,
            modes=known_modes(),
            statuses=STATUSES,
            without_player_url=matches_url(wanted, ""),
            without_server_url=matches_url(replace(wanted, server_id=""), wanted.player_id),
            **more,
        )
        return self.render_to_response(context)


def matches_url(wanted: MatchFilter, player_id: str, **more: str) -> str:
    """고른 것을 담은 목록의 주소. `more`는 쪽 표시나 파일의 꼴이다."""
    chosen = {"mode": wanted.mode, "status": wanted.status, "player": player_id}
    chosen |= {"server": wanted.server_id, **more}
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"{reverse('ops:matches')}?{query}" if query else reverse("ops:matches")


def _filter_from(request: HttpRequest) -> MatchFilter:
    names = ("mode", "status", "player", "server")
    mode, status, player_id, server_id = (request.GET.get(name, "") for name in names)
    if mode and not MODE_PATTERN.fullmatch(mode):
        raise InvalidArgument("모드의 모양이 틀립니다")
    if status and status not in STATUSES:
        raise InvalidArgument("모르는 상태입니다")
    chosen_id = read_id(player_id)
    if player_id and chosen_id is None:
        raise InvalidArgument("선수의 번호가 틀립니다")
    if server_id and (status not in LIVE_STATUSES or not SERVER_PATTERN.fullmatch(server_id)):
        raise InvalidArgument("서버로는 도는 판만 거를 수 있습니다")
    return MatchFilter(mode=mode, status=status, player_id=chosen_id or "", server_id=server_id)
