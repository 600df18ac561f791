"""선수의 목록: 새로 온 차례로, 또는 이름이나 번호로 찾아서."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from kernel.ids import read_id
from ops.csv_export import csv_response, export_name
from ops.queries.exports import PLAYER_COLUMNS, rating_lines
from ops.queries.ids import id_part, players_with
from ops.queries.players import read_players
from ops.views.page import OpsPage
from players.models import Player

QUERY_MAX_CHARS = 64


class PlayersPage(OpsPage):
    """/ops/players/?q=&after="""

    nav_key = "players"
    template_name = "ops/players.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        """번호를 콕 집은 글이면 그 선수에게 보낸다. `format=csv`면 찾은 선수들의 파일이다."""
        query = request.GET.get("q", "").strip()[:QUERY_MAX_CHARS]
        player_id = read_id(query)
        if player_id is not None and Player.objects.filter(pk=player_id).exists():
            return redirect("ops:player", player_id=player_id)
        if request.GET.get("format") == "csv":
            name = export_name("players", (query,), datetime.now(UTC))
            return csv_response(name, PLAYER_COLUMNS, lambda after: rating_lines(query, after), tuple)
        part = id_part(query)
        found = players_with(part) if part and "after" not in request.GET else []
        page = read_players(query, request.GET.get("after", ""))
        if len(found) == 1 and not page.rows:
            return redirect("ops:player", player_id=found[0].identifier)
        context = self.get_context_data(
            query=query,
            found=found,
            rows=page.rows,
            searched_all=page.is_complete,
            is_first="after" not in request.GET,
            first_url=_players_url(query),
            next_url=_players_url(query, after=page.following) if page.following else "",
            csv_url=_players_url(query, format="csv"),
        )
        return self.render_to_response(context)


def _players_url(query: str, **more: str) -> str:
    chosen = {name: value for name, value in {"q": query, **more}.items() if value}
    return f"{reverse('ops:players')}?{urlencode(chosen)}" if chosen else reverse("ops:players")
