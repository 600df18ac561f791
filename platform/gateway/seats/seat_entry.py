"""소켓을 판의 자리에 앉히는 모든 길: 새로 잡힌 판, hello로 돌아온 판, resume으로 이은 판.

끝내 앉지 못하면 저장된 결과를 찾고, 결과도 없으면 SESSION_LOST로 정한다. 결과를 지금 알 수 없으면 정하지 않고
UNAVAILABLE이라 답한다: 판은 이미 끝났을 수 있다. 기다림에는 모두 기한이 있다.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from gateway.protocol import server_frames
from gateway.seats.match_endings import MatchEndings, push_end
from gateway.seats.ports import MatchSeats, SessionRoutes
from gateway.seats.resume_attempt import ResumeAttempt
from gateway.seats.seat import FirstMessage, PlayerSeat
from gateway.websocket.connection import Connection
from hanpan.v1 import common_pb2, matchmaking_pb2, session_pb2
from kernel.clock import Clock
from kernel.errors import (
    HanpanError,
    NotInMatch,
    ResumeInvalid,
    SessionLost,
    Superseded,
    Unavailable,
)
from redisstore.seats import RotatedSeat
from telemetry.logs import get_logger
from telemetry.tracing import current_traceparent, span

log = get_logger(__name__)

ATTACH_LIMIT_S = 2.5  # 스트림이 사라짐을 정하는 2초보다 조금 길다
REJOIN_LIMIT_S = 2.0
REJOIN_EVERY_S = 0.2
SETTLE_LIMIT_S = 2.0
SETTLE_EVERY_S = 0.2


class SeatEntry:
    """이 gateway의 소켓들이 앉는 자리."""

    def __init__(
        self,
        *,
        gateway_id: str,
        seats: MatchSeats,
        sessions: SessionRoutes,
        endings: MatchEndings,
        clock: Clock,
    ) -> None:
        self._gateway_id = gateway_id
        self._seats = seats
        self._sessions = sessions
        self._endings = endings
        self._clock = clock

    # ---- 새로 잡힌 판

    def found(
        self, conn: Connection, match: matchmaking_pb2.MatchFound, seat: matchmaking_pb2.FoundSeat
    ) -> None:
        """판이 잡혔다고 알리고 붙는다. 이미 아는 판이면 아무 일도 없다."""
        held = conn.seat
        if match.match_id == conn.last_match_id or (held is not None and held.match_id == match.match_id):
            return
        joined_in = conn.ticket.context if conn.ticket else None
        conn.side.drop_ticket()
        with span("match.found", parent=joined_in):
            log.info("match.found", match_id=match.match_id, player_id=seat.player_id)
            conn.push(
                server_frames.MatchFound(
                    match_id=match.match_id,
                    mode=match.mode,
                    players=_players(match.players),
                    session=match.session_id,
                    resume_token=seat.resume_token,
                    tick_rate_hz=match.tick_rate_hz,
                )
            )
            attach = _attach(conn, match.match_id, seat.player_id, seat.epoch)
            self._sit(conn, match.session_address, attach, mode=match.mode)

    # ---- hello로 돌아온 판

    async def rejoin(self, conn: Connection, player_id: str, match_id: str) -> bool:
        """선수가 매인 판의 자리로 돌려놓거나, 끝났으면 결과를 준다. 어느 것도 없으면 False.

        판은 지금 만들어지는 중일 수도, 방금 끝나는 중일 수도 있다. 정해질 때까지 잠깐 되풀이한다.

        Raises:
            Superseded: 더 새로운 소켓이 이미 앉았다.
            NotInMatch: 떠난 판이다.
            Unavailable: 기한까지 결과를 알 수 없었다.
        """
        give_up_at_s = self._clock.monotonic_s() + REJOIN_LIMIT_S
        while conn.seat is None and not conn.is_closing:
            if await self._return_to_seat(conn, player_id, match_id):
                return True
            try:
                if await self._endings.tell_stored(conn, player_id, match_id):
                    return True
            except Unavailable:
                if self._clock.monotonic_s() >= give_up_at_s:
                    raise
            else:
                if self._clock.monotonic_s() >= give_up_at_s:
                    return False
            await asyncio.sleep(REJOIN_EVERY_S)
        return True

    async def _return_to_seat(self, conn: Connection, player_id: str, match_id: str) -> bool:
        route = await self._seats.route(match_id)
        grant = await self._seats.reissue(match_id, player_id) if route else None
        if route is None or grant is None:
            return False

        def greet(attached: session_pb2.Attached) -> server_frames.ServerMessage:
            return server_frames.MatchFound(
                match_id=match_id,
                mode=attached.mode,
                players=_players(attached.players),
                session=attached.session_id,
                resume_token=grant.resume_token,
                tick_rate_hz=attached.tick_rate_hz,
            )

        attach = _attach(conn, match_id, player_id, grant.epoch)
        return await self._sit_and_wait(conn, route.address, attach, greet)

    # ---- resume으로 이은 판

    async def resume(
        self, conn: Connection, resume_token: str, *, re: str | int | None, known_name: str
    ) -> bool:
        """토큰을 새것으로 바꾸고 자리를 잇는다. 판이 끝났으면 결과를 주고 False다. 소켓은 그 선수의 것이다.

        끝난 판이면 접근 토큰이 말한 이름(`known_name`)을, 없으면 저장된 이름을 쓴다.

        Raises:
            ResumeInvalid, ResumeExpired: 토큰이 거절되었거나 떠난 판이다.
            SessionLost: 판을 돌리던 서버가 사라졌다.
            Superseded: 그 사이 더 새로운 소켓이 앉았다.
            Unavailable: Redis가 멈췄거나, 판이 끝났는지 지금 알 수 없다.
        """
        attempt = ResumeAttempt(
            grant=await self._seats.rotate(resume_token),
            request_id=re,
            known_name=known_name,
            gateway_id=self._gateway_id,
        )
        try:
            is_seated = await self._resume_seat(conn, attempt)
        except NotInMatch:
            raise ResumeInvalid("떠난 판입니다") from None
        if is_seated:
            return True
        result = await self._endings.find(attempt.player_id, attempt.match_id)
        if result is None:
            raise SessionLost
        conn.side.identify(attempt.finished_player(result))
        push_end(conn, attempt.match_id, attempt.match_over(result))
        return False

    async def _resume_seat(self, conn: Connection, attempt: ResumeAttempt) -> bool:
        """자리를 잇는다. 판이 도는 서버가 없거나 앉지 못하면 False.

        Raises:
            Superseded: 더 새로운 소켓이 이미 앉았다.
            NotInMatch: 떠난 판이다.
        """
        route = attempt.grant.route
        if route is None:
            return False

        def greet(attached: session_pb2.Attached) -> server_frames.ServerMessage:
            conn.side.identify(attempt.seated_player(attached))
            return attempt.resumed(attached)

        attach = _attach(conn, attempt.match_id, attempt.player_id, attempt.grant.epoch)
        if not await self._sit_and_wait(conn, route.address, attach, greet):
            return False
        self._confirm_on_next_frame(conn, attempt.grant)
        log.info(
            "match.resumed",
            match_id=attempt.match_id,
            player_id=attempt.player_id,
            server_id=route.server_id,
        )
        return True

    def _confirm_on_next_frame(self, conn: Connection, grant: RotatedSeat) -> None:
        async def confirm() -> None:
            try:
                await self._seats.confirm(grant.match_id, grant.player_id, grant.epoch)
            except Unavailable:
                log.info("resume.unconfirmed", match_id=grant.match_id)  # 옛 토큰은 10초 뒤에 스스로 죽는다

        conn.spawn_on_next_frame(confirm)

    # ---- 함께 쓰는 걸음

    def _sit(
        self,
        conn: Connection,
        address: str,
        attach: session_pb2.Attach,
        *,
        mode: str = "",
        greet: FirstMessage | None = None,
    ) -> PlayerSeat:
        link = self._sessions.link(address)
        seat = PlayerSeat(conn, attach, link, mode=mode, greet=greet, on_vanished=self._settle)
        conn.take_seat(seat)
        link.attach(seat)
        return seat

    async def _sit_and_wait(
        self, conn: Connection, address: str, attach: session_pb2.Attach, greet: FirstMessage
    ) -> bool:
        """붙어서 답을 기다린다. 앉지 못해 다른 길을 찾아야 하면 False.

        Raises:
            Superseded: 더 새로운 소켓이 이미 앉았다.
            NotInMatch: 떠난 판이다.
        """
        seat = self._sit(conn, address, attach, greet=greet)
        try:
            await seat.wait_attached(ATTACH_LIMIT_S)
        except Superseded:
            raise
        except NotInMatch:
            conn.vacate(seat, match_over=True)
            seat.release()
            raise
        except HanpanError as error:
            log.info("seat.refused", match_id=attach.match_id, code=error.code)
            conn.vacate(seat, match_over=False)
            seat.release()
            return False
        return True

    def _settle(self, conn: Connection, seat: PlayerSeat) -> None:
        """앉았던(또는 앉으려던) 자리가 사라졌다: 결과가 있으면 결과를, 없으면 사라졌다고 알린다."""
        conn.tasks.spawn(self._settle_soon(conn, seat), name="seat-settle")

    async def _settle_soon(self, conn: Connection, seat: PlayerSeat) -> None:
        give_up_at_s = self._clock.monotonic_s() + SETTLE_LIMIT_S
        while not conn.is_closing:
            try:
                if not await self._endings.tell_stored(conn, seat.player_id, seat.match_id):
                    self._endings.tell_lost(conn, seat.match_id)
            except Unavailable as error:
                if self._clock.monotonic_s() >= give_up_at_s:
                    conn.push_error(error)
                    return
            else:
                return
            await asyncio.sleep(SETTLE_EVERY_S)


def _attach(conn: Connection, match_id: str, player_id: str, epoch: int) -> session_pb2.Attach:
    return session_pb2.Attach(
        conn_id=conn.conn_id,
        match_id=match_id,
        player_id=player_id,
        epoch=epoch,
        traceparent=current_traceparent(),
    )


def _players(rows: Iterable[common_pb2.MatchPlayer]) -> list[server_frames.FoundPlayer]:
    return [server_frames.FoundPlayer(row.player_id, row.name, row.rating, row.is_bot) for row in rows]
