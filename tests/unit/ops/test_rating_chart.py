"""레이팅의 그림: 점은 그림판 안에 있고, 높은 레이팅이 위에 있으며, 눈금은 보기 좋은 수다."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ops.rating_chart import HEIGHT, MARGIN, WIDTH, draw_chart

ratings = st.floats(0, 4000)


def test_nothing_is_drawn_without_a_match() -> None:
    assert draw_chart(1500, []) is None


def test_the_line_starts_before_the_first_match_and_ends_after_the_last() -> None:
    chart = draw_chart(1500, [("a", 1600), ("b", 1550)])
    assert chart is not None
    assert [(dot.rating, dot.match_id) for dot in chart.dots] == [(1500, ""), (1600, "a"), (1550, "b")]
    assert (chart.dots[0].x, chart.dots[-1].x) == (MARGIN, WIDTH - MARGIN)
    assert chart.line.startswith("M") and chart.line.count("L") == 2
    assert chart.area.endswith("Z")


def test_the_ticks_are_round_numbers_around_the_ratings() -> None:
    chart = draw_chart(1500, [("a", 1812.3)])
    assert chart is not None
    assert [tick.rating for tick in chart.ticks] == [1900, 1800, 1700, 1600, 1500]


def test_a_rating_that_never_moved_is_drawn_in_the_middle() -> None:
    chart = draw_chart(1500, [("a", 1500)])
    assert chart is not None
    assert {dot.y for dot in chart.dots} == {HEIGHT / 2}


@given(ratings, st.lists(st.tuples(st.text(max_size=2), ratings), min_size=1, max_size=50))
def test_every_dot_is_inside_and_higher_ratings_are_above(
    before: float, after: list[tuple[str, float]]
) -> None:
    chart = draw_chart(before, after)
    assert chart is not None
    assert all(0 <= dot.x <= WIDTH and MARGIN <= dot.y <= HEIGHT - MARGIN for dot in chart.dots)
    by_rating = sorted(chart.dots, key=lambda dot: dot.rating)
    assert [dot.y for dot in by_rating] == sorted((dot.y for dot in chart.dots), reverse=True)
    assert 2 <= len(chart.ticks) <= 8
    assert [tick.y for tick in chart.ticks] == sorted(tick.y for tick in chart.ticks)
