"""소켓 하나가 앉은 판의 자리 하나: 스트림의 통지를 소켓으로, 소켓의 청을 스트림으로 옮긴다."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from gateway.protocol import server_frames
from gateway.seats.ports import SeatLink
from gateway.websocket.connection import Connection
from hanpan.v1 import session_pb2
from kernel.errors import HanpanError, NotInMatch, SessionLost, Superseded, error_from_code

# 앉았다는 답을 첫 인사(match.found나 resumed)로 바꾼다.
FirstMessage = Callable[[session_pb2.Attached], server_frames.ServerMessage]


@dataclass(frozen=True, slots=True)
class _Leave:
    """떠나겠다는 청: 그 요청 번호와, 답이 나갔는가."""

    re: str | int | None
    answered: asyncio.Future[None]


class PlayerSeat:
    """한 소켓, 한 판, 한 epoch."""

    def __init__(
        self,
        conn: Connection,
        attach: session_pb2.Attach,
        link: SeatLink,
        *,
        mode: str = "",
        greet: FirstMessage | None = None,
        on_vanished: Callable[[Connection, PlayerSeat], None],
    ) -> None:
        self.conn_id = conn.conn_id
        self.match_id = attach.match_id
        self.player_id = attach.player_id
        self.mode = mode
        self.is_attached = False
        self.state = conn.push_state
        self._conn = conn
        self._attach = attach
        self._link = link
        self._greet = greet
        self._on_vanished = on_vanished
        self._answer: asyncio.Future[None] | None = None
        self._leave: _Leave | None = None

    # ---- 소켓이 부른다

    def send_input(self, seq: int, values: list[int]) -> None:
        """입력 하나를 보낸다."""
        self._link.send_input(self.conn_id, seq, values)

    async def leave(self, re: str | int | None, limit_s: float) -> None:
        """판을 떠나고, 떠났다는 답이 나가기를 기한까지 기다린다. 늦은 답도 `re`를 달고 나간다."""
        self._leave = _Leave(re, asyncio.get_running_loop().create_future())
        self._fail(NotInMatch())
        self._link.leave(self)
        # 기한이 지나도 떠난 것은 그대로다. 스트림이 닿을 때까지 다시 말한다.
        await asyncio.wait([self._leave.answered], timeout=limit_s)

    def resync(self) -> None:
        """새 snapshot을 청한다."""
        self._link.resync(self)

    def release(self) -> None:
        """소켓이 떠난다."""
        self._link.detach(self)
        if self._answer is not None and not self._answer.done():
            self._answer.cancel()

    async def wait_attached(self, limit_s: float) -> None:
        """앉았다는 답을 기다린다.

        Raises:
            HanpanError: 거절된 까닭. 기한까지 답이 없거나 서버가 사라지면 SessionLost다.
        """
        self._answer = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(limit_s):
                await self._answer
        except TimeoutError:
            raise SessionLost from None
        finally:
            self._answer = None  # 거절의 traceback이 이 자리를, 자리가 거절을 쥔 고리를 끊는다

    # ---- 스트림이 부른다

    def begin_attach(self) -> session_pb2.Attach:
        """붙을(다시 붙을) 때 보낼 것."""
        self.is_attached = False
        return self._attach

    def attached(self, event: session_pb2.Attached) -> None:
        """앉았다. 인사는 처음 한 번뿐이다."""
        self.is_attached = True
        self.mode = event.mode
        if self._greet is not None:
            self._conn.push(self._greet(event))
            self._greet = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(None)

    def told(self, kind: str, text: str) -> None:
        """판의 통지."""
        self._conn.push_text(kind, text)

    def ended(self, kind: str, text: str) -> None:
        """판이 끝났다."""
        self._tell_left()
        self._conn.vacate(self, match_over=True)
        self._conn.push_end(self.match_id, kind, text)

    def left(self) -> None:
        """판을 떠났다."""
        self._conn.vacate(self, match_over=True)
        self._leave = self._leave or _Leave(None, asyncio.get_running_loop().create_future())
        self._tell_left()

    def superseded(self) -> None:
        """더 새로운 소켓이 자리를 이었다. 앉기를 기다리던 소켓은 기다리던 쪽이 닫는다."""
        self._conn.vacate(self, match_over=False)
        if not self._fail(Superseded()):
            self._conn.close_superseded()

    def refused(self, event: session_pb2.Refused) -> None:
        """앉은 뒤의 청이 거절되었다."""
        self._conn.push_error(_refusal_of(event))

    def unseated(self, event: session_pb2.Refused) -> None:
        """붙기가 거절되었다. 떠난 판이라면 사라진 것이 아니라 떠났다고 알린다."""
        error = _refusal_of(event)
        if isinstance(error, NotInMatch) and self._answer is None:
            self.left()
        else:
            self._vanish(error)

    def lost(self) -> None:
        """서버가 사라졌다."""
        self._tell_left()
        self._vanish(SessionLost())

    def _vanish(self, error: HanpanError) -> None:
        self._conn.vacate(self, match_over=False)
        if not self._fail(error):
            self._on_vanished(self._conn, self)

    def _tell_left(self) -> None:
        """떠나는 자리면 떠났다고 한 번 알린다."""
        if self._leave is not None and not self._leave.answered.done():
            self._leave.answered.set_result(None)
            self._conn.push(server_frames.MatchLeft(re=self._leave.re, match_id=self.match_id))

    def _fail(self, error: HanpanError) -> bool:
        """기다리는 이에게 까닭을 준다. 기다리는 이가 없으면 False."""
        if self._answer is None or self._answer.done():
            return False
        self._answer.set_exception(error)
        return True


def _refusal_of(event: session_pb2.Refused) -> HanpanError:
    """session 서버가 말한 까닭. 옛 서버는 원문을 싣지 않는다."""
    return error_from_code(event.code, event.source or event.message, params=dict(event.params))
