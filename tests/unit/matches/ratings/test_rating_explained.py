"""레이팅의 셈: 풀어 보인 식이 실제로 쓰이는 값과 언제나 같다."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matches.ratings.rating import NEWCOMER, RatingValue, _rated
from matches.ratings.rating_explained import work_out

ratings = st.tuples(st.floats(200, 3_000), st.floats(20, 500))
matches = st.lists(st.tuples(ratings, st.integers(1, 4)), min_size=2, max_size=8)


@given(matches)
def test_the_work_leads_to_the_ratings_that_are_written(rows: list[tuple[tuple[float, float], int]]) -> None:
    before = [rating for rating, _ in rows]
    places = [place for _, place in rows]
    written = _rated([RatingValue(mu, sigma, 0) for mu, sigma in before], places)
    for shown, row in zip(work_out(before, places).players, written, strict=True):
        assert shown.mu_after == pytest.approx(row.mu, rel=1e-9)
        assert shown.sigma_after == pytest.approx(row.sigma, rel=1e-9)


def test_two_newcomers_expect_a_half_each_beyond_the_certain_first_round() -> None:
    newcomer = (NEWCOMER.mu, NEWCOMER.sigma)
    winner, loser = work_out([newcomer, newcomer], [1, 2]).players
    assert (winner.observed, winner.expected) == (1, pytest.approx(0.5))
    assert (loser.observed, loser.expected) == (1, pytest.approx(1.5))
    assert winner.mu_after - 1500 == pytest.approx(1500 - loser.mu_after)
