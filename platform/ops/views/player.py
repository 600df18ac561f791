"""선수 하나: 모드마다의 레이팅, 그 자취, 둔 판들."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.permissions import StaffPermission, is_allowed
from kernel.errors import NotFound
from kernel.ids import read_id
from ops.queries.matches import MatchFilter, MatchLine, read_matches
from ops.queries.player import PlayerRecord, RatingMove, moves_in, rating_history, read_player, whereabouts
from ops.rating_chart import draw_chart
from ops.views.page import OpsPage


class PlayerPage(OpsPage):
    """/ops/players/<player_id>/?mode=&after="""

    nav_key = "players"
    template_name = "ops/player.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        player_id = read_id(kwargs["player_id"])
        if player_id is None:
            raise NotFound
        player = read_player(player_id)
        mode = self._mode(player)
        return {
            **super().get_context_data(**kwargs),
            "player": player,
            "mode": mode,
            "whereabouts": whereabouts(player_id),
            "history": _history(player_id, mode),
            "may_open_admin": self.request.user.has_perm("players.view_player"),
            **self._matches(player_id),
        }

    def _mode(self, player: PlayerRecord) -> str:
        """자취를 보일 모드. 고르지 않았으면 가장 많이 둔 모드다."""
        chosen = self.request.GET.get("mode", "")
        if any(rating.mode == chosen for rating in player.ratings):
            return chosen
        return max(player.ratings, key=lambda rating: rating.games).mode if player.ratings else ""

    def _matches(self, player_id: str) -> dict[str, Any]:
        if not is_allowed(self.request.user, StaffPermission.MATCH_VIEW):
            return {"may_see_matches": False}
        page = read_matches(MatchFilter(player_id=player_id), self.request.GET.get("after", ""))
        moves = moves_in(player_id, (row.match_id for row in page.rows))
        here = reverse("ops:player", args=[player_id])
        mode = self.request.GET.get("mode", "")
        following = {"mode": mode, "after": page.following} if mode else {"after": page.following}
        return {
            "may_see_matches": True,
            "rows": _with_moves(page.rows, moves),
            "is_first": "after" not in self.request.GET,
            "first_url": f"{here}?{urlencode({'mode': mode})}" if mode else here,
            "next_url": f"{here}?{urlencode(following)}#matches" if page.following else "",
        }


def _with_moves(
    rows: tuple[MatchLine, ...], moves: dict[str, RatingMove]
) -> list[tuple[MatchLine, RatingMove | None]]:
    return [(row, moves.get(row.match_id)) for row in rows]


def _history(player_id: str, mode: str) -> dict[str, Any] | None:
    moves = rating_history(player_id, mode) if mode else []
    if not moves:
        return None
    return {
        "chart": draw_chart(moves[0].before, [(move.match_id, move.after) for move in moves]),
        "games": len(moves),
        "best": max(move.after for move in moves),
        "worst": min(move.after for move in moves),
        "change": moves[-1].after - moves[0].before,
    }
