"""판을 둘 session 서버를 고르고, 판의 운명을 임대에 묻는다. 고르는 정책 자체는 등록부의 Lua에 있다."""

from __future__ import annotations

from collections.abc import Collection

from concurrency.micro_batch import MicroBatch
from gameservices.matchmaking.ports import ServerTable
from redisstore.servers.registry import Allocation, LeaseEnd, ServerPick
from telemetry import metrics
from telemetry.tracing import is_sampled, span

LOOK_ONLY_MS = 1  # 이미 지난 시각: 새로 고르지 않고, 굳은 임대가 가리키는 서버만 찾는다


class Allocator:
    """한 리전의 할당. 모든 메서드는 Redis가 멈추면 Unavailable을 던진다."""

    def __init__(self, servers: ServerTable) -> None:
        self._servers = servers
        self._batch: MicroBatch[Allocation, ServerPick | None] = MicroBatch(
            servers.allocate_many, leads=is_sampled
        )

    async def pick(
        self, match_id: str, *, exclude: Collection[str] = (), not_after_ms: int
    ) -> ServerPick | None:
        """가장 한가한 서버를 임대한다. 받을 서버가 없으면 None이고 지표가 센다."""
        with span("match.allocate") as opened:
            pick = await self._batch.submit(Allocation(match_id, exclude, not_after_ms))
            if pick is not None:
                opened.set_attribute("hanpan.server_id", pick.server_id)
        if pick is None:
            metrics.allocation_no_server.inc()
        return pick

    async def holder(self, match_id: str) -> ServerPick | None:
        """이 판의 임대를 가진 살아 있는 서버. 새로 임대하지 않는다."""
        return await self._servers.allocate(match_id, not_after_ms=LOOK_ONLY_MS)

    async def withdraw(self, match_id: str) -> bool:
        """임대를 거둔다. True면 이제 이 판을 만들 수 있는 서버가 없다. False면 어느 서버가 이미 굳혔다."""
        return await self._servers.release_lease(match_id) is not LeaseEnd.CONFIRMED
