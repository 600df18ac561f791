"""소켓의 첫 프레임: hello면 토큰을 검증해 선수를 정하고, resume이면 끊긴 자리를 잇는다.

여기를 지나기 전의 소켓은 아무것도 할 수 없다. 거절은 언제나 error 하나와 닫힘이다.
"""

from __future__ import annotations

from gateway.ports import HelloTakeover, SeatReturn, TokenVerifier
from gateway.protocol import client_frames, server_frames
from gateway.settings import GatewaySettings
from gateway.websocket.connection import Connection
from gateway.websocket.player_phase import ConnectedPlayer
from gateway.websocket.socket_limits import SocketLimits
from kernel.clock import Clock
from kernel.errors import HanpanError, PermissionDenied, Superseded, Unauthenticated
from kernel.languages import language_of_tag
from redisstore.seats import parse_resume_token
from telemetry import metrics

CLOSE_UNAUTHENTICATED = 4401
CLOSE_RESUME_REFUSED = 4410
CLOSE_UNAVAILABLE = 4503


class HelloHandler:
    """첫 프레임을 다루는 이."""

    def __init__(
        self,
        *,
        settings: GatewaySettings,
        verifier: TokenVerifier,
        seats: SeatReturn,
        takeover: HelloTakeover,
        sockets: SocketLimits,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._verifier = verifier
        self._seats = seats
        self._takeover = takeover
        self._sockets = sockets
        self._clock = clock

    async def first(self, conn: Connection, message: client_frames.ClientMessage) -> None:
        """첫 메시지가 왔다."""
        if isinstance(message, client_frames.Hello | client_frames.Resume) and message.lang:
            conn.speak(language_of_tag(message.lang))
        if isinstance(message, client_frames.Hello):
            await self._hello(conn, message)
        elif isinstance(message, client_frames.Resume):
            await self._resume(conn, message)
        else:
            self._not_first(conn, message.id)

    def bad_first(self, conn: Connection, bad: client_frames.BadMessage) -> None:
        """첫 메시지의 칸이 틀렸다. hello나 resume이었다면 기한 안에 다시 보낼 수 있다."""
        if bad.kind in {"hello", "resume"}:
            conn.push_error(bad.error, bad.re)
        else:
            self._not_first(conn, bad.re)

    def expired(self, conn: Connection) -> None:
        """기한까지 들어오지 않았다. resume의 답을 기다리는 중이어도 같다."""
        if conn.player is None:
            conn.refuse(Unauthenticated("기한 안에 hello나 resume이 오지 않았습니다"), CLOSE_UNAUTHENTICATED)

    def _not_first(self, conn: Connection, re: str | int | None) -> None:
        conn.refuse(Unauthenticated("첫 메시지는 hello나 resume이어야 합니다"), CLOSE_UNAUTHENTICATED, re)

    async def _hello(self, conn: Connection, message: client_frames.Hello) -> None:
        try:
            claims = self._verifier.verify(message.token)
            await self._verifier.check_alive(claims)
        except Unauthenticated as error:
            conn.refuse(error, CLOSE_UNAUTHENTICATED, message.id)
            return
        if conn.is_closing:  # 기다리는 사이 기한이 지났거나 떠났다
            return
        player = ConnectedPlayer(claims.player_id, claims.name, claims.is_bot)
        conn.side.identify(player)
        conn.push(
            server_frames.Welcome(
                re=message.id,
                player_id=player.player_id,
                conn_id=str(conn.conn_id),
                gateway=self._settings.instance,
                region=conn.region,
                heartbeat_interval_ms=round(self._settings.heartbeat_s * 1000),
                server_time_ms=self._clock.now_ms(),
                requested_region=message.region if message.region not in {None, "", conn.region} else None,
            )
        )
        self._sockets.welcomed(conn)
        # Redis가 느려도 소켓은 이미 열렸다. 이을 것은 뒤에서 잇는다.
        conn.tasks.spawn(self._takeover.run(conn, player), name="takeover")

    async def _resume(self, conn: Connection, message: client_frames.Resume) -> None:
        asked_at_s = self._clock.monotonic_s()
        conn.call_on_next_state(
            lambda: metrics.gateway_resume_seconds.observe(self._clock.monotonic_s() - asked_at_s)
        )
        try:
            known_name = self._check_owner(message)
            resumed = await self._seats.resume(
                conn, message.resume_token, re=message.id, known_name=known_name
            )
        except HanpanError as error:
            metrics.gateway_resume.labels(error.code).inc()
            if isinstance(error, Superseded):
                conn.push_error(error, message.id)
                conn.close_superseded()
            else:
                conn.refuse(error, _close_code(error), message.id)
            return
        self._sockets.welcomed(conn)
        metrics.gateway_resume.labels("resumed" if resumed else "match_over").inc()

    def _check_owner(self, message: client_frames.Resume) -> str:
        """접근 토큰도 냈다면 같은 선수여야 한다. 토큰을 바꾸기 전에 본다: 남의 토큰을 죽일 수 없다.

        접근 토큰이 말하는 이름을 준다. 내지 않았으면 빈 글이다. 죽은(지났거나 틀린) 접근 토큰은 내지 않은
        것과 같다: 자리를 이을 권리는 resume 토큰이 이미 증명하고, 접근 토큰은 판보다 먼저 지날 수 있다.
        """
        if message.token is None:
            return ""
        try:
            claims = self._verifier.verify(message.token)
        except Unauthenticated:
            return ""
        if claims.player_id != parse_resume_token(message.resume_token).player_id:
            raise PermissionDenied("다른 선수의 자리입니다")
        return claims.name


def _close_code(error: HanpanError) -> int:
    if isinstance(error, PermissionDenied):
        return CLOSE_RESUME_REFUSED
    return error.close_code or CLOSE_UNAVAILABLE
