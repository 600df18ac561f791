"""판 하나: 한살이의 띠와 걸음, 선수들의 성적과 레이팅."""

from __future__ import annotations

from typing import Any

from kernel.clock import SystemClock
from kernel.errors import NotFound
from kernel.ids import read_id
from matches.ratings.rating_explained import RatingWork, work_out
from ops.queries.match import MatchRecord, MatchSeat, read_match
from ops.timeline import build_timeline
from ops.views.page import OpsPage

_clock = SystemClock()
MIN_RATED = 2  # 혼자인 판은 판 수만 센다


def _work_of(record: MatchRecord) -> list[tuple[MatchSeat, RatingWork]] | None:
    """자리마다의 레이팅 셈. 레이팅이 바뀌지 않은 판에는 없다."""
    rated = [seat for seat in record.seats if seat.mu_before is not None and seat.place is not None]
    if len(rated) < MIN_RATED:
        return None
    before = [(seat.mu_before or 0.0, seat.sigma_before or 0.0) for seat in rated]
    work = work_out(before, [seat.place or 0 for seat in rated])
    return list(zip(rated, work.players, strict=True))


class MatchPage(OpsPage):
    """/ops/matches/<match_id>/"""

    nav_key = "matches"
    template_name = "ops/match.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        match_id = read_id(kwargs["match_id"])
        if match_id is None:
            raise NotFound
        record = read_match(match_id)
        return {
            **super().get_context_data(**kwargs),
            "match": record,
            "work": _work_of(record),
            "timeline": build_timeline(record.times, now_ms=_clock.now_ms()),
            "may_open_admin": self.request.user.has_perm("matches.view_matchresult"),
        }
