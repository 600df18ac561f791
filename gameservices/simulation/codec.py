"""상태 프레임의 바이트 모양: 16바이트 머리와 엔티티 기록들(리틀 엔디언).

칸의 목록만 알고 값의 뜻은 모른다. 모양의 정본은 design/protocol/contract.md에 있다.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from gameservices.rules.base import EntityState, StateField

VERSION = 1
SNAPSHOT, DELTA = 1, 2
REMOVED = 0x80
MAX_FIELDS = 7  # 마스크의 비트 7은 '사라짐'이다

HEADER = struct.Struct("<BBHIII")  # 버전, 종류, 엔티티 수, 틱, 반영한 입력 번호, 바탕 틱
_RECORD_PREFIX = "<HB"  # 엔티티 번호, 칸 마스크
_FORMATS = {"u8": "B", "i8": "b", "u16": "H", "i16": "h", "u32": "I", "i32": "i"}
_REMOVED_RECORD = struct.Struct(_RECORD_PREFIX)


@cache
def codec_of(fields: tuple[StateField, ...]) -> RecordCodec:
    """그 칸들의 codec. 같은 규칙의 방들이 나눠 쓴다(방마다 만들면 판이 몰릴 때 값이 든다)."""
    return RecordCodec(fields)


def _schema_json(fields: Sequence[StateField]) -> str:
    """칸의 목록. scale이 1이면 적지 않는다."""
    rows = [
        {"name": field.name, "type": field.type} | ({"scale": field.scale} if field.scale != 1 else {})
        for field in fields
    ]
    return json.dumps(rows, separators=(",", ":"))


class RecordCodec:
    """한 규칙의 엔티티 기록을 만든다. 마스크마다의 struct를 처음 쓸 때 만들어 둔다."""

    def __init__(self, fields: Sequence[StateField]) -> None:
        if not 1 <= len(fields) <= MAX_FIELDS:
            raise ValueError(f"상태 칸은 1개에서 {MAX_FIELDS}개까지입니다: {len(fields)}개")
        self._fields = tuple(fields)
        self._formats = [_FORMATS[field.type] for field in fields]
        self._packers: dict[int, tuple[Any, Any]] = {}
        self.full_mask = (1 << len(fields)) - 1
        self.schema_json = _schema_json(fields)  # match.start에 실린다

    def full(self, entity_id: int, state: EntityState) -> bytes:
        """모든 칸이 있는 기록."""
        return self._encode(entity_id, self.full_mask, state)

    def changes(self, entity_id: int, before: EntityState, after: EntityState) -> bytes | None:
        """달라진 칸만 있는 기록. 달라진 것이 없으면 None."""
        mask = 0
        for bit, (old, new) in enumerate(zip(before, after, strict=True)):
            if old != new:
                mask |= 1 << bit
        return self._encode(entity_id, mask, after) if mask else None

    def removed(self, entity_id: int) -> bytes:
        """사라졌다는 기록."""
        return _REMOVED_RECORD.pack(entity_id, REMOVED)

    def _encode(self, entity_id: int, mask: int, state: EntityState) -> bytes:
        packer = self._packers.get(mask)
        if packer is None:
            packer = self._packers[mask] = self._make_packer(mask)
        pack, pick = packer
        record: bytes = pack(entity_id, mask, *pick(state))
        return record

    def _make_packer(self, mask: int) -> tuple[Any, Any]:
        bits = [bit for bit in range(len(self._fields)) if mask >> bit & 1]
        record = struct.Struct(_RECORD_PREFIX + "".join(self._formats[bit] for bit in bits))
        # itemgetter는 칸이 하나면 값을 그대로 준다. 자르기를 주면 언제나 튜플이다.
        pick = itemgetter(*bits) if len(bits) > 1 else itemgetter(slice(bits[0], bits[0] + 1))
        return record.pack, pick
