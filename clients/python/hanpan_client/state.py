"""이진 상태 프레임(snapshot, delta)을 판의 모습으로 되살린다.

소켓도 시각도 모르는 순수한 코드다. 프레임의 모양은 contract.md의 "상태 프레임"이 정한다.
값은 정수 그대로 둔다: 한 프로세스의 천 명이 초당 2만 프레임을 읽으므로 실수로 바꾸는 일은 볼 때만 한다.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Protocol

import msgspec

FRAME_VERSION = 1
KIND_SNAPSHOT = 1
KIND_DELTA = 2
REMOVED = 0x80
MAX_FIELDS = 7

_HEADER = struct.Struct("<BBHIII")
_RECORD = struct.Struct("<HB")
_FORMATS = {"u8": "B", "i8": "b", "u16": "H", "i16": "h", "u32": "I", "i32": "i"}


Decoder = tuple[Callable[[bytes, int], tuple[int, ...]], int, tuple[int, ...]]
"""한 마스크의 (푸는 함수, 바이트 수, 값이 들어갈 칸의 자리들)."""


class StateFrameError(ValueError):
    """상태 프레임이나 그 스키마가 계약과 다르다."""


class FieldSpec(msgspec.Struct, frozen=True):
    """스키마의 칸 하나. 참값은 `정수 / scale`이다."""

    name: str
    type: str
    scale: float = 1


class StateSchema:
    """칸의 순서와, 마스크마다 미리 만든 풀개. 같은 스키마의 시야들이 함께 쓴다."""

    __slots__ = ("_decoders", "_formats", "fields", "index")

    def __init__(self, fields: Sequence[FieldSpec]) -> None:
        if not 0 < len(fields) <= MAX_FIELDS:
            raise StateFrameError(f"칸은 1개에서 {MAX_FIELDS}개까지입니다: {len(fields)}개")
        unknown = [field.type for field in fields if field.type not in _FORMATS]
        if unknown:
            raise StateFrameError(f"모르는 형: {', '.join(unknown)}")
        self.fields = tuple(fields)
        self.index = {field.name: position for position, field in enumerate(fields)}
        self._formats = tuple(_FORMATS[field.type] for field in fields)
        self._decoders: dict[int, Decoder] = {}

    def decoder(self, mask: int) -> Decoder:
        """이 마스크의 칸들을 푸는 것. 오류: StateFrameError(스키마에 없는 칸)."""
        found = self._decoders.get(mask)
        if found is None:
            if mask >> len(self.fields):
                raise StateFrameError(f"스키마에 없는 칸의 마스크: {mask:#04x}")
            places = tuple(place for place in range(len(self.fields)) if mask >> place & 1)
            packed = struct.Struct("<" + "".join(self._formats[place] for place in places))
            found = self._decoders[mask] = (packed.unpack_from, packed.size, places)
        return found


@lru_cache(maxsize=64)
def _schema(fields: tuple[FieldSpec, ...]) -> StateSchema:
    return StateSchema(fields)


def schema_of(fields: Iterable[FieldSpec]) -> StateSchema:
    """같은 칸들이면 같은 StateSchema를 준다. 오류: StateFrameError."""
    return _schema(tuple(fields))


class StateView(Protocol):
    """상태 프레임을 받는 것. 무엇을 얼마나 풀지는 쓰는 쪽이 고른다."""

    tick: int
    last_input_seq: int

    def apply(self, frame: bytes) -> bool:
        """프레임 하나를 받는다. 모습이 나아갔으면 True. 오류: StateFrameError."""
        ...


class HeaderView:
    """머리만 읽는 가장 싼 시야. 부하 도구가 틱과 입력 확인만 볼 때 쓴다."""

    __slots__ = ("last_input_seq", "snapshots", "tick")

    def __init__(self) -> None:
        self.tick = -1
        self.last_input_seq = 0
        self.snapshots = 0

    def apply(self, frame: bytes) -> bool:
        """늦게 온 프레임이면 False. 오류: StateFrameError."""
        kind, _, tick, seq, _ = unpack_header(frame)
        if kind == KIND_DELTA and tick <= self.tick:
            return False
        self.snapshots += kind == KIND_SNAPSHOT
        self.tick = tick
        self.last_input_seq = seq
        return True


class WorldView:
    """한 판의 지금 모습.

    `entities`는 엔티티 번호에서 값 목록(스키마 순서의 정수)으로 가는 사전이다. `tick`은 이 모습의 틱이며 아직
    snapshot을 받지 못했으면 -1, `last_input_seq`는 서버가 반영한 내 마지막 입력 번호다. 이어지지 않는 delta를
    받으면 `is_stale`이 되고, 다음 snapshot까지 모습은 그대로 멈춘다(서버가 프레임을 버렸으면 스스로 보낸다).
    """

    __slots__ = ("entities", "is_stale", "last_input_seq", "missed_bases", "schema", "snapshots", "tick")

    def __init__(self, schema: StateSchema) -> None:
        self.schema = schema
        self.entities: dict[int, list[int]] = {}
        self.tick = -1
        self.last_input_seq = 0
        self.is_stale = True
        self.snapshots = 0
        self.missed_bases = 0

    def apply(self, frame: bytes) -> bool:
        """프레임을 반영한다. 늦었거나 바탕이 없는 delta면 False이고 모습은 그대로다.

        오류: StateFrameError(모습은 is_stale이 되어 다음 snapshot을 기다린다).
        """
        kind, count, tick, seq, base = unpack_header(frame)
        if kind == KIND_DELTA and not self._continues(tick, base):
            return False
        try:
            if kind == KIND_SNAPSHOT:
                self._replace(frame, count)
            else:
                self._merge(frame, count)
        except (struct.error, StateFrameError) as error:
            self.is_stale = True
            raise StateFrameError(f"상태 프레임이 깨졌습니다: {error}") from error
        self.tick = tick
        self.last_input_seq = seq
        return True

    def value(self, entity_id: int, name: str) -> float:
        """칸의 참값(스키마의 scale로 나눈 값). 없는 엔티티나 칸이면 KeyError."""
        place = self.schema.index[name]
        return self.entities[entity_id][place] / self.schema.fields[place].scale

    def _continues(self, tick: int, base: int) -> bool:
        """이 delta를 지금 모습 위에 얹어도 되는가. 바탕이 다르면 빠진 프레임이 있다."""
        if self.is_stale or tick <= self.tick:
            return False
        if base != self.tick:
            self.is_stale = True
            self.missed_bases += 1
            return False
        return True

    def _replace(self, frame: bytes, count: int) -> None:
        entities: dict[int, list[int]] = {}
        offset = _HEADER.size
        full = (1 << len(self.schema.fields)) - 1
        unpack, size, _ = self.schema.decoder(full)
        for _ in range(count):
            entity_id, mask = _RECORD.unpack_from(frame, offset)
            if mask != full:
                raise StateFrameError(f"snapshot의 엔티티 {entity_id}에 빠진 칸이 있습니다")
            offset += _RECORD.size
            entities[entity_id] = list(unpack(frame, offset))
            offset += size
        _check_end(frame, offset)
        self.entities = entities
        self.is_stale = False
        self.snapshots += 1

    def _merge(self, frame: bytes, count: int) -> None:
        """가장 자주 도는 고리다: 기록마다 부르는 것을 줄이려고 한 함수에 편다."""
        entities, decoder, unpack_record = self.entities, self.schema.decoder, _RECORD.unpack_from
        offset = _HEADER.size
        for _ in range(count):
            entity_id, mask = unpack_record(frame, offset)
            offset += _RECORD.size
            if mask & REMOVED:
                entities.pop(entity_id, None)
                continue
            unpack, size, places = decoder(mask)
            values = unpack(frame, offset)
            offset += size
            row = entities.get(entity_id)
            if row is None:
                entities[entity_id] = self._appear(entity_id, values)
            else:
                for place, value in zip(places, values):  # noqa: B905 - 길이는 decoder가 맞췄다
                    row[place] = value
        _check_end(frame, offset)

    def _appear(self, entity_id: int, values: tuple[int, ...]) -> list[int]:
        if len(values) != len(self.schema.fields):
            raise StateFrameError(f"새 엔티티 {entity_id}에 빠진 칸이 있습니다")
        return list(values)


def unpack_header(frame: bytes) -> tuple[int, int, int, int, int]:
    """(kind, 엔티티 수, tick, 반영된 마지막 입력 번호, 바탕 tick). 오류: StateFrameError."""
    if len(frame) < _HEADER.size:
        raise StateFrameError(f"머리가 짧습니다: {len(frame)}바이트")
    version, kind, count, tick, seq, base = _HEADER.unpack_from(frame)
    if version != FRAME_VERSION or kind not in (KIND_SNAPSHOT, KIND_DELTA):
        raise StateFrameError(f"모르는 프레임: version={version} kind={kind}")
    return kind, count, tick, seq, base


def _check_end(frame: bytes, offset: int) -> None:
    if offset != len(frame):
        raise StateFrameError(f"끝이 맞지 않습니다: {offset} != {len(frame)}")
