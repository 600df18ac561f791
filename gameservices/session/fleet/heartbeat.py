"""등록부에 1초마다 하트비트를 보내고, 돌아온 운영자의 뜻(드레인)을 따른다. 실패해도 판은 돈다.

하트비트가 얼마나 이어졌는지도 안다. 오래 이어진 서버만 남이 사라졌다고 판단한다(Redis가 멈췄던 것일 수 있다).
끊겼던 서버는 그 사이 남들이 제 판을 무효로 끝냈을 수 있다.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from gameservices.session.fleet.drain import Drain, DrainRequest
from gameservices.session.identity import ServerIdentity
from gameservices.session.ports import HeartbeatRegistry
from gameservices.session.rooms.room_host import RoomHost
from kernel.clock import Clock
from kernel.errors import SessionDraining
from redisstore import keys
from redisstore.servers.registry import HeartbeatReply, ServerReport
from telemetry.logs import get_logger

log = get_logger(__name__)


class FleetHeartbeat:
    """`Periodic`이 `beat`를 부른다.

    `opening`은 지금 열고 있는 판들의 산 모음이다. 운영자가 드레인한 서버가 다 비면 `on_drained`를 부른다.
    """

    def __init__(
        self,
        *,
        registry: HeartbeatRegistry,
        host: RoomHost,
        opening: Collection[str],
        drain: Drain,
        clock: Clock,
        identity: ServerIdentity,
        on_drained: Callable[[], None],
    ) -> None:
        self._registry = registry
        self._host = host
        self._opening = opening
        self._drain = drain
        self._clock = clock
        self._identity = identity
        self._on_drained = on_drained
        self._beaten_at_s: float | None = None
        self._steady_since_s = 0.0
        self._told_running = 0
        self._was_cut_off = False

    @property
    def steady_s(self) -> float:
        """하트비트가 끊김 없이 이어진 초. 지금 끊겨 있으면 0."""
        now_s = self._clock.monotonic_s()
        return 0.0 if self._is_late(now_s) else now_s - self._steady_since_s

    @property
    def was_cut_off(self) -> bool:
        """등록부에서 사라져 있었고, 그 사이의 일을 아직 맞추지 않았는가."""
        return self._was_cut_off

    def note_reconciled(self) -> None:
        """끊겨 있던 사이의 일을 맞췄다."""
        self._was_cut_off = False

    @property
    def is_late(self) -> bool:
        """마지막 하트비트가 등록부에서 이미 지났는가."""
        return self._is_late(self._clock.monotonic_s())

    @property
    def has_news(self) -> bool:
        """마지막 하트비트 뒤에 도는 판의 수가 달라졌는가. 그러면 다음 간격을 기다리지 않고 알릴 만하다."""
        return self._host.running_matches != self._told_running

    def _is_late(self, now_s: float) -> bool:
        return self._beaten_at_s is None or now_s - self._beaten_at_s >= keys.SERVER_TTL_MS / 1000

    async def beat(self) -> None:
        """하트비트 하나. 드레인 유예가 다했으면 남은 판을 무효로 끝낸다.

        Raises:
            Unavailable: 등록부에 닿지 않는다. 이미 아는 뜻은 그대로 따른다.
        """
        self.enforce_grace()
        is_first = self._beaten_at_s is None
        reply = await self._tell()
        now_s = self._clock.monotonic_s()
        self._note_beat(now_s)
        if await self._heed(reply, now_s) or is_first:
            # 바뀐 상태를 곧바로 알린다: 뜨는 중인 서버는 뜻을 들은 뒤에야 판을 받는다.
            await self._tell()
        if self._drain.is_over(held=self._held(), running=self._open_or_running(), now_s=now_s):
            self._on_drained()

    async def _tell(self) -> HeartbeatReply:
        return await self._registry.tell(self._report)

    async def _heed(self, reply: HeartbeatReply, now_s: float) -> bool:
        """운영자의 뜻을 따른다. 드레인하는지가 바뀌었으면 True."""
        known = self._drain.request
        if reply.is_new and known.intends and not reply.drain_intended:
            # 등록부가 비워졌다(거둔 것이 아니다): 기억하던 뜻을 다시 적는다.
            await self._registry.set_draining(
                self._identity.server_id, intended=True, grace_ms=known.grace_ms
            )
            return False
        request = DrainRequest(reply.drain_intended, reply.grace_ms)
        changed = self._drain.heed_operator(request, now_s=now_s)
        if changed:
            log.info("server.drain_intended" if request.intends else "server.drain_withdrawn")
        return changed

    def _note_beat(self, now_s: float) -> None:
        if self._is_late(now_s):
            self._was_cut_off = self._beaten_at_s is not None
            self._steady_since_s = now_s
        self._beaten_at_s = now_s

    def enforce_grace(self) -> None:
        """드레인 유예가 다했으면 남은 판을 SESSION_DRAINING으로 끝낸다."""
        if self._host.running_matches and self._drain.grace_is_over(self._clock.monotonic_s()):
            log.warning("server.grace_over", matches=self._host.running_matches)
            self._host.abort_all(SessionDraining.code)

    def _report(self) -> ServerReport:
        host, identity = self._host, self._identity
        self._told_running = host.running_matches
        drain_left_ms = self._drain.left_ms(self._clock.monotonic_s())
        return ServerReport(
            server_id=identity.server_id,
            address=identity.address,
            state=self._drain.state(self._held()),
            capacity=identity.capacity_matches,
            running=host.running_matches,
            version=identity.version,
            pool=identity.pool,
            boot_id=identity.boot_id,
            longest_left_ms=host.longest_left_ms(),
            drain_left_ms=-1 if drain_left_ms is None else drain_left_ms,
            opening=tuple(self._opening),
        )

    def _held(self) -> int:
        """열고 있거나, 돌거나, 결과를 쓰는 판의 수."""
        return self._open_or_running() + self._host.unsettled_matches

    def _open_or_running(self) -> int:
        """열고 있거나 도는 판의 수."""
        return len(self._opening) + self._host.running_matches
