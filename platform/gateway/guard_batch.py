"""선수의 가드를 이벤트 루프 한 바퀴 동안 모아 한 번에 읽는다: 한꺼번에 인사하는 선수들이 왕복을 나눠 쓴다."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from resilience.turn_batch import TurnBatch

MAX_BATCH = 256


class GuardTable(Protocol):
    """여러 가드를 한 왕복에 읽는 저장소."""

    async def player_guards(self, player_ids: Sequence[str]) -> list[str | None]:
        """선수마다의 가드. 오류: Unavailable."""
        ...


class GuardBatch:
    """하나씩 묻는 부름(`ports.PlayerGuards`)을 묶음으로 바꾼다."""

    def __init__(self, table: GuardTable) -> None:
        self._batch: TurnBatch[str, str | None] = TurnBatch(table.player_guards, max_batch=MAX_BATCH)

    async def player_guard(self, player_id: str) -> str | None:
        """`ticket:<id>`, `match:<id>` 또는 None. 오류: Unavailable."""
        return await self._batch.submit(player_id)
