"""대시보드: 살아 있는 숫자는 소켓이 채우고, 방금 끝난 판만 함께 그려 보낸다."""

from __future__ import annotations

from typing import Any

from accounts.permissions import StaffPermission, is_allowed
from ops.queries.matches import MatchFilter, read_matches
from ops.views.page import OpsPage
from redisstore.servers.rows import ServerState

RECENT_MATCHES = 8


class DashboardPage(OpsPage):
    """/ops/"""

    nav_key = "dashboard"
    template_name = "ops/dashboard.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_see_matches = is_allowed(self.request.user, StaffPermission.MATCH_VIEW)
        recent = read_matches(MatchFilter()).rows[:RECENT_MATCHES] if may_see_matches else ()
        return {
            **super().get_context_data(**kwargs),
            "may_see_matches": may_see_matches,
            "recent": recent,
            "state_keys": [state.value for state in ServerState],
        }
