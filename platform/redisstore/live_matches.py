"""MariaDB가 끝을 알기 전까지의 판 기록. session이 쓰고 platform과 session이 읽는다."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from redisstore import keys
from redisstore.gate import RedisGate, SyncRedisGate
from redisstore.scripts import Script, ScriptArg, ScriptCall, raise_first

PUT = Script("match_put")

CREATED, RUNNING, ENDED = "created", "running", "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveMatch:
    """살아 있는 판 하나. `ended`는 끝났지만 결과가 아직 반영되지 않은 판이다.

    시각은 밀리초이고 0은 아직 없음이다.
    """

    match_id: str
    status: str
    mode: str
    region: str
    server_id: str
    player_ids: tuple[str, ...]
    queued_at_ms: int
    created_at_ms: int
    started_at_ms: int = 0
    ended_at_ms: int = 0


class LiveMatchStore:
    """판 기록의 저장소. Redis가 예산 안에 답하지 않으면 Unavailable을 던진다."""

    def __init__(self, gate: RedisGate) -> None:
        self._gate = gate

    async def put(self, match: LiveMatch, *, ttl_ms: int) -> None:
        """기록을 통째로 쓴다. 상태가 바뀔 때, 비워진 Redis에 되살릴 때 모두 이것이다."""
        await self.put_many([(match, ttl_ms)])

    async def put_many(self, matches: Sequence[tuple[LiveMatch, int]]) -> None:
        """여러 판의 `put`을 한 왕복에. 칸은 (기록, ttl_ms)다."""
        calls: list[ScriptCall] = [
            ([keys.match(match.match_id)], [ttl_ms, *record_fields(match)]) for match, ttl_ms in matches
        ]
        async with self._gate.open() as client:
            raise_first(await PUT.run_many(client, calls))

    async def get(self, match_id: str) -> LiveMatch | None:
        """판의 기록. 모르거나 이미 반영된 판이면 None."""
        async with self._gate.open() as client:
            return live_match_from(match_id, await client.hgetall(keys.match(match_id)))

    async def drop(self, match_id: str) -> None:
        """MariaDB가 끝을 알았다: 기록과 경로를 지운다.

        자리는 제 수명대로 남아, 돌아온 선수가 토큰으로 결과를 받는다.
        """
        async with self._gate.open() as client:
            await client.delete(keys.match(match_id), keys.route(match_id))

    async def restore_guards(self, match: LiveMatch, player_ids: Sequence[str], *, ttl_ms: int) -> None:
        """비워진 Redis에 그 판에 매인 선수들의 가드를 되살린다. 그 사이 선 가드는 덮지 않는다."""
        async with self._gate.open() as client:
            pipeline = client.pipeline(transaction=False)
            for player_id in player_ids:
                guard = keys.player_guard(match.region, player_id)
                pipeline.set(guard, f"match:{match.match_id}", nx=True, px=ttl_ms)
            await pipeline.execute()


def get_sync(gate: SyncRedisGate, match_id: str) -> LiveMatch | None:
    """`LiveMatchStore.get`의 스레드판.

    Raises:
        Unavailable: Redis가 답하지 않는다.
    """
    with gate.open() as client:
        return live_match_from(match_id, client.hgetall(keys.match(match_id)))


def record_fields(match: LiveMatch) -> list[ScriptArg]:
    """기록의 칸과 값을 번갈아 늘어놓은 목록(HSET의 인자)."""
    return [
        "status", match.status,
        "mode", match.mode,
        "region", match.region,
        "server_id", match.server_id,
        "players", msgspec.json.encode(match.player_ids).decode(),
        "queued_at_ms", match.queued_at_ms,
        "created_at_ms", match.created_at_ms,
        "started_at_ms", match.started_at_ms,
        "ended_at_ms", match.ended_at_ms,
    ]  # fmt: skip


def live_match_from(match_id: str, row: Mapping[Any, Any]) -> LiveMatch | None:
    """hash의 칸들에서. 비었으면 None."""
    if not row:
        return None
    return LiveMatch(
        match_id=match_id,
        status=row["status"],
        mode=row["mode"],
        region=row["region"],
        server_id=row["server_id"],
        player_ids=msgspec.json.decode(row["players"], type=tuple[str, ...]),
        queued_at_ms=int(row["queued_at_ms"]),
        created_at_ms=int(row["created_at_ms"]),
        started_at_ms=int(row["started_at_ms"]),
        ended_at_ms=int(row["ended_at_ms"]),
    )
