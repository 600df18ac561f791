"""소켓 하나: 보낼 것, 받는 속도, 도는 태스크. 그 선수의 지금은 `player_phase.py`가 안다.

ASGI도 gRPC도 모른다. 쓰는 태스크(consumer)가 `outbox`를 비우고, 나머지는 여기에 넣기만 한다.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from concurrency.background import BackgroundTasks
from gateway.protocol import server_frames
from gateway.protocol.frame_fields import kind_of
from gateway.settings import OutboxLimits
from gateway.websocket.flood import FloodGuard
from gateway.websocket.keepalive import Keepalive
from gateway.websocket.outbox import DeliveryReceipt, Outbox
from gateway.websocket.player_phase import (
    ConnectedPlayer,
    HeldTicket,
    PlayerSide,
    UnansweredAdoption,
    UnansweredJoin,
)
from gateway.websocket.ports import HeldSeat, PlayerSocket
from kernel.clock import Clock
from kernel.errors import HanpanError, Superseded
from kernel.languages import DEFAULT_LANGUAGE
from telemetry import metrics
from telemetry.tracing import current_trace_id, span

CLOSE_ABNORMAL = 1006
CLOSE_SLOW_CONSUMER = 4408
CLOSE_SUPERSEDED = 4409
# 닫기로 한 소켓이 남은 것을 받아 갈 시간. 지나면 끊는다(읽지 않는 상대는 영영 닫히지 않는다).
CLOSE_FLUSH_S = 2.0
STUCK_FLUSH_S = 0.5  # 이미 오래 읽지 않은 소켓에는 짧게만

_sent = {
    kind: metrics.gateway_messages.labels("out", kind)
    for kind in (*map(kind_of, server_frames.SERVER_MESSAGES), "state")
}


@dataclass(frozen=True, slots=True)
class SocketGuards:
    """소켓 하나를 지키는 것: 보낼 상자의 상한과 받는 속도."""

    outbox: OutboxLimits
    flood: FloodGuard


class Connection:
    """선수의 소켓 하나. 이벤트 루프 한 스레드에서만 만진다."""

    def __init__(
        self,
        *,
        conn_id: int,
        region: str,
        language: str = DEFAULT_LANGUAGE,
        guards: SocketGuards,
        clock: Clock,
        socket: PlayerSocket,
        on_end_heard: Callable[[Connection, str], None],
    ) -> None:
        self.conn_id = conn_id
        self.region = region
        self.language = language
        self.outbox = Outbox(guards.outbox, socket.write_now)
        self.has_outgoing = asyncio.Event()
        self.flood = guards.flood
        self.tasks = BackgroundTasks()
        self.side = PlayerSide()
        # 대기표를 얻는 일(join, 잇기)은 한 번에 하나다.
        self.ticket_turn = asyncio.Lock()
        self.last_match_id = ""
        self._on_next_state: Callable[[], None] | None = None
        self.on_next_frame: Callable[[], Coroutine[Any, Any, None]] | None = None
        self._hello_timer: asyncio.TimerHandle | None = None
        self._clock = clock
        self._socket = socket
        self._on_end_heard = on_end_heard
        self._was_busy = False

    @property
    def player(self) -> ConnectedPlayer | None:
        """인사한 선수."""
        return self.side.phase.player

    @property
    def seat(self) -> HeldSeat | None:
        """앉은(또는 resume의 답을 기다리는) 자리."""
        return self.side.phase.seat

    @property
    def ticket(self) -> HeldTicket | None:
        """든 대기표."""
        return self.side.phase.waiting.ticket

    @property
    def unanswered_join(self) -> UnansweredJoin | None:
        """답을 듣지 못한 대기표 청."""
        return self.side.phase.waiting.join

    @property
    def unanswered_adoption(self) -> UnansweredAdoption | None:
        """답을 듣지 못한 대기표 잇기."""
        return self.side.phase.waiting.adoption

    @property
    def is_waiting(self) -> bool:
        """대기표를 들었거나, 들었을지도 모른다."""
        return bool(self.side.phase.waiting)

    @property
    def went_silent(self) -> bool:
        """조용해서 떠난 것으로 보고 끊은 소켓이다."""
        return self._socket.went_silent

    @property
    def is_closing(self) -> bool:
        """닫기로 했다. 더 오는 프레임은 버린다."""
        return self.outbox.is_closing

    def push(self, message: server_frames.ServerMessage) -> None:
        """답이나 통지를 보낸다."""
        self.push_text(kind_of(message), server_frames.encode(message))

    def push_text(self, kind: str, text: str) -> None:
        """이미 쓰인 글 프레임을 보낸다. 여러 소켓에 같은 글을 보낼 때 쓴다."""
        _sent[kind].inc()
        if not self.outbox.put_control(text, self._clock.monotonic_s()):
            self.close_slow()
        elif self.outbox:
            self.has_outgoing.set()

    def push_end(self, match_id: str, kind: str, text: str) -> None:
        """판의 끝을 보낸다. 상대가 받았음이 확인되면 `on_end_heard`가 불린다."""
        self.last_match_id = match_id
        self.push_text(kind, text)
        self.outbox.put_receipt(DeliveryReceipt(lambda: self._on_end_heard(self, match_id)))
        if self.outbox:
            self.has_outgoing.set()

    def push_state(self, frame: bytes) -> None:
        """상태 프레임을 보낸다. 밀린 소켓에서는 버려질 수 있다."""
        if self._on_next_state is not None:
            self._on_next_state()
            self._on_next_state = None
        outbox = self.outbox
        outbox.put_state(frame, self._clock.monotonic_s())
        if outbox:
            self.has_outgoing.set()

    def push_error(self, error: HanpanError, re: str | int | None = None) -> None:
        """거절을 보낸다. 추적 번호가 없으면 여기서 만든다."""
        trace_id = current_trace_id()
        if not trace_id:
            with span("ws.error"):
                trace_id = current_trace_id()
        self.push(
            server_frames.Error(
                re=re,
                code=error.code,
                message=error.detail_in(self.language),
                trace_id=trace_id,
                retry_after_ms=error.retry_after_ms,
            )
        )

    def refuse(self, error: HanpanError, close_code: int, re: str | int | None = None) -> None:
        """거절을 알리고 닫는다."""
        self.push_error(error, re)
        self.close(close_code, error.code)

    def close(self, code: int, reason: str, *, discard: bool = False) -> None:
        """남은 통지를 보내고 닫는다. 두 번째부터는 아무 일도 없다."""
        if self.outbox.is_closing:
            return
        self.outbox.close(code, reason, discard=discard)
        self.has_outgoing.set()
        self._socket.abort_within(STUCK_FLUSH_S if discard else CLOSE_FLUSH_S)

    def close_slow(self) -> None:
        """너무 느린 소비자다."""
        self.close(CLOSE_SLOW_CONSUMER, "SLOW_CONSUMER", discard=True)

    def close_superseded(self, cause: Superseded | None = None) -> None:
        """더 새로운 소켓이 이 소켓의 것(자리나 대기표, 여럿이면 그 선수의 소켓 수)을 이었다."""
        if not self.is_closing:
            reason = (cause or Superseded()).detail_in(self.language)
            self.push(server_frames.Bye(code=Superseded.code, reason=reason, reconnect=False))
        self.close(CLOSE_SUPERSEDED, Superseded.code)

    def look(self, keepalive: Keepalive) -> None:
        """살아 있는지 둘러본다. 기다리거나 두는 소켓은 자주, 한가한 소켓은 드문드문 묻는다."""
        is_busy = self.side.is_busy
        if is_busy is not self._was_busy:
            self._was_busy = is_busy
            self._socket.forgive()  # 한가하던 때의 조용함으로 끊지 않는다
        self._socket.look(keepalive.busy if is_busy else keepalive.idle)

    def check_lag(self) -> None:
        """넘친 채로 너무 오래 따라잡지 못했으면 닫는다."""
        if self.outbox.is_stuck(self._clock.monotonic_s()):
            self.close_slow()

    def expect_hello(self, limit_s: float, on_expired: Callable[[Connection], None]) -> None:
        """기한까지 누구인지 말하지 않으면 `on_expired`를 부른다. 닫히면 부르지 않는다."""
        self._hello_timer = asyncio.get_running_loop().call_later(limit_s, on_expired, self)

    def speak(self, language: str) -> None:
        """이제부터 이 언어로 말한다."""
        self.language = language

    def call_on_next_state(self, act: Callable[[], None]) -> None:
        """다음 상태 프레임을 보낼 때 한 번 부른다."""
        self._on_next_state = act

    def spawn_on_next_frame(self, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """클라이언트의 다음 프레임이 오면 한 번 뒤에서 돌린다. 그 프레임은 느린 길로 간다."""
        self.on_next_frame = act

    def heard_frame(self) -> None:
        """클라이언트의 프레임이 왔다."""
        if self.on_next_frame is not None:
            self.tasks.spawn(self.on_next_frame(), name="first-frame")
            self.on_next_frame = None

    def caught_up(self) -> None:
        """보낼 것을 다 보냈다. 버린 상태가 있었으면 이제 새 snapshot을 청한다."""
        seat = self.side.phase.seat
        if seat is not None and self.outbox.ask_resync():
            metrics.gateway_outbox_dropped.inc(self.outbox.take_dropped())
            seat.resync()

    def take_seat(self, seat: HeldSeat) -> None:
        """자리에 앉는다. 앞의 자리는 놓는다."""
        before = self.side.phase.seat
        if before is not None:
            before.release()
        self.outbox.forget_states()
        self.side.sit(seat)

    def vacate(self, seat: HeldSeat, *, match_over: bool) -> None:
        """자리가 없어졌다. 벌써 다른 자리에 앉았으면 그대로 둔다."""
        if match_over:
            self.last_match_id = seat.match_id
        if self.side.phase.seat is seat:
            self.side.stand()

    def dispose(self) -> None:
        """소켓이 닫혔다: 타이머와 태스크를 거두고 자리를 떠난다."""
        if self._hello_timer is not None:
            self._hello_timer.cancel()
        seat = self.side.phase.seat
        if seat is not None:
            seat.release()
            self.side.stand()
        self.outbox.close(CLOSE_ABNORMAL, "closed", discard=True)
        self.tasks.cancel()
        metrics.gateway_outbox_dropped.inc(self.outbox.take_dropped())


def count_states(frames_sent: int) -> None:
    """소켓들에 넣은 상태 프레임 수를 센다. Link의 한 묶음에 한 번 부른다."""
    _sent["state"].inc(frames_sent)
