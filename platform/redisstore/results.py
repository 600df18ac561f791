"""MariaDB에 쓰기 전에 판 결과를 적어 두는 일지(Redis stream)와, 쓰지 못한 까닭. 반영된 것은 지운다."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from redisstore import keys
from redisstore.gate import RedisGate, SyncRedisGate
from redisstore.scripts import Script, ScriptCall, raise_first

FAILED = Script("result_failed")
RESULT_TOLD = Script("result_told")

FIRST = "-"


class WriteFailure(msgspec.Struct, frozen=True, kw_only=True):
    """적어 둔 결과를 마지막으로 쓰지 못한 일."""

    reason: str
    attempts: int
    server_id: str
    failed_at_ms: int


@dataclass(frozen=True, slots=True)
class PendingResult:
    """아직 지워지지 않은 일지 한 줄."""

    entry_id: str
    payload: str
    age_ms: int


@dataclass(frozen=True, slots=True)
class PendingView:
    """한 순간의 일지: 모두 몇 줄인가, 가장 오래된 줄들, 판마다 마지막 실패."""

    depth: int
    oldest: tuple[PendingResult, ...]
    failures: dict[str, WriteFailure]


class ResultStream:
    """한 리전의 일지. 모든 함수는 Redis가 예산 안에 답하지 않으면 Unavailable을 던진다."""

    def __init__(self, gate: RedisGate, region: str) -> None:
        self._gate = gate
        self._key = keys.pending_results(region)
        self._failures = keys.result_failures(region)

    async def append(self, payload: str) -> str:
        """결과를 적고 줄 번호를 준다.

        시간 초과 뒤에 다시 적으면 두 줄이 될 수 있다(finalize가 멱등이라 괜찮다).
        """
        async with self._gate.open() as client:
            return str(await client.xadd(self._key, {"payload": payload}))

    async def remove(self, entry_id: str, match_id: str) -> None:
        """반영된 줄과 그 판의 실패를 지운다. 없는 줄이어도 된다."""
        async with self._gate.open() as client:
            pipeline = client.pipeline(transaction=False)
            pipeline.xdel(self._key, entry_id)
            pipeline.hdel(self._failures, match_id)
            await pipeline.execute()

    async def note_failure(self, match_id: str, failure: WriteFailure) -> None:
        """그 판의 마지막 실패를 남긴다."""
        async with self._gate.open() as client:
            text = msgspec.json.encode(failure).decode()
            await FAILED.run(client, [self._failures], [match_id, text, keys.RESULT_FAILURES_MS])

    async def pending(self, older_than_ms: int, count: int, *, after: str = FIRST) -> list[PendingResult]:
        """`older_than_ms`보다 오래된 줄을 오래된 것부터 `count`개까지. `after`는 앞 쪽의 마지막 줄 번호다."""
        start = after if after == FIRST else f"({after}"
        async with self._gate.open() as client:
            now_ms = _milliseconds(await client.time())
            rows: Any = await client.xrange(self._key, start, str(now_ms - older_than_ms), count)
        return _pending(rows, now_ms)

    async def depth(self) -> int:
        """적혀 있는 줄의 수."""
        async with self._gate.open() as client:
            return int(await client.xlen(self._key))


def pending_sync(gate: SyncRedisGate, region: str, *, count: int) -> PendingView:
    """일지의 지금 모습. 오래된 줄부터 `count`개까지 보인다.

    Raises:
        Unavailable: Redis가 답하지 않는다.
    """
    with gate.open() as client:
        pipeline = client.pipeline(transaction=False)
        pipeline.time()
        pipeline.xlen(keys.pending_results(region))
        pipeline.xrange(keys.pending_results(region), FIRST, "+", count)
        pipeline.hgetall(keys.result_failures(region))
        now, depth, rows, failures = pipeline.execute()
    return PendingView(
        int(depth),
        tuple(_pending(rows, _milliseconds(now))),
        {match_id: msgspec.json.decode(text, type=WriteFailure) for match_id, text in failures.items()},
    )


def _pending(rows: Sequence[Any], now_ms: int) -> list[PendingResult]:
    return [
        PendingResult(entry_id, fields["payload"], now_ms - int(entry_id.split("-")[0]))
        for entry_id, fields in rows
    ]


def _milliseconds(now: Sequence[int]) -> int:
    seconds, micros = now
    return int(seconds) * 1000 + int(micros) // 1000


class OwedResults:
    """한 리전의, 선수가 아직 듣지 못한 결과. 판이 끝나면 적히고(player_release.lua) 여기는 들었음을 적는다.

    hello가 가드와 함께 읽는다(`TicketReader.player_holds`). Redis가 답하지 않으면 Unavailable을 던진다.
    """

    def __init__(self, gate: RedisGate, region: str) -> None:
        self._gate = gate
        self._region = region

    async def told_many(self, told: Sequence[tuple[str, str]]) -> list[bool]:
        """(선수, 판)마다 들었다고 적는다(멱등). 다른 판의 결과를 아직 듣지 못한 선수면 False다."""
        calls: list[ScriptCall] = [
            ([keys.owed_result(self._region, player_id)], [match_id, keys.OWED_RESULT_MS])
            for player_id, match_id in told
        ]
        async with self._gate.open() as client:
            replies = await RESULT_TOLD.run_many(client, calls)
            raise_first(replies)
        return [bool(reply) for reply in replies]
