"""줄의 길이만 보는 싼 읽기. 대기표를 하나도 읽지 않으며 줄을 바꾸지 않는다."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from redisstore import keys
from redisstore.gate import RedisGate


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """한 모드의 줄: 기다리는 표의 수와 가장 오래 기다린 시간(없으면 0)."""

    waiting: int
    oldest_wait_ms: int


async def read_queue_depths(gate: RedisGate, region: str, modes: Sequence[str]) -> dict[str, QueueDepth]:
    """모드마다의 대기열. 판에 잡힌 표(점수가 음수)는 기다리는 표가 아니다.

    Raises:
        Unavailable: Redis가 예산 안에 답하지 않았다.
    """
    async with gate.open() as client:
        pipeline = client.pipeline(transaction=False)
        pipeline.time()
        for mode in modes:
            key = keys.queue(region, mode)
            pipeline.zcount(key, 0, "+inf")
            pipeline.zrangebyscore(key, 0, "+inf", start=0, num=1, withscores=True)
        (seconds, micros), *answers = await pipeline.execute()
    now_ms = int(seconds) * 1000 + int(micros) // 1000
    counts, firsts = answers[::2], answers[1::2]
    return {
        mode: QueueDepth(int(count), max(0, now_ms - int(first[0][1])) if first else 0)
        for mode, count, first in zip(modes, counts, firsts, strict=True)
    }
