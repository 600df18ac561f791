"""소켓들이 나눠 쓰는 모든 것의 조립. 소켓이 열리고 닫히는 순간과 프로세스가 나가는 길이 여기를 지난다."""

from __future__ import annotations

import asyncio
from secrets import token_hex

from concurrency.background import BackgroundTasks
from gateway.hello import HelloHandler
from gateway.ports import PlayerHolds, TokenVerifier
from gateway.protocol.mode_catalog import ModeCatalog
from gateway.queueing.queue_link import QueueLink
from gateway.queueing.tickets import WaitingTickets
from gateway.router import MessageRouter
from gateway.seats.match_endings import MatchEndings
from gateway.seats.ports import MatchSeats, SessionRegistry
from gateway.seats.seat_entry import SeatEntry
from gateway.seats.session_links import SessionLinks
from gateway.settings import GatewaySettings
from gateway.takeover import Takeover, ToldResults
from gateway.websocket.connect_limit import ConnectLimit
from gateway.websocket.connection import Connection, SocketGuards
from gateway.websocket.connections import Connections
from gateway.websocket.flood import FloodGuard
from gateway.websocket.keepalive import Keepalive
from gateway.websocket.ports import Limiter, PlayerSocket
from gateway.websocket.socket_limits import SocketLimits
from kernel.clock import Clock, SystemClock
from kernel.ids import new_conn_id
from kernel.languages import DEFAULT_LANGUAGE
from resilience.stance import Stance
from telemetry import metrics
from telemetry.logs import get_logger
from telemetry.probes import Readiness

log = get_logger(__name__)


class GatewayApp:
    """gateway 프로세스의 알맹이. 이벤트 루프 안에서 만든다."""

    def __init__(
        self,
        settings: GatewaySettings,
        *,
        verifier: TokenVerifier,
        holds: PlayerHolds,
        seats: MatchSeats,
        registry: SessionRegistry,
        limiter: Limiter,
        clock: Clock | None = None,
    ) -> None:
        clock = clock or SystemClock()
        modes = ModeCatalog()
        self.settings = settings
        self.is_draining = False
        self.connections = Connections(_keepalive_of(settings))
        self.socket_limits = _socket_limits_of(settings)
        self._told = ToldResults(holds)
        self.connect_limit = ConnectLimit(
            limiter,
            rate_per_s=settings.connects_per_s,
            burst=settings.connects_burst,
            clock=clock,
            stance=Stance.fail_open(metrics.gateway_limit_fallback.inc),
        )
        self._clock = clock
        # 대기표의 임대는 띄울 때마다 새 이름에 건다: 곧 돌아온 gateway가 떠난 선수의 표를 살려 두지 않는다.
        self._queue = QueueLink(
            settings.matchmaking_addresses,
            gateway_id=f"{settings.instance}.{token_hex(4)}",
            region=settings.region,
            modes=modes,
        )
        self._sessions = SessionLinks(gateway_id=settings.instance, registry=registry, clock=clock)
        endings = MatchEndings(self._sessions)
        entry = SeatEntry(
            gateway_id=settings.instance, seats=seats, sessions=self._sessions, endings=endings, clock=clock
        )
        self._tickets = WaitingTickets(
            queue=self._queue,
            connections=self.connections,
            seats=entry,
            modes=modes,
            clock=clock,
            return_s=settings.queue_return_s,
        )
        takeover = Takeover(holds=holds, seats=entry, endings=endings, tickets=self._tickets, clock=clock)
        self._hello = HelloHandler(
            settings=settings,
            verifier=verifier,
            seats=entry,
            takeover=takeover,
            sockets=self.socket_limits,
            clock=clock,
        )
        self.router = MessageRouter(
            hello=self._hello, tickets=self._tickets, sessions=self._sessions, modes=modes, clock=clock
        )
        self._tasks = BackgroundTasks()

    def start(self) -> None:
        """배경 일을 시작한다. 안쪽 서비스가 아직 없어도 기다리지 않는다."""
        self._queue.start(self._tickets)
        self._tickets.start()
        self._tasks.spawn(self.connections.sweep_forever(), name="sweep")

    def readiness(self) -> Readiness:
        """/readyz의 답. Redis나 MariaDB가 멈췄다고 모든 선수를 끊을 수는 없으므로 자신만 본다."""
        return Readiness.DRAINING if self.is_draining else Readiness.READY

    def opened(self, socket: PlayerSocket, *, address: str, language: str = DEFAULT_LANGUAGE) -> Connection:
        """소켓이 열렸다. 기한 안에 들어오지 않으면 닫힌다."""
        settings = self.settings
        conn = Connection(
            conn_id=new_conn_id(),
            region=settings.region,
            language=language,
            guards=SocketGuards(
                settings.outbox,
                FloodGuard(
                    rate_per_s=settings.messages_per_s,
                    burst=settings.messages_burst,
                    now_s=self._clock.monotonic_s(),
                ),
            ),
            clock=self._clock,
            socket=socket,
            on_end_heard=self._told.heard,
        )
        self.connections.add(conn)
        self.socket_limits.opened(conn, address)
        conn.expect_hello(settings.hello_timeout_s, self._hello.expired)
        return conn

    def closed(self, conn: Connection) -> None:
        """소켓이 닫혔다: 자리를 비우고, 돌아오지 않으면 대기표를 거둔다."""
        self.connections.remove(conn)
        self.socket_limits.closed(conn)
        conn.dispose()
        self._tickets.disconnected(conn)

    async def drain(self) -> None:
        """새 소켓을 받지 않고, LB가 알아챈 뒤 모두에게 인사하고 닫는다. 상한 안에 돌아온다."""
        self.is_draining = True
        log.info("gateway.draining", connections=len(self.connections))
        try:
            async with asyncio.timeout(self.settings.drain_limit_s):
                await self._wait_for_lb()
                await self.connections.say_bye(self.settings.drain_spread_s)
                await self.connections.wait_empty()
        except TimeoutError:
            log.warning("gateway.drain_cut", connections=len(self.connections))

    async def stop(self) -> None:
        """배경 일과 안쪽 연결을 닫는다."""
        await self._tasks.stop()
        await self._tickets.stop()
        await self._told.stop()
        await self._queue.stop()
        await self._sessions.close()

    async def _wait_for_lb(self) -> None:
        """LB가 404를 보고 새 소켓을 다른 곳으로 돌리기를 기다린다. 보낼 선수가 없어도 기다린다.

        곧바로 나가면 오는 중인 소켓이 끊긴다. 그 사이의 새 소켓은 503을 듣고 LB가 다른 곳으로 다시 보낸다.
        """
        await asyncio.sleep(self.settings.drain_notice_s)


def _keepalive_of(settings: GatewaySettings) -> Keepalive:
    return Keepalive.of(
        busy_ping_s=settings.busy_ping_s,
        busy_limit_s=settings.busy_limit_s,
        heartbeat_s=settings.heartbeat_s,
    )


def _socket_limits_of(settings: GatewaySettings) -> SocketLimits:
    return SocketLimits(
        per_player=settings.sockets_per_player, greetings_per_address=settings.greetings_per_address
    )
