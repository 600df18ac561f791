"""엔티티 기록의 바이트와 칸의 목록."""

from __future__ import annotations

import json
import struct

import pytest

from gameservices.rules.base import StateField
from gameservices.rules.star_collect import StarCollect
from gameservices.simulation.codec import HEADER, RecordCodec

CODEC = RecordCodec(StarCollect.state_fields)


def test_the_header_is_sixteen_bytes() -> None:
    assert HEADER.size == 16


def test_a_full_record_holds_every_field_in_schema_order() -> None:
    record = CODEC.full(513, (-5, 300, 1, 40_000, 255))
    assert record == struct.pack("<HBhhBHB", 513, 0b11111, -5, 300, 1, 40_000, 255)


def test_a_change_holds_only_the_fields_that_differ() -> None:
    before = (1, 2, 0, 3, 0)
    assert CODEC.changes(9, before, (1, 5, 0, 4, 0)) == struct.pack("<HBhH", 9, 0b1010, 5, 4)
    assert CODEC.changes(9, before, (1, 2, 0, 3, 7)) == struct.pack("<HBB", 9, 0b10000, 7)


def test_nothing_changed_is_no_record() -> None:
    assert CODEC.changes(9, (1, 2, 0, 3, 0), (1, 2, 0, 3, 0)) is None


def test_a_removed_record_is_the_id_and_the_top_bit() -> None:
    assert CODEC.removed(258) == b"\x02\x01\x80"


def test_the_schema_names_fields_types_and_scales() -> None:
    assert json.loads(CODEC.schema_json) == [
        {"name": "x", "type": "i16", "scale": 16},
        {"name": "y", "type": "i16", "scale": 16},
        {"name": "kind", "type": "u8"},
        {"name": "score", "type": "u16"},
        {"name": "slot", "type": "u8"},
    ]


@pytest.mark.parametrize("count", [0, 8])
def test_a_schema_must_fit_the_mask(count: int) -> None:
    with pytest.raises(ValueError, match="칸"):
        RecordCodec([StateField(f"f{index}", "u8") for index in range(count)])
