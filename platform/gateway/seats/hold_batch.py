"""선수가 매인 것을 이벤트 루프 한 바퀴 동안 모아 한 번에 읽고 적는다: 함께 온 선수들이 왕복을 나눠 쓴다."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from concurrency.micro_batch import MicroBatch
from redisstore.tickets.rows import PlayerHold

MAX_BATCH = 256


class HoldTable(Protocol):
    """여러 선수가 매인 것을 한 왕복에 읽는 저장소."""

    async def player_holds(self, player_ids: Sequence[str]) -> list[PlayerHold]:
        """선수마다 매인 것. 오류: Unavailable."""
        ...


class OwedTable(Protocol):
    """들은 결과를 한 왕복에 적는 저장소."""

    async def told_many(self, told: Sequence[tuple[str, str]]) -> list[bool]:
        """(선수, 판)마다 들었다고 적는다. 오류: Unavailable."""
        ...


class HoldBatch:
    """하나씩 묻는 부름(`ports.PlayerHolds`)을 묶음으로 바꾼다. 오류는 어느 것이든 Unavailable이다."""

    def __init__(self, table: HoldTable, owed: OwedTable) -> None:
        self._holds: MicroBatch[str, PlayerHold] = MicroBatch(table.player_holds, max_batch=MAX_BATCH)
        self._told: MicroBatch[tuple[str, str], bool] = MicroBatch(owed.told_many, max_batch=MAX_BATCH)

    async def player_hold(self, player_id: str) -> PlayerHold:
        """선수가 매인 것."""
        return await self._holds.submit(player_id)

    async def told(self, player_id: str, match_id: str) -> bool:
        """그 판의 결과를 들었다고 적는다."""
        return await self._told.submit((player_id, match_id))
