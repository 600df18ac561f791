"""등록부에 1초마다 소식을 보내고, 돌아온 운영자의 뜻(비우기)을 따른다. 실패해도 판은 돈다.

소식이 얼마나 이어졌는지도 안다. 오래 이어진 서버만 남이 사라졌다고 판단한다(Redis가 멈췄던 것일 수 있다).
끊겼던 서버는 그 사이 남들이 제 판을 무효로 끝냈을 수 있다.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from gameservices.session.drain import Drain
from gameservices.session.identity import ServerIdentity
from gameservices.session.room_host import RoomHost
from kernel.clock import Clock
from kernel.errors import SessionDraining
from redisstore import keys
from redisstore.registry import ServerReport
from telemetry.logs import get_logger

log = get_logger(__name__)


class Registry(Protocol):
    """서버의 등록부. 멈추면 Unavailable을 던진다."""

    async def heartbeat(self, report: ServerReport) -> bool:
        """소식을 적는다. 이 서버를 비우려는 뜻이 있으면 True."""
        ...


class FleetHeartbeat:
    """`Periodic`이 `beat`를 부른다. `opening`은 지금 열고 있는 판들의 산 모음이다."""

    def __init__(
        self,
        *,
        registry: Registry,
        host: RoomHost,
        opening: Collection[str],
        drain: Drain,
        clock: Clock,
        identity: ServerIdentity,
    ) -> None:
        self._registry = registry
        self._host = host
        self._opening = opening
        self._drain = drain
        self._clock = clock
        self._identity = identity
        self._beaten_at_s: float | None = None
        self._steady_since_s = 0.0
        self.was_cut_off = False

    @property
    def steady_s(self) -> float:
        """소식이 끊김 없이 이어진 초. 지금 끊겨 있으면 0."""
        now_s = self._clock.monotonic_s()
        return 0.0 if self._is_late(now_s) else now_s - self._steady_since_s

    @property
    def is_late(self) -> bool:
        """마지막 소식이 등록부에서 이미 지났는가."""
        return self._is_late(self._clock.monotonic_s())

    def _is_late(self, now_s: float) -> bool:
        return self._beaten_at_s is None or now_s - self._beaten_at_s >= keys.SERVER_TTL_MS / 1000

    async def beat(self) -> None:
        """소식 하나. 비우는 유예가 다했으면 남은 판을 무효로 끝낸다.

        Raises:
            Unavailable: 등록부에 닿지 않는다. 이미 아는 뜻은 그대로 따른다.
        """
        self.enforce_grace()
        intends = await self._registry.heartbeat(self._report())
        self._note_beat(self._clock.monotonic_s())
        if self._drain.heed_operator(intends=intends, now_s=self._clock.monotonic_s()):
            log.info("server.drain_intended" if intends else "server.drain_withdrawn")

    def _note_beat(self, now_s: float) -> None:
        if self._is_late(now_s):
            self.was_cut_off = self._beaten_at_s is not None
            self._steady_since_s = now_s
        self._beaten_at_s = now_s

    def enforce_grace(self) -> None:
        """비우는 유예가 다했으면 남은 판을 SESSION_DRAINING으로 끝낸다."""
        if self._host.running_matches and self._drain.grace_is_over(self._clock.monotonic_s()):
            log.warning("server.grace_over", matches=self._host.running_matches)
            self._host.abort_all(SessionDraining.code)

    def _report(self) -> ServerReport:
        host, identity = self._host, self._identity
        return ServerReport(
            server_id=identity.server_id,
            address=identity.address,
            state=self._drain.state(len(self._opening) + host.running_matches + host.unsettled_matches),
            capacity=identity.capacity_matches,
            running=host.running_matches,
            version=identity.version,
            opening=tuple(self._opening),
        )
