"""상태 프레임의 풀이: 어떤 변화의 흐름이든 같은 모습이 되고, 빠진 것이 있으면 snapshot을 기다린다."""

from __future__ import annotations

import contextlib
import json
import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpan_client.state import FieldSpec, HeaderView, StateFrameError, StateSchema, WorldView, schema_of
from tests.fakes.state_frames import STAR_FIELDS, delta, snapshot

SCHEMA = schema_of(FieldSpec(**field) for field in STAR_FIELDS)
GOLDEN = json.loads((Path(__file__).resolve().parents[2] / "contract" / "golden_frames.json").read_text())
RANGES = [(-(2**15), 2**15 - 1), (-(2**15), 2**15 - 1), (0, 255), (0, 65_535), (0, 255)]
rows = st.tuples(*(st.integers(low, high) for low, high in RANGES)).map(list)
worlds = st.dictionaries(st.integers(0, 65_535), rows, max_size=6)


def seen(first: dict[int, list[int]], *, tick: int = 1) -> WorldView:
    view = WorldView(SCHEMA)
    assert view.apply(snapshot(first, tick=tick))
    return view


@given(st.lists(worlds, min_size=1, max_size=8))
def test_a_snapshot_and_its_deltas_rebuild_every_world(history: list[dict[int, list[int]]]) -> None:
    view = seen(history[0])
    for tick, (before, after) in enumerate(pairwise(history), start=2):
        assert view.apply(delta(before, after, tick=tick, base=tick - 1, seq=tick * 3))
        assert (view.entities, view.tick, view.last_input_seq) == (after, tick, tick * 3)
    assert not view.is_stale


@given(worlds, worlds, worlds)
def test_a_missing_base_freezes_the_view_until_a_snapshot(
    first: dict[int, list[int]], lost: dict[int, list[int]], last: dict[int, list[int]]
) -> None:
    view = seen(first)
    assert not view.apply(delta(lost, last, tick=3, base=2))
    assert view.is_stale
    assert view.missed_bases == 1
    assert not view.apply(delta(last, last, tick=4, base=3)), "바탕을 모르는 채 이어 가면 안 된다"
    assert view.entities == first
    assert view.apply(snapshot(last, tick=5))
    assert (view.entities, view.is_stale) == (last, False)


def test_a_late_delta_changes_nothing() -> None:
    view = seen({1: [0, 0, 0, 0, 0]}, tick=9)
    assert not view.apply(delta({}, {1: [5, 5, 0, 0, 0]}, tick=9, base=8))
    assert not view.is_stale
    assert view.entities == {1: [0, 0, 0, 0, 0]}


def test_no_delta_is_taken_before_the_first_snapshot() -> None:
    view = WorldView(SCHEMA)
    assert not view.apply(delta({}, {1: [1, 2, 0, 3, 4]}, tick=1, base=0))
    assert view.tick == -1


def test_values_are_scaled_only_when_asked() -> None:
    view = seen({7: [24, -8, 0, 3, 1]})
    assert view.entities[7][0] == 24
    assert (view.value(7, "x"), view.value(7, "y"), view.value(7, "score")) == (1.5, -0.5, 3)


@given(st.binary(max_size=64))
def test_garbage_raises_only_the_typed_error(garbage: bytes) -> None:
    for view in (seen({1: [0, 0, 0, 0, 0]}), HeaderView()):
        with contextlib.suppress(StateFrameError):
            view.apply(garbage)


@given(worlds.filter(bool), st.data())
def test_a_cut_frame_is_refused_and_waits_for_a_snapshot(
    world: dict[int, list[int]], data: st.DataObject
) -> None:
    frame = delta({}, world, tick=2, base=1)
    cut = data.draw(st.integers(16, len(frame) - 1))
    view = seen({})
    with pytest.raises(StateFrameError):
        view.apply(frame[:cut])
    assert view.is_stale


@pytest.mark.parametrize(
    "frame",
    [
        struct.pack("<BBHIII", 2, 1, 0, 1, 0, 0),
        struct.pack("<BBHIII", 1, 3, 0, 1, 0, 0),
        struct.pack("<BBHIIIHB", 1, 2, 1, 2, 0, 1, 7, 0x40),
        struct.pack("<BBHIIIHBh", 1, 2, 1, 2, 0, 1, 7, 0x01, 5),
        struct.pack("<BBHIIIHBh", 1, 1, 1, 2, 0, 0, 7, 0x01, 5),
        snapshot({}, tick=1) + b"\x00",
    ],
    ids=["version", "kind", "mask", "new entity with holes", "snapshot with holes", "trailing byte"],
)
def test_a_frame_against_the_contract_is_refused(frame: bytes) -> None:
    with pytest.raises(StateFrameError):
        seen({}).apply(frame)


@pytest.mark.parametrize(
    "fields", [[], [FieldSpec("x", "i64")], [FieldSpec(f"f{n}", "u8") for n in range(8)]]
)
def test_an_unknown_schema_is_refused(fields: list[FieldSpec]) -> None:
    with pytest.raises(StateFrameError):
        StateSchema(fields)


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"])
def test_the_golden_frames_are_read_like_the_server_wrote_them(case: dict[str, Any]) -> None:
    view = WorldView(schema_of(msgspec.convert(GOLDEN["schema"], list[FieldSpec])))
    names = [field["name"] for field in GOLDEN["schema"]]
    for step in case["steps"]:
        assert view.apply(bytes.fromhex(step["frame_hex"])) == step["applied"]
        assert (view.tick, view.last_input_seq) == (step["tick"], step["ack_seq"])
        seen_values = {str(entity): [view.value(entity, name) for name in names] for entity in view.entities}
        assert seen_values == step["entities"]


def test_views_of_one_mode_share_their_schema() -> None:
    assert schema_of(FieldSpec(**field) for field in STAR_FIELDS) is SCHEMA


def test_the_header_view_follows_ticks_and_inputs_without_decoding() -> None:
    view = HeaderView()
    assert view.apply(snapshot({1: [0, 0, 0, 0, 0]}, tick=4, seq=1))
    assert view.apply(delta({}, {}, tick=5, base=4, seq=2))
    assert not view.apply(delta({}, {}, tick=5, base=4, seq=9))
    assert (view.tick, view.last_input_seq, view.snapshots) == (5, 2, 1)
