"""쓰이지 않은 결과: 일지에 남은 줄들과 마지막 실패. 비어 있는 것이 성한 것이다."""

from __future__ import annotations

from typing import Any

from kernel.errors import Unavailable
from ops.queries.pending import PendingResults, read_pending
from ops.views.page import OpsPage


class ResultsPage(OpsPage):
    """/ops/results/. Redis가 멈춰도 쪽은 열리고 그렇다고 말한다."""

    nav_key = "results"
    template_name = "ops/results.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pending: PendingResults | None
        try:
            pending = read_pending()
        except Unavailable:
            pending = None
        return {
            **super().get_context_data(**kwargs),
            "pending": pending,
            "redis_is_down": pending is None,
        }
