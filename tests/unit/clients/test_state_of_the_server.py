"""서버의 부호기와 SDK의 풀이가 만나는 곳: 진짜 규칙을 돌려 두 모습이 틱마다 같은지 본다."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from gameservices.rules.base import ModeSpec
from gameservices.rules.star_collect import StarCollect
from gameservices.simulation.codec import RecordCodec
from gameservices.simulation.delta import StateEncoder
from hanpan_client.state import FieldSpec, WorldView, schema_of

MODE = ModeSpec(name="test", min_players=2, max_players=8, duration_ms=60_000)
moves = st.tuples(st.integers(0, 3), st.integers(-1, 1), st.integers(-1, 1))


@settings(max_examples=30)
@given(
    seed=st.integers(0, 2**32),
    turns=st.lists(st.lists(moves, max_size=4), min_size=1, max_size=60),
    leaver=st.integers(0, 59),
    lost=st.sets(st.integers(1, 60), max_size=5),
)
def test_the_client_sees_what_the_rules_hold(
    seed: int, turns: list[list[tuple[int, int, int]]], leaver: int, lost: set[int]
) -> None:
    rules = StarCollect(mode=MODE, player_count=4, seed=seed)
    codec = RecordCodec(rules.state_fields)
    encoder = StateEncoder(codec, rules.entities())
    view = WorldView(schema_of(msgspec.json.decode(codec.schema_json, type=list[FieldSpec])))
    assert view.apply(encoder.snapshot_frame(0))
    for turn, inputs in enumerate(turns):
        for slot, dx, dy in inputs:
            rules.apply_input(slot, (dx, dy))
        if turn == leaver:
            rules.leave(0)
        rules.step()
        encoder.advance(rules.entities(), rules.touched(), rules.removed())
        if encoder.tick not in lost:
            view.apply(encoder.snapshot_frame(turn) if view.is_stale else encoder.delta_frame(turn))
        if view.tick == encoder.tick:
            assert view.entities == {entity: list(state) for entity, state in rules.entities().items()}
            assert view.last_input_seq == turn
