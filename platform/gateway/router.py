"""클라이언트 프레임 하나를 받아 알맞은 곳에 맡긴다. 한 소켓의 청은 차례로 하나씩 다룬다.

클라이언트가 무엇을 보내든 답은 계약의 오류이고 스택 추적은 남지 않는다. 우리 잘못만 로그에 남는다.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from opentelemetry.trace import SpanKind

from gateway.hello import HelloHandler
from gateway.protocol import client_frames, server_frames
from gateway.protocol.frame_fields import kind_of
from gateway.protocol.mode_catalog import SEATLESS_DECODER, ModeCatalog
from gateway.queueing.tickets import WaitingTickets
from gateway.seats.link_dispatch import result_message
from gateway.seats.ports import SessionRoutes
from gateway.websocket.connection import Connection
from gateway.websocket.flood import FloodVerdict
from gateway.websocket.player_phase import ConnectedPlayer, Seated
from kernel.clock import Clock
from kernel.errors import (
    HanpanError,
    Internal,
    InvalidArgument,
    NotInMatch,
    RateLimited,
    Unavailable,
)
from kernel.ids import read_match_id
from telemetry import metrics
from telemetry.logs import get_logger
from telemetry.tracing import note_failure, span

log = get_logger(__name__)

CLOSE_BAD_FRAME = 4400
CLOSE_RATE_LIMITED = 4429
LEAVE_LIMIT_S = 2.5  # session이 matchmaking에 놓아주라고 말하는 기한(1초, 둘이면 2초)보다 길다

_received = {
    kind: metrics.gateway_messages.labels("in", kind) for kind in (*client_frames.CLIENT_KINDS, "bad")
}

Handler = Callable[[Connection, ConnectedPlayer, Any], Awaitable[None]]
QuickHandler = Callable[[Connection, Any], None]


class MessageRouter:
    """모든 소켓의 프레임을 다루는 이. 소켓의 상태는 Connection에만 있다."""

    def __init__(
        self,
        *,
        hello: HelloHandler,
        tickets: WaitingTickets,
        sessions: SessionRoutes,
        modes: ModeCatalog,
        clock: Clock,
    ) -> None:
        self._hello = hello
        self._tickets = tickets
        self._sessions = sessions
        self._modes = modes
        self._clock = clock
        self._quick: dict[str, QuickHandler] = {"input": self._input, "ping": self._ping}
        self._slow: dict[str, Handler] = {
            "queue.join": tickets.join,
            "queue.cancel": tickets.cancel,
            "finalize": self._finalize,
            "leave": self._leave,
            "hello": self._again,
            "resume": self._again,
        }

    def text_now(self, conn: Connection, text: str) -> bool:
        """앉은 선수의 입력처럼 기다릴 것 없는 프레임을 곧바로 다룬다.

        False면 아무 일도 하지 않았으니 `text`에 맡긴다. 앞서 온 청이 끝나지 않은 소켓에는 부르지 않는다.
        """
        phase = conn.side.phase
        if not isinstance(phase, Seated) or conn.on_next_frame is not None or conn.outbox:
            return False
        try:
            message = self._modes.decoder(phase.seat.mode).decode(text)
        except (client_frames.BadFrame, client_frames.BadMessage):
            return False
        kind = kind_of(message)
        quick = self._quick.get(kind)
        if quick is None:
            return False
        if self._admits(conn):
            _received[kind].inc()
            self._answer_quickly(quick, conn, message)
        return True

    async def text(self, conn: Connection, text: str) -> None:
        """글 프레임이 왔다."""
        if len(conn.outbox):
            # 한꺼번에 온 청들을 쉬지 않고 다루면 쓰는 태스크가 돌지 못해, 잘 읽는 소켓도 제 답으로 넘친다.
            await asyncio.sleep(0)
        if not self._admits(conn):
            return
        conn.heard_frame()
        seat = conn.seat
        decoder = SEATLESS_DECODER if seat is None else self._modes.decoder(seat.mode)
        try:
            message = decoder.decode(text)
        except client_frames.BadFrame:
            self._bad_frame(conn)
            return
        except client_frames.BadMessage as bad:
            self._bad_message(conn, bad)
            return
        kind = kind_of(message)
        _received[kind].inc()
        quick = self._quick.get(kind)
        if quick is not None and conn.player is not None:
            self._answer_quickly(quick, conn, message)
        else:
            await self._answer(kind, conn, message)

    def binary(self, conn: Connection) -> None:
        """이진 프레임이 왔다. 클라이언트는 글만 보낸다."""
        if self._admits(conn):
            self._bad_frame(conn)

    # ---- 받아들일까

    def _admits(self, conn: Connection) -> bool:
        if conn.is_closing:
            return False
        verdict = conn.flood.check(self._clock.monotonic_s())
        if verdict is FloodVerdict.PASS:
            return True
        error = RateLimited(retry_after_ms=conn.flood.retry_after_ms())
        if verdict is FloodVerdict.WARN:
            conn.push_error(error)
        elif verdict is FloodVerdict.CLOSE:
            conn.refuse(error, CLOSE_RATE_LIMITED)
        return False

    def _bad_frame(self, conn: Connection) -> None:
        _received["bad"].inc()
        conn.close(CLOSE_BAD_FRAME, "BAD_FRAME")

    def _bad_message(self, conn: Connection, bad: client_frames.BadMessage) -> None:
        _received["bad"].inc()
        if conn.player is None:
            self._hello.bad_first(conn, bad)
        else:
            conn.push_error(bad.error, bad.re)

    # ---- 답하기

    def _answer_quickly(
        self,
        handler: QuickHandler,
        conn: Connection,
        message: client_frames.ClientMessage,
    ) -> None:
        """틱마다 오는 것들: 기다림도 스팬도 없다."""
        try:
            handler(conn, message)
        except HanpanError as error:
            with span("ws.rejected", parent=message.trace):
                conn.push_error(error, message.id)

    async def _answer(self, kind: str, conn: Connection, message: client_frames.ClientMessage) -> None:
        if kind == "hello" and message.trace is None:
            # 몰려오는 인사마다 스팬을 만들지 않는다. 거절과 산 판으로 돌아감은 제 스팬을 가진다.
            await self._handle(kind, conn, message)
            return
        with span(f"ws {kind}", parent=message.trace, kind=SpanKind.SERVER):
            await self._handle(kind, conn, message)

    async def _handle(self, kind: str, conn: Connection, message: client_frames.ClientMessage) -> None:
        player = conn.player
        try:
            if player is None:
                await self._hello.first(conn, message)
            else:
                await self._slow[kind](conn, player, message)
        except HanpanError as error:
            note_failure(error)
            conn.push_error(error, message.id)
        except Exception as error:
            note_failure(error)
            log.exception("request.failed", kind=kind)
            conn.push_error(Internal(), message.id)

    def _input(self, conn: Connection, message: client_frames.Input) -> None:
        seat = conn.side.phase.seat
        if seat is None or not seat.mode:
            raise NotInMatch
        decoder = self._modes.decoder(seat.mode)
        if decoder is SEATLESS_DECODER:
            raise Unavailable("아직 이 모드의 입력을 모릅니다")
        seat.send_input(message.seq, decoder.input_values(message))

    def _ping(self, conn: Connection, message: client_frames.Ping) -> None:
        conn.push(server_frames.Pong(re=message.id, ts=message.ts, server_time_ms=self._clock.now_ms()))

    async def _finalize(
        self, conn: Connection, player: ConnectedPlayer, message: client_frames.Finalize
    ) -> None:
        match_id = read_match_id(message.match_id)
        result = await self._sessions.result(match_id, player.player_id)
        answer = result_message(result, message.id)
        conn.push_end(match_id, kind_of(answer), server_frames.encode(answer))

    async def _leave(self, conn: Connection, _player: ConnectedPlayer, message: client_frames.Leave) -> None:
        match_id = read_match_id(message.match_id)
        seat = conn.seat
        if seat is None or seat.match_id != match_id:
            raise NotInMatch
        # 이제부터 이 소켓은 판이 없다. 놓여나기까지 기다려, 잇달아 온 queue.join이 옛 판에 걸리지 않게 한다.
        conn.vacate(seat, match_over=True)
        conn.outbox.forget_states()
        await seat.leave(message.id, LEAVE_LIMIT_S)

    async def _again(
        self, _conn: Connection, _player: ConnectedPlayer, _message: client_frames.ClientMessage
    ) -> None:
        raise InvalidArgument("이미 들어온 소켓입니다")
