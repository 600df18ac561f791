"""모든 프로세스가 나눠 쓰는 속도 제한: Redis의 토큰 양동이.

Redis가 멈추면 Unavailable을 던질 뿐, 열지 닫을지는 부르는 쪽이 정한다
(로그인과 운영은 닫고, 새 소켓은 프로세스 안의 양동이로 간다).
주소와 계정 이름이 키에 그대로 남지 않도록 대상은 언제나 해시한다.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redisstore import keys
from redisstore.gate import RedisGate, SyncRedisGate
from redisstore.scripts import Script, ScriptArg, raise_first

TOKEN_BUCKET = Script("token_bucket")
SUBJECT_HEX_CHARS = 32  # sha256의 앞 128비트. 겹칠 일이 없고 키가 짧다


@dataclass(frozen=True, slots=True)
class Decision:
    """양동이의 답. `retry_after_ms`는 거절일 때만 0보다 크다."""

    allowed: bool
    retry_after_ms: int


class RateLimiter:
    """asyncio 프로세스의 제한기."""

    def __init__(self, gate: RedisGate) -> None:
        self._gate = gate

    async def take(self, scope: str, subject: str, rate_per_s: float, burst: int, cost: int = 1) -> Decision:
        """`scope`의 `subject` 양동이에서 `cost`개를 꺼낸다. 모자라면 아무것도 줄지 않는다.

        `cost=0`은 꺼내지 않고 하나라도 남았는지만 본다(실패했을 때만 세는 제한에 쓴다).

        Raises:
            Unavailable: Redis가 예산 안에 답하지 않았다.
            ValueError: `cost`가 `burst`보다 커서 영영 꺼낼 수 없다.
        """
        key, args = _request(scope, subject, rate_per_s, burst, cost)
        async with self._gate.open() as client:
            return _decision(await TOKEN_BUCKET.run(client, [key], args))

    async def take_many(
        self, scope: str, costs: Sequence[tuple[str, int]], rate_per_s: float, burst: int
    ) -> list[Decision]:
        """(대상, 꺼낼 수)마다의 `take`를 한 왕복에. 양동이마다 따로 정해지며 답은 같은 순서다.

        Raises:
            Unavailable: Redis가 예산 안에 답하지 않았다. 일부는 꺼내졌을 수 있다.
            ValueError: 꺼낼 수가 `burst`보다 크다.
        """
        requests = [_request(scope, subject, rate_per_s, burst, cost) for subject, cost in costs]
        async with self._gate.open() as client:
            replies = await TOKEN_BUCKET.run_many(client, [([key], args) for key, args in requests])
            raise_first(replies)
        return [_decision(reply) for reply in replies]


class SyncRateLimiter:
    """스레드 프로세스(platform)의 제한기. 뜻은 `RateLimiter`와 같다."""

    def __init__(self, gate: SyncRedisGate) -> None:
        self._gate = gate

    def take(self, scope: str, subject: str, rate_per_s: float, burst: int, cost: int = 1) -> Decision:
        """`RateLimiter.take`의 스레드판."""
        key, args = _request(scope, subject, rate_per_s, burst, cost)
        with self._gate.open() as client:
            return _decision(TOKEN_BUCKET.run_sync(client, [key], args))


def hashed_subject(subject: str) -> str:
    """키에 쓸 대상의 해시."""
    return hashlib.sha256(subject.encode()).hexdigest()[:SUBJECT_HEX_CHARS]


def _request(
    scope: str, subject: str, rate_per_s: float, burst: int, cost: int
) -> tuple[str, list[ScriptArg]]:
    if not 0 <= cost <= burst or rate_per_s <= 0:
        raise ValueError(f"양동이에서 꺼낼 수 없는 값: {cost=} {burst=} {rate_per_s=}")
    return keys.rate_limit(scope, hashed_subject(subject)), [rate_per_s, burst, cost]


def _decision(reply: Any) -> Decision:
    allowed, retry_after_ms = reply
    return Decision(allowed == 1, int(retry_after_ms))
