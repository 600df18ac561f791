"""MariaDB에 쓰기 전에 판 결과를 적어 두는 일지(Redis stream). 반영된 것은 지운다."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from redisstore import keys
from redisstore.client import AsyncRedis, redis_budget

FIRST = "-"


@dataclass(frozen=True, slots=True)
class PendingResult:
    """아직 지워지지 않은 일지 한 줄."""

    entry_id: str
    payload: str
    age_ms: int


class ResultStream:
    """한 리전의 일지. 모든 함수는 Redis가 예산 안에 답하지 않으면 Unavailable을 던진다."""

    def __init__(self, client: AsyncRedis, region: str) -> None:
        self._client = client
        self._key = keys.pending_results(region)

    async def append(self, payload: str) -> str:
        """결과를 적고 줄 번호를 준다.

        시간 초과 뒤에 다시 적으면 두 줄이 될 수 있다(finalize가 멱등이라 괜찮다).
        """
        async with redis_budget():
            return str(await self._client.xadd(self._key, {"payload": payload}))

    async def remove(self, entry_id: str) -> None:
        """반영된 줄을 지운다. 없는 줄이어도 된다."""
        async with redis_budget():
            await self._client.xdel(self._key, entry_id)

    async def pending(self, older_than_ms: int, count: int, *, after: str = FIRST) -> list[PendingResult]:
        """`older_than_ms`보다 오래된 줄을 오래된 것부터 `count`개까지. `after`는 앞 쪽의 마지막 줄 번호다."""
        start = after if after == FIRST else f"({after}"
        async with redis_budget():
            now_ms = await self._now_ms()
            rows: Any = await self._client.xrange(self._key, start, str(now_ms - older_than_ms), count)
        return [
            PendingResult(entry_id, fields["payload"], now_ms - int(entry_id.split("-")[0]))
            for entry_id, fields in rows
        ]

    async def depth(self) -> int:
        """적혀 있는 줄의 수."""
        async with redis_budget():
            return int(await self._client.xlen(self._key))

    async def _now_ms(self) -> int:
        seconds, micros = await self._client.time()
        return int(seconds) * 1000 + int(micros) // 1000
