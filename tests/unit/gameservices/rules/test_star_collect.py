"""별 모으기의 규칙: 손으로 고른 경우들과, 어떤 입력에서도 지켜지는 성질들."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gameservices.rules.base import EntityState, ModeSpec
from gameservices.rules.star_collect import (
    DIAGONAL_STEP,
    NO_SLOT,
    PLAYER,
    REACH,
    RESPAWN_TICKS,
    STAR,
    STEP,
    UNIT,
    StarCollect,
)


def game(players: int = 2, *, seed: int = 7, duration_ms: int = 20_000) -> StarCollect:
    mode = ModeSpec(name="duel", min_players=2, max_players=200, duration_ms=duration_ms)
    return StarCollect(mode=mode, player_count=players, seed=seed)


def edge(rules: StarCollect) -> int:
    return rules.setup["edge"] * UNIT


def stars(rules: StarCollect) -> dict[int, EntityState]:
    return {entity: state for entity, state in rules.entities().items() if state[2] == STAR}


def walk_towards_nearest_star(rules: StarCollect, slot: int) -> None:
    x, y = rules.entities()[slot][:2]
    star_x, star_y = min(
        ((state[0], state[1]) for state in stars(rules).values()),
        key=lambda at: (at[0] - x) ** 2 + (at[1] - y) ** 2,
    )
    gaps = (star_x - x, star_y - y)
    rules.apply_input(slot, [(gap > STEP) - (gap < -STEP) for gap in gaps])


def test_a_game_starts_with_every_player_and_a_field_of_stars() -> None:
    rules = game(2)
    players = [state for state in rules.entities().values() if state[2] == PLAYER]
    assert [state[4] for state in players] == [0, 1]
    assert len(stars(rules)) == 8
    assert {state[4] for state in stars(rules).values()} == {NO_SLOT}


def test_a_hundred_players_get_a_larger_field_and_more_stars_and_stand_apart() -> None:
    small, large = game(2), game(100)
    assert edge(large) > 4 * edge(small)
    assert len(stars(large)) == 204
    at = [state[:2] for entity, state in large.entities().items() if entity < 100]
    assert len(set(at)) == 100


def test_a_player_moves_while_the_input_holds_and_stops_when_idle() -> None:
    rules = game()
    x, y = rules.entities()[0][:2]
    direction = 1 if x < edge(rules) // 2 else -1
    rules.apply_input(0, [direction, 0])
    rules.step()
    rules.step()
    assert rules.entities()[0][:2] == (x + 2 * STEP * direction, y)
    rules.idle(0)
    rules.step()
    assert rules.entities()[0][:2] == (x + 2 * STEP * direction, y)


def test_a_diagonal_is_no_faster_than_a_straight_line() -> None:
    assert 2 * DIAGONAL_STEP**2 <= STEP**2


def test_the_edge_of_the_field_holds_a_player() -> None:
    rules = game()
    rules.apply_input(0, [-1, -1])
    for _ in range(300):
        rules.step()
    assert rules.entities()[0][:2] == (0, 0)


def test_a_star_in_reach_is_taken_scores_one_and_comes_back_elsewhere_later() -> None:
    rules = game()
    while not rules.scores()[0]:
        walk_towards_nearest_star(rules, 0)
        rules.step()
    taken = [entity for entity in rules.removed() if entity >= 2]
    assert len(taken) == rules.scores()[0] == rules.entities()[0][3]
    assert taken[0] not in rules.entities()
    rules.idle(0)
    for _ in range(RESPAWN_TICKS):
        rules.step()
    assert taken[0] in rules.touched()
    assert rules.entities()[taken[0]][2] == STAR


def test_two_players_never_get_the_same_star() -> None:
    rules = game(50, duration_ms=60_000)
    for _ in range(400):
        for slot in range(50):
            walk_towards_nearest_star(rules, slot)
        before = len(stars(rules))
        scores = sum(rules.scores())
        rules.step()
        appeared = sum(1 for entity in rules.touched() if entity >= 50)
        assert sum(rules.scores()) - scores == before + appeared - len(stars(rules))


def test_a_match_ends_after_its_length_and_then_stands_still() -> None:
    rules = game(duration_ms=1_000)
    for _ in range(20):
        assert not rules.is_over
        rules.step()
    assert rules.is_over
    rules.apply_input(0, [1, 1])
    before = dict(rules.entities())
    rules.step()
    assert rules.entities() == before


def test_a_duel_is_over_when_one_player_leaves() -> None:
    rules = game()
    rules.leave(1)
    assert rules.is_over
    assert rules.conceded() == {1}


def test_an_arena_goes_on_without_the_one_who_left_and_the_field_forgets_them() -> None:
    rules = game(3)
    rules.leave(2)
    rules.leave(2)
    assert not rules.is_over
    rules.step()
    assert 2 in rules.removed()
    assert 2 not in rules.entities()
    rules.step()
    assert 2 not in rules.removed()


moves = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-1, 1), st.integers(-1, 1)), min_size=1, max_size=120
)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**63 - 1), inputs=moves)
def test_the_same_seed_and_inputs_give_the_same_states(seed: int, inputs: list[tuple[int, int, int]]) -> None:
    one, other = game(4, seed=seed), game(4, seed=seed)
    for slot, dx, dy in inputs:
        for rules in (one, other):
            rules.apply_input(slot, [dx, dy])
            rules.step()
        assert one.entities() == other.entities()
        assert (one.touched(), one.removed()) == (other.touched(), other.removed())


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**63 - 1), inputs=moves)
def test_nothing_leaves_the_field_and_touched_covers_every_change(
    seed: int, inputs: list[tuple[int, int, int]]
) -> None:
    rules = game(4, seed=seed)
    for slot, dx, dy in inputs:
        before = dict(rules.entities())
        rules.apply_input(slot, [dx, dy])
        rules.step()
        after = rules.entities()
        assert all(0 <= state[0] <= edge(rules) and 0 <= state[1] <= edge(rules) for state in after.values())
        assert {entity for entity, state in after.items() if before.get(entity) != state} <= set(
            rules.touched()
        )
        assert set(before) - set(after) <= set(rules.removed())


def test_reach_fits_the_search_grid() -> None:
    assert REACH <= 64, "이웃 칸만 보는 찾기가 닿는 거리보다 작아선 안 된다"
