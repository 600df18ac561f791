"""주소 하나가 새 소켓을 여는 속도를 지킨다.

Redis의 양동이를 모든 gateway가 나눠 쓴다. Redis가 멈추면 `stance`를 따른다. 여는 것(FAIL OPEN)이면
이 프로세스 안의 양동이로 센다. 몰려온 소켓들은 한 번에 물어 Redis를 아끼고, 멈춘 것을 안 뒤 잠시는 묻지도
않는다: 묻고 기다리면 소켓마다 여는 데 250 ms가 더 든다. 답을 기다리는 동안 온 소켓들이 다음 묶음이 되므로,
바쁠수록 한 번에 많이 묻는다.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence

from concurrency.micro_batch import MicroBatch
from gateway.websocket.ports import Limiter
from kernel.clock import Clock
from kernel.errors import Unavailable
from redisstore.gate import RedisCircuit
from redisstore.ratelimit import Decision
from resilience.breaker import Breaker, BreakerPolicy
from resilience.stance import Stance
from resilience.token_bucket import TokenBucket
from telemetry.logs import get_logger

log = get_logger(__name__)
SCOPE = "connect"
MAX_BATCH = 256
MAX_LOCAL_BUCKETS = 10_000
AWAY_S = 1.0  # 멈춘 Redis에 다시 물어보기까지
ALLOWED = Decision(allowed=True, retry_after_ms=0)


class ConnectLimit:
    """새 소켓의 문지기."""

    def __init__(
        self, limiter: Limiter, *, rate_per_s: float, burst: int, clock: Clock, stance: Stance
    ) -> None:
        self._limiter = limiter
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._clock = clock
        self._batch: MicroBatch[str, Decision] = MicroBatch(self._decide_all, max_batch=MAX_BATCH)
        self._local: OrderedDict[str, TokenBucket] = OrderedDict()
        self._circuit = RedisCircuit(Breaker(BreakerPolicy.after_one_failure(AWAY_S)), clock)
        self._stance = stance

    async def admit(self, address: str) -> Decision:
        """이 주소의 소켓 하나를 받아도 되는가."""
        if self._circuit.is_resting():
            return self._one_without_redis(Unavailable(), address)
        try:
            return await self._batch.submit(address)
        except Unavailable as error:  # 묻는 줄이 가득 찼다
            return self._one_without_redis(error, address)

    async def _decide_all(self, addresses: Sequence[str]) -> list[Decision]:
        """모인 소켓들의 답. 같은 주소의 소켓들은 함께 꺼낸다."""
        counts = Counter(addresses)
        groups = {address: iter(group) for address, group in (await self._decide(counts)).items()}
        return [next(groups[address]) for address in addresses]

    async def _decide(self, counts: Mapping[str, int]) -> Mapping[str, list[Decision]]:
        # 앞의 묶음이 Redis를 기다리는 동안 모인 소켓들이다: 그 사이 멈춘 것을 알았으면 묻지 않는다.
        try:
            with self._circuit.call():
                return await self._ask(counts)
        except Unavailable as error:
            return self._without_redis(error, counts)
        except Exception as error:
            log.exception("connect_limit.failed")  # 우리 잘못이라도 문은 답한다
            return self._without_redis(error, counts)

    async def _ask(self, counts: Mapping[str, int]) -> Mapping[str, list[Decision]]:
        """주소들을 한 왕복에 묻는다. 온 만큼 다 들일 수 없는 주소만 하나씩 다시 묻는다."""
        whole = [(address, count) for address, count in counts.items() if count <= self._burst]
        decided = await self._limiter.take_many(SCOPE, whole, self._rate_per_s, self._burst)
        answers = {
            address: [decision] * count
            for (address, count), decision in zip(whole, decided, strict=True)
            if decision.allowed or count == 1
        }
        crowded = [address for address in counts if address not in answers]
        one_by_one = await asyncio.gather(*(self._ask_one_by_one(each, counts[each]) for each in crowded))
        return answers | dict(zip(crowded, one_by_one, strict=True))

    async def _ask_one_by_one(self, address: str, count: int) -> list[Decision]:
        """모두 들이기에는 모자란다: 남은 만큼만 들이고, 처음 거절된 뒤로는 묻지 않는다."""
        decisions: list[Decision] = []
        while len(decisions) < count:
            decision = await self._limiter.take(SCOPE, address, self._rate_per_s, self._burst)
            if not decision.allowed:
                return decisions + [decision] * (count - len(decisions))
            decisions.append(decision)
        return decisions

    def _one_without_redis(self, failure: Unavailable, address: str) -> Decision:
        return self._stance.answer(failure, lambda: self._take_locally(address))

    def _without_redis(self, failure: Exception, counts: Mapping[str, int]) -> Mapping[str, list[Decision]]:
        def count_locally() -> Mapping[str, list[Decision]]:
            return {
                address: [self._take_locally(address) for _ in range(count)]
                for address, count in counts.items()
            }

        return self._stance.answer(failure, count_locally, items=sum(counts.values()))

    def _take_locally(self, address: str) -> Decision:
        now_s = self._clock.monotonic_s()
        bucket = self._local.get(address)
        if bucket is None:
            bucket = self._local[address] = TokenBucket(
                rate_per_s=self._rate_per_s, burst=self._burst, now_s=now_s
            )
        self._local.move_to_end(address)
        if len(self._local) > MAX_LOCAL_BUCKETS:
            self._local.popitem(last=False)
        return (
            ALLOWED if bucket.take(now_s) else Decision(allowed=False, retry_after_ms=bucket.retry_after_ms())
        )
