"""레이팅의 규칙: openskill이 말하는 대로, 순서와 이름에 흔들리지 않게."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.ids import new_id
from matches.outcome import MatchOutcome, PlayerOutcome
from matches.ratings.rating import NEWCOMER, RatingValue, decide

IDS = [new_id(now_ms=1_700_000_000_000 + index) for index in range(8)]
ratings = st.builds(RatingValue, st.floats(0, 4000), st.floats(50, 500), st.integers(0, 10_000))


def match(places: dict[str, int], status: str = "finalized") -> MatchOutcome:
    return MatchOutcome(
        match_id=new_id(), mode="duel", region="local", server_id="session1", status=status,  # type: ignore[arg-type]
        abort_code="" if status == "finalized" else "SESSION_LOST",
        players=tuple(PlayerOutcome(player_id=p, place=place, score=0) for p, place in places.items()),
        created_at_ms=1, started_at_ms=1, ended_at_ms=2, ticks=1, seed=1,
    )  # fmt: skip


def after(snapshot: dict[str, RatingValue], places: dict[str, int]) -> dict[str, RatingValue]:
    return {change.player_id: change.after for change in decide(snapshot, match(places))}


def test_a_first_duel_moves_both_by_the_known_amount() -> None:
    # openskill 6.2 PlackettLuce(mu=1500, sigma=500, beta=250, tau=5)로 따로 구한 값.
    result = after({}, {IDS[0]: 1, IDS[1]: 2})
    assert result[IDS[0]].mu == pytest.approx(1658.1233695884298)
    assert result[IDS[1]].mu == pytest.approx(1341.8766304115702)
    assert result[IDS[0]].sigma == pytest.approx(483.9540848126208)
    assert result[IDS[0]].games == result[IDS[1]].games == 1


def test_a_draw_of_equals_moves_nobody() -> None:
    result = after({}, {IDS[0]: 1, IDS[1]: 1})
    assert result[IDS[0]].mu == pytest.approx(1500) == result[IDS[1]].mu


def test_an_aborted_match_changes_nothing() -> None:
    assert decide({}, match({IDS[0]: 1, IDS[1]: 2}, status="aborted")) == []


def test_a_match_alone_only_counts_the_game() -> None:
    assert after({IDS[0]: RatingValue(1700, 90, 3)}, {IDS[0]: 1})[IDS[0]] == RatingValue(1700, 90, 4)


def test_changes_come_in_player_order_with_what_was_before() -> None:
    snapshot = {IDS[1]: RatingValue(1700, 90, 3)}
    changes = decide(snapshot, match({IDS[2]: 1, IDS[1]: 2, IDS[0]: 3}))
    assert [change.player_id for change in changes] == IDS[:3]
    assert [change.before for change in changes] == [NEWCOMER, snapshot[IDS[1]], NEWCOMER]


@given(st.lists(ratings, min_size=2, max_size=2))
def test_the_winner_never_falls_and_the_loser_never_rises(before: list[RatingValue]) -> None:
    snapshot = dict(zip(IDS, before, strict=False))
    result = after(snapshot, {IDS[0]: 1, IDS[1]: 2})
    assert result[IDS[0]].mu >= before[0].mu
    assert result[IDS[1]].mu <= before[1].mu


@given(st.lists(st.tuples(ratings, st.integers(0, 5)), min_size=1, max_size=8))
def test_every_rating_stays_finite_and_counts_one_game(seats: list[tuple[RatingValue, int]]) -> None:
    scores = [score for _, score in seats]
    places = {IDS[i]: 1 + sum(other > score for other in scores) for i, score in enumerate(scores)}
    snapshot = {IDS[i]: rating for i, (rating, _) in enumerate(seats)}
    for player_id, new in after(snapshot, places).items():
        assert math.isfinite(new.mu)
        assert 0 < new.sigma < 520
        assert new.games == snapshot[player_id].games + 1


@given(st.lists(ratings, min_size=3, max_size=6), st.randoms(use_true_random=False))
def test_the_order_in_which_players_are_listed_does_not_matter(
    before: list[RatingValue], shuffler: object
) -> None:
    snapshot = {IDS[i]: rating for i, rating in enumerate(before)}
    places = {IDS[i]: i + 1 for i in range(len(before))}
    shuffled = list(places.items())
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]
    assert after(snapshot, dict(shuffled)) == after(snapshot, places)


@given(ratings, ratings)
def test_exchanging_the_two_players_exchanges_their_changes(first: RatingValue, second: RatingValue) -> None:
    one = after({IDS[0]: first, IDS[1]: second}, {IDS[0]: 1, IDS[1]: 2})
    other = after({IDS[0]: second, IDS[1]: first}, {IDS[0]: 2, IDS[1]: 1})
    assert one[IDS[0]].mu == pytest.approx(other[IDS[1]].mu)
    assert one[IDS[1]].sigma == pytest.approx(other[IDS[0]].sigma)
