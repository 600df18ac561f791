"""순위의 규칙과 모드 설정의 검사."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameservices.rules.base import ModeError, ModeSpec, WindowSpec, places


def test_a_higher_score_takes_the_better_place() -> None:
    assert places([3, 9, 5], ()) == [3, 1, 2]


def test_equal_scores_share_a_place_and_the_next_place_is_skipped() -> None:
    assert places([7, 7, 2, 7], ()) == [1, 1, 4, 1]


def test_a_player_who_conceded_stands_behind_everyone_who_stayed() -> None:
    assert places([9, 0, 4], {0}) == [3, 2, 1]


@given(st.lists(st.integers(0, 5), min_size=2, max_size=8), st.sets(st.integers(0, 7)))
def test_places_are_a_standard_competition_ranking(scores: list[int], conceded: set[int]) -> None:
    ranked = sorted(places(scores, conceded))
    assert ranked[0] == 1
    for index, place in enumerate(ranked):
        assert place == ranked[index - 1] or place == index + 1


def test_a_mode_knows_its_length_in_ticks() -> None:
    assert ModeSpec(name="m", min_players=2, max_players=2, duration_ms=1_500).duration_ticks == 30


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"min_players": 1}, "min_players"),
        ({"max_players": 500}, "max_players"),
        ({"min_players": 3, "max_players": 2}, "min_players"),
        ({"duration_ms": 0}, "duration_ms"),
        ({"duration_ms": 49}, "duration_ms"),
        ({"tick_rate_hz": 7}, "tick_rate_hz"),
        ({"tick_rate_hz": 0}, "tick_rate_hz"),
        ({"fill_wait_ms": -1}, "fill_wait_ms"),
    ],
)
def test_a_mode_that_makes_no_sense_is_refused_with_the_field_named(
    changes: dict[str, int], named: str
) -> None:
    whole: dict[str, Any] = {"min_players": 2, "max_players": 2, "duration_ms": 20_000, **changes}
    with pytest.raises(ModeError, match=named):
        ModeSpec(name="m", **whole)


def test_a_window_wider_than_its_cap_is_refused() -> None:
    with pytest.raises(ModeError, match="rating_window"):
        WindowSpec(base=2_000)
    with pytest.raises(ModeError, match="open_after_ms"):
        WindowSpec(open_after_ms=-1)
