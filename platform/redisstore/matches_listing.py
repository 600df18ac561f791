"""한 리전에서 지금 사는 판들을 훑는다. 서버마다의 맡은 판(set)에서 번호를, 판의 기록(hash)에서 칸을 읽는다.

읽는 양에 상한이 있다: 번호는 많아야 `limit`개, 기록은 한 왕복에 CHUNK개다. 그 사이 끝난 판은 빠진다.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from redisstore import keys
from redisstore.client import SyncRedis
from redisstore.gate import SyncRedisGate
from redisstore.live_matches import LiveMatch, live_match_from

MAX_IDS = 2_000
SCAN_COUNT = 500
CHUNK = 100


def live_ids(
    gate: SyncRedisGate, region: str, servers: Iterable[str], *, limit: int = MAX_IDS
) -> tuple[list[str], bool]:
    """맡은 판의 번호를 새것부터(UUIDv7), 그리고 상한에서 그쳤는가.

    Raises:
        Unavailable: Redis가 답하지 않는다.
    """
    found: set[str] = set()
    with gate.open() as client:
        for server_id in servers:
            for match_id in _scan(client, keys.held_matches(region, server_id)):
                if len(found) >= limit:
                    return sorted(found, reverse=True), True
                found.add(match_id)
    return sorted(found, reverse=True), False


def live_matches(gate: SyncRedisGate, match_ids: Sequence[str]) -> Iterator[LiveMatch]:
    """그 판들의 기록을 그 차례로. 기록이 없는 것(이미 반영된 판)은 빠진다. 읽는 만큼만 묻는다.

    Raises:
        Unavailable: Redis가 답하지 않는다.
    """
    for start in range(0, len(match_ids), CHUNK):
        chunk = match_ids[start : start + CHUNK]
        with gate.open() as client:
            pipeline = client.pipeline(transaction=False)
            for match_id in chunk:
                pipeline.hgetall(keys.match(match_id))
            rows = pipeline.execute()
        for match_id, row in zip(chunk, rows, strict=True):
            if (match := live_match_from(match_id, row)) is not None:
                yield match


def _scan(client: SyncRedis, key: str) -> Iterator[str]:
    cursor = 0
    while True:
        cursor, members = client.sscan(key, cursor, count=SCAN_COUNT)
        yield from map(str, members)
        if cursor == 0:
            return
