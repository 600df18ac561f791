"""봇: 같은 씨앗이면 같은 길을 가고, 별 쪽으로 가고, 범위를 넘지 않는다."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hanpan_client.bot import StarBot
from hanpan_client.state import FieldSpec, WorldView, schema_of
from tests.fakes.state_frames import STAR_FIELDS, snapshot

SCHEMA = schema_of(FieldSpec(**field) for field in STAR_FIELDS)
ME = 1
places = st.integers(-2_000, 2_000)


def world(me: tuple[int, int], *stars: tuple[int, int], tick: int = 0) -> WorldView:
    view = WorldView(SCHEMA)
    entities = {ME: [*me, 0, 0, 0]} | {100 + n: [*star, 1, 0, 0] for n, star in enumerate(stars)}
    view.apply(snapshot(entities, tick=tick))
    return view


@given(st.integers(0, 99), st.lists(st.tuples(places, places), max_size=5))
def test_the_same_seed_and_worlds_choose_the_same_inputs(seed: int, stars: list[tuple[int, int]]) -> None:
    def walk() -> list[tuple[int, int]]:
        bot = StarBot(seed)
        return [bot.decide(world((0, 0), *stars, tick=tick), ME) for tick in range(0, 40, 2)]

    chosen = walk()
    assert chosen == walk()
    assert all(dx in (-1, 0, 1) and dy in (-1, 0, 1) for dx, dy in chosen)


def test_it_heads_for_the_nearest_star() -> None:
    assert StarBot(1, wander=0).decide(world((100, 100), (90, 100), (500, 500)), ME) == (-1, 0)
    assert StarBot(1, wander=0).decide(world((100, 100), (300, 40)), ME) == (1, -1)


def test_it_stands_still_without_a_star_or_a_body() -> None:
    assert StarBot(1, wander=0).decide(world((0, 0)), ME) == (0, 0)
    assert StarBot(1, wander=0).decide(world((0, 0), (5, 5)), 77) == (0, 0)


def test_it_keeps_its_way_between_thoughts() -> None:
    bot = StarBot(1, wander=0, rethink_ticks=4)
    assert bot.decide(world((0, 0), (5, 0), tick=10), ME) == (1, 0)
    assert bot.decide(world((0, 0), (-5, 0), tick=12), ME) == (1, 0)
    assert bot.decide(world((0, 0), (-5, 0), tick=14), ME) == (-1, 0)
