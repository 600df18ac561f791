"""대기표의 읽기: 줄의 사진, 표의 지금, 가드, claim. 아무것도 바꾸지 않는다."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from redisstore import keys
from redisstore.gate import RedisGate, SyncRedisGate
from redisstore.tickets.rows import (
    CLAIM_FIELDS,
    TICKET_FIELDS,
    PlayerHold,
    Snapshot,
    StoredClaim,
    TicketStatus,
    claim_from_row,
    hold_from_row,
    status_from_row,
)

BACKGROUND_BUDGET_MS = 1_000  # 선수가 기다리지 않는 일(사진, claim)의 예산
FETCH_CHUNK = 500  # 한 왕복에 읽는 대기표 수


def player_guard_sync(gate: SyncRedisGate, region: str, player_id: str) -> str | None:
    """`TicketReader.player_guard`의 스레드판.

    Raises:
        Unavailable: Redis가 답하지 않는다.
    """
    with gate.open() as client:
        guard: Any = client.get(keys.player_guard(region, player_id))
    return None if guard is None else str(guard)


class TicketReader:
    """한 리전의 대기표를 읽는다. Redis가 예산 안에 답하지 않으면 Unavailable을 던진다."""

    def __init__(self, gate: RedisGate, region: str) -> None:
        self._gate = gate
        self._region = region

    async def player_guard(self, player_id: str) -> str | None:
        """선수의 가드: `ticket:<id>`, `match:<id>`, 또는 None."""
        async with self._gate.open() as client:
            guard = await client.get(keys.player_guard(self._region, player_id))
        return None if guard is None else str(guard)

    async def player_holds(self, player_ids: Sequence[str]) -> list[PlayerHold]:
        """여러 선수가 매인 것을 한 왕복에. 순서는 물은 대로다."""
        guards = [keys.player_guard(self._region, each) for each in player_ids]
        owed = [keys.owed_result(self._region, each) for each in player_ids]
        async with self._gate.open() as client:
            values: list[Any] = await client.mget([*guards, *owed])
        halves = zip(values[: len(guards)], values[len(guards) :], strict=True)
        return [hold_from_row(guard, result) for guard, result in halves]

    async def snapshot(self, modes: Sequence[str]) -> Snapshot:
        """모드마다 줄에서 기다리는 표의 이름과 지금의 Redis 시각."""
        async with self._gate.open(BACKGROUND_BUDGET_MS) as client:
            pipeline = client.pipeline(transaction=False)
            pipeline.time()
            for mode in modes:
                pipeline.zrangebyscore(keys.queue(self._region, mode), 0, "+inf")
            (seconds, micros), *waiting = await pipeline.execute()
        return Snapshot(seconds * 1000 + micros // 1000, dict(zip(modes, waiting, strict=True)))

    async def fetch(self, ticket_ids: Iterable[str]) -> dict[str, TicketStatus]:
        """표들의 지금. hash가 없는 표는 답에 없다."""
        wanted = list(ticket_ids)
        found: dict[str, TicketStatus] = {}
        for start in range(0, len(wanted), FETCH_CHUNK):
            chunk = wanted[start : start + FETCH_CHUNK]
            async with self._gate.open(BACKGROUND_BUDGET_MS) as client:
                pipeline = client.pipeline(transaction=False)
                for ticket_id in chunk:
                    pipeline.hmget(keys.ticket(self._region, ticket_id), TICKET_FIELDS)
                rows = await pipeline.execute()
            for ticket_id, row in zip(chunk, rows, strict=True):
                status = status_from_row(ticket_id, row)
                if status is not None:
                    found[ticket_id] = status
        return found

    async def stale_claims(self, mode: str, *, now_ms: int, older_than_ms: int) -> list[str]:
        """이만큼 전에 잡히고 아직 정해지지 않은 표의 이름들."""
        async with self._gate.open(BACKGROUND_BUDGET_MS) as client:
            names = await client.zrangebyscore(
                keys.queue(self._region, mode), -(now_ms - older_than_ms), "(0"
            )
        return [str(name) for name in names]

    async def read_claim(self, match_id: str) -> StoredClaim | None:
        """판의 claim. 되돌려졌거나 TTL이 지났으면 None."""
        async with self._gate.open() as client:
            row: Any = await client.hmget(keys.claim(self._region, match_id), CLAIM_FIELDS)
        return claim_from_row(match_id, row)

    async def lost_gateways(self, gateway_ids: Collection[str]) -> set[str]:
        """임대가 끊긴 gateway들."""
        asked = list(gateway_ids)
        async with self._gate.open(BACKGROUND_BUDGET_MS) as client:
            pipeline = client.pipeline(transaction=False)
            for gateway_id in asked:
                pipeline.exists(keys.gateway_lease(self._region, gateway_id))
            alive = await pipeline.execute()
        return {gateway_id for gateway_id, exists in zip(asked, alive, strict=True) if not exists}
