"""판 하나: 한살이의 띠와 걸음, 선수들의 성적과 레이팅."""

from __future__ import annotations

from typing import Any

from accounts.permissions import StaffPermission
from kernel.clock import SystemClock
from kernel.errors import NotFound
from kernel.ids import is_id
from ops.queries.match import read_match
from ops.timeline import build_timeline
from ops.views.page import OpsPage

_clock = SystemClock()


class MatchPage(OpsPage):
    """/ops/matches/<match_id>/"""

    permission = StaffPermission.MATCH_VIEW
    nav_key = "matches"
    template_name = "ops/match.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        match_id = kwargs["match_id"]
        if not is_id(match_id):
            raise NotFound
        record = read_match(match_id)
        return {
            **super().get_context_data(**kwargs),
            "match": record,
            "timeline": build_timeline(record.times, now_ms=_clock.now_ms()),
            "may_open_admin": self.request.user.has_perm("matches.view_matchresult"),
        }
