"""틱마다 달라진 것을 한 번만 기록으로 만들고, 보는 사람마다 머리만 바꿔 프레임을 만든다.

시계와 전송을 모른다. 프레임의 본문은 한 틱에 한 벌(차이 하나, 전체 하나)뿐이다.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gameservices.rules.base import EntityState
from gameservices.simulation.codec import DELTA, HEADER, SNAPSHOT, VERSION, RecordCodec


class StateEncoder:
    """방 하나의 상태 프레임을 만든다. 마지막으로 알린 상태를 기억한다."""

    def __init__(self, codec: RecordCodec, entities: Mapping[int, EntityState]) -> None:
        self._codec = codec
        self._known = dict(entities)
        self._tick = 0
        self._delta_count = 0
        self._delta_body = b""
        self._snapshot_body: bytes | None = None

    @property
    def tick(self) -> int:
        """마지막으로 받아들인 틱. 처음은 0이다."""
        return self._tick

    def advance(
        self, entities: Mapping[int, EntityState], touched: Collection[int], removed: Collection[int]
    ) -> None:
        """한 틱 나아간다. 사라진 기록이 먼저 나가므로, 사라졌다 다시 난 엔티티는 온전한 기록으로 뒤따른다."""
        self._tick += 1
        self._snapshot_body = None
        records = self._removed_records(removed)
        known, codec = self._known, self._codec
        for entity_id in touched:
            state = entities.get(entity_id)
            before = known.get(entity_id)
            if state is None or state is before:
                continue
            record = (
                codec.full(entity_id, state) if before is None else codec.changes(entity_id, before, state)
            )
            if record is not None:
                known[entity_id] = state
                records.append(record)
        self._delta_count = len(records)
        self._delta_body = b"".join(records)

    def delta_frame(self, applied_seq: int) -> bytes:
        """바로 앞 틱 위에 얹는 프레임."""
        header = HEADER.pack(VERSION, DELTA, self._delta_count, self._tick, applied_seq, self._tick - 1)
        return header + self._delta_body

    def snapshot_frame(self, applied_seq: int) -> bytes:
        """이 틱의 전체 상태. 본문은 한 틱에 한 번만 만든다."""
        if self._snapshot_body is None:
            full = self._codec.full
            self._snapshot_body = b"".join(
                [full(entity_id, state) for entity_id, state in self._known.items()]
            )
        header = HEADER.pack(VERSION, SNAPSHOT, len(self._known), self._tick, applied_seq, 0)
        return header + self._snapshot_body

    def _removed_records(self, removed: Collection[int]) -> list[bytes]:
        known, codec = self._known, self._codec
        return [codec.removed(entity_id) for entity_id in removed if known.pop(entity_id, None) is not None]
