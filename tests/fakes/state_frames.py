"""상태 프레임을 만드는 시험용 부호기. 계약(contract.md 3절)만 보고 쓴 것으로 서버의 부호기와 따로다."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

FORMATS = {"u8": "B", "i8": "b", "u16": "H", "i16": "h", "u32": "I", "i32": "i"}
STAR_FIELDS: list[dict[str, Any]] = [
    {"name": "x", "type": "i16", "scale": 16},
    {"name": "y", "type": "i16", "scale": 16},
    {"name": "kind", "type": "u8", "scale": 1},
    {"name": "score", "type": "u16", "scale": 1},
    {"name": "slot", "type": "u8", "scale": 1},
]
STAR_TYPES = tuple(str(field["type"]) for field in STAR_FIELDS)
World = Mapping[int, Sequence[int]]


def _header(kind: int, count: int, tick: int, seq: int, base: int) -> bytes:
    return struct.pack("<BBHIII", 1, kind, count, tick, seq, base)


def _record(entity: int, values: Mapping[int, int], types: Sequence[str]) -> bytes:
    mask = sum(1 << place for place in values)
    body = b"".join(struct.pack("<" + FORMATS[types[place]], values[place]) for place in sorted(values))
    return struct.pack("<HB", entity, mask) + body


def snapshot(world: World, *, tick: int, seq: int = 0, types: Sequence[str] = STAR_TYPES) -> bytes:
    """모든 엔티티의 모든 칸."""
    records = [_record(entity, dict(enumerate(values)), types) for entity, values in world.items()]
    return _header(1, len(records), tick, seq, 0) + b"".join(records)


def delta(
    before: World, after: World, *, tick: int, base: int, seq: int = 0, types: Sequence[str] = STAR_TYPES
) -> bytes:
    """바뀐 칸, 새 엔티티의 모든 칸, 사라진 엔티티."""
    records = []
    for entity, values in after.items():
        old = before.get(entity)
        changed = {place: value for place, value in enumerate(values) if old is None or old[place] != value}
        if changed:
            records.append(_record(entity, changed, types))
    records += [struct.pack("<HB", entity, 0x80) for entity in before if entity not in after]
    return _header(2, len(records), tick, seq, base) + b"".join(records)
