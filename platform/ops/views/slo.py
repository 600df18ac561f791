"""SLO: 목표마다 지금, 남은 오류 예산, 하루의 그림. Prometheus가 없으면 프로세스들이 뜬 뒤의 수로 보인다."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse

from kernel.clock import SystemClock
from kernel.errors import Unavailable
from ops.live.targets import parse_targets
from ops.slo.day_chart import DayChart, draw_day
from ops.slo.history import Shares, SloHistory
from ops.slo.objectives import OBJECTIVES, Objective
from ops.slo.since_start import read_all, shares_since_start
from ops.views.page import OpsPage

_clock = SystemClock()


@dataclass(frozen=True, slots=True)
class SloRow:
    """목표 하나의 카드. 몫은 0~1이고, 아무 일도 없었으면 None이다."""

    objective: Objective
    good_now: float | None
    burn_rate: float | None
    budget_left: float | None
    chart: DayChart | None

    @property
    def budget_bar(self) -> float:
        """막대의 길이(0~1)."""
        return min(1.0, max(0.0, self.budget_left or 0.0))

    @property
    def is_missed(self) -> bool:
        """예산을 다 썼는가."""
        return self.budget_left is not None and self.budget_left <= 0

    @property
    def times_spent(self) -> float:
        """예산의 몇 배를 썼는가. 다 쓴 뒤에는 남은 몫(음수)보다 이것이 말이 된다."""
        return 0.0 if self.budget_left is None else 1 - self.budget_left

    @property
    def is_red(self) -> bool:
        """까닭을 말할 만큼 나쁜가."""
        return self.is_missed or self.burns

    @property
    def link(self) -> str:
        """까닭을 보는 쪽."""
        name, _, query = self.objective.look_at.partition("?")
        return f"{reverse(name)}?{query}" if query else reverse(name)

    @property
    def burns(self) -> bool:
        """지금 빠르기면 창이 끝나기 전에 다 쓰는가."""
        return self.burn_rate is not None and self.burn_rate > 1


class SloPage(OpsPage):
    """/ops/slo/"""

    nav_key = "slo"
    template_name = "ops/slo.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {**super().get_context_data(**kwargs), "at_ms": _clock.now_ms()}
        try:
            return {**context, "rows": _from_prometheus(), "has_history": True}
        except Unavailable:
            return {**context, "rows": _from_processes(), "has_history": False}


def _from_prometheus() -> list[SloRow]:
    if not settings.PROMETHEUS_URL:
        raise Unavailable("Prometheus의 주소가 없습니다")
    history = SloHistory(settings.PROMETHEUS_URL)
    now_s = _clock.now_ms() / 1000
    now, window, day = history.now(), history.budget_window(), history.day(now_s)
    charts = {
        objective.key: draw_day(day.get(objective.key, ()), now_s=now_s, allowed=objective.allowed)
        for objective in OBJECTIVES
    }
    return [_row(objective, now, window, charts[objective.key]) for objective in OBJECTIVES]


def _from_processes() -> list[SloRow]:
    shares = shares_since_start(read_all(parse_targets(settings.METRICS_TARGETS)))
    return [_row(objective, shares, shares, None) for objective in OBJECTIVES]


def _row(objective: Objective, now: Shares, window: Shares, chart: DayChart | None) -> SloRow:
    bad_now, bad_in_window = now.get(objective.key), window.get(objective.key)
    return SloRow(
        objective,
        good_now=None if bad_now is None else 1 - bad_now,
        burn_rate=None if bad_now is None else objective.burn_rate(bad_now),
        budget_left=None if bad_in_window is None else objective.budget_left(bad_in_window),
        chart=chart,
    )
