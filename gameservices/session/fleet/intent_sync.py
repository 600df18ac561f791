"""운영자의 적힌 뜻(MariaDB)과 그 그림자(Redis)를 맞춘다. 제 서버의 것만, 5초마다.

뜻을 쓴 뒤 Redis에 닿지 못했거나, 두 운영자의 알림이 엇갈렸거나, Redis가 옛 모습으로 돌아왔을 때 바로잡는다.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fleet.intents import StoredIntent
from gameservices.session.ports import HeartbeatRegistry
from telemetry.logs import get_logger

log = get_logger(__name__)

PERIOD_S = 5.0


class IntentSync:
    """`Periodic`이 `work`를 부른다. `read`는 적힌 뜻을 읽으며, 손댄 적이 없으면 None이다."""

    def __init__(
        self,
        *,
        server_id: str,
        registry: HeartbeatRegistry,
        read: Callable[[], Awaitable[StoredIntent | None]],
    ) -> None:
        self._server_id = server_id
        self._registry = registry
        self._read = read

    async def work(self) -> None:
        """다르면 적힌 뜻을 따르게 한다.

        Raises:
            Unavailable: MariaDB나 Redis가 답하지 않는다.
        """
        intent = await self._read()
        if intent is None or await self._registry.is_draining(self._server_id) == intent.intended:
            return
        # 읽는 사이 바뀌었을 수 있다: 한 번 더 읽고 그것을 따른다.
        intent = await self._read()
        if intent is not None:
            log.warning("server.intent_restored", intended=intent.intended)
            await self._registry.set_draining(
                self._server_id, intended=intent.intended, grace_ms=intent.grace_ms
            )
