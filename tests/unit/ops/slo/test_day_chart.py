"""하루의 그림: 참을 몫의 줄이 늘 보이고, 아무 일도 없던 때는 끊긴다."""

from __future__ import annotations

import pytest

from ops.slo.day_chart import HEIGHT, WIDTH, draw_day
from ops.slo.history import DAY_S, STEP_S

NOW_S = 1_800_000_000.0


def test_a_day_runs_from_left_to_right_and_the_worst_is_at_the_top() -> None:
    chart = draw_day([(NOW_S - DAY_S, 0.0), (NOW_S - DAY_S + STEP_S, 0.1)], now_s=NOW_S, allowed=0.01)
    assert chart is not None
    assert chart.line == f"M0.0,{float(HEIGHT)}h1L10.4,0.0"
    assert chart.worst == 0.1
    assert chart.allowed_y == pytest.approx(90.0)


def test_a_quiet_day_still_shows_what_is_allowed() -> None:
    chart = draw_day([(NOW_S, 0.0)], now_s=NOW_S, allowed=0.01)
    assert chart is not None
    assert (chart.line, chart.allowed_y) == (f"M{float(WIDTH)},{float(HEIGHT)}h1", 50.0)


def test_a_gap_breaks_the_line() -> None:
    points = [(NOW_S - 4 * STEP_S, 0.0), (NOW_S - STEP_S, 0.0), (NOW_S, 0.0)]
    chart = draw_day(points, now_s=NOW_S, allowed=0.01)
    assert chart is not None
    assert (chart.line.count("M"), chart.line.count("L")) == (2, 1)


def test_nothing_happened_is_no_chart() -> None:
    assert draw_day([], now_s=NOW_S, allowed=0.01) is None
