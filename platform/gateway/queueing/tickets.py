"""대기표의 한살이: 청하고, 잇고, 거두고, 판이 잡히거나 지난 통지를 소켓에 전한다.

표의 주인은 선수이고, 통지는 그 표를 든 소켓 하나에 간다. 새 hello가 표를 이으면 앞 소켓은 닫힌다. 거두기는
어느 소켓에서나 된다. 소켓이 닫히면 돌아올 틈 뒤에 아직 제 것인 표를 거둔다(`withdrawals.py`): 답을 듣지 못한
청은 같은 열쇠로 물어 거둔다.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from enum import Enum

from opentelemetry import context as otel_context

from concurrency.background import BackgroundTasks
from gateway.protocol import client_frames, server_frames
from gateway.protocol.mode_catalog import ModeCatalog
from gateway.queueing.ports import SeatGiver, TicketQueue, TicketRequest
from gateway.queueing.withdrawals import Withdrawals
from gateway.websocket.connection import Connection
from gateway.websocket.connections import Connections
from gateway.websocket.player_phase import (
    ConnectedPlayer,
    HeldTicket,
    UnansweredAdoption,
    UnansweredJoin,
)
from hanpan.v1 import matchmaking_pb2 as pb
from kernel.clock import Clock
from kernel.errors import AlreadyInMatch, HanpanError, NotQueued, Unavailable
from kernel.ids import new_id
from telemetry.logs import get_logger

log = get_logger(__name__)

# 저장된 답은 60초를 살지만, 그 사이 표가 판이 되어 끝났을 수 있다. 곧바로 다시 물을 때만 같은 열쇠를 쓴다.
SAME_KEY_S = 10.0
# 대기표는 matchmaking이 지나게 하고 알린다. 그 통지까지 잃었을 때만 이만큼 더 기다렸다가 여기서 지나게 한다.
NEWS_GRACE_S = 30.0
OVERDUE_EVERY_S = 1.0


class Adoption(Enum):
    """대기표 잇기의 끝."""

    DONE = "done"  # 이 소켓의 표다
    FORMING = "forming"  # 표는 판에 잡혔고, 판은 만들어지는 중이다
    NOTHING = "nothing"  # 이을 표가 없다


class WaitingTickets:
    """이 gateway의 소켓들이 든 대기표."""

    def __init__(
        self,
        *,
        queue: TicketQueue,
        connections: Connections,
        seats: SeatGiver,
        modes: ModeCatalog,
        clock: Clock,
        return_s: float,
    ) -> None:
        self._queue = queue
        self._connections = connections
        self._seats = seats
        self._modes = modes
        self._clock = clock
        self._joining: dict[int, list[Callable[[], None]]] = {}
        self._asked_after: dict[str, int] = {}
        self._withdrawals = Withdrawals(self._withdraw_once, return_s=return_s)
        self._tasks = BackgroundTasks()

    def start(self) -> None:
        """표를 거두는 일꾼들과 통지 없는 표를 보는 일을 시작한다."""
        self._tasks.spawn(self._time_out_forever(), name="tickets-overdue")
        self._withdrawals.start()

    async def stop(self, flush_s: float = 1.0) -> None:
        """거두던 것을 `flush_s`초까지 마치고 멈춘다."""
        await self._withdrawals.stop(flush_s)
        await self._tasks.stop()

    # ---- 클라이언트의 청

    async def join(self, conn: Connection, player: ConnectedPlayer, message: client_frames.QueueJoin) -> None:
        """대기표를 청하고 답한다.

        Raises:
            HanpanError: 거절의 까닭.
        """
        if conn.seat is not None:
            raise AlreadyInMatch
        self._modes.check(message.mode)
        # 이 소켓이 표를 든 것으로 알아도 묻는다: 다른 소켓이 거두었고 그 통지를 잃었을 수 있다.
        async with self._asking(conn):
            reply = await self._ask(conn, player, self._request_key(conn, message.mode))
            self._hold(conn, reply, message.id)

    async def adopt(self, conn: Connection, player: ConnectedPlayer, ticket_id: str) -> Adoption:
        """같은 선수가 기다리던 표를 이 소켓이 잇고 `queue.joined`로 알린다.

        `ticket_id`가 비면 표가 잡힌 판이 만들어지는 중인지만 묻는다. 그 사이 소켓이 닫히면 마저 듣고 거둔다.

        Raises:
            Unavailable: 지금은 알 수 없다(이어졌을 수도 있다. 다시 불러도 된다).
        """
        async with self._asking(conn):
            if conn.ticket is not None or conn.seat is not None:
                return Adoption.DONE
            reply = await self._ask_adoption(conn, player, ticket_id)
            if reply.HasField("adopted"):
                self._hold(conn, reply.adopted, None)
                return Adoption.DONE
            return Adoption.FORMING if reply.forming_match_id else Adoption.NOTHING

    async def _ask_adoption(
        self, conn: Connection, player: ConnectedPlayer, ticket_id: str
    ) -> pb.AdoptResponse:
        """묻는 일은 소켓보다 오래 산다: 닫히는 소켓이 이은 표를 잃어버리지 않는다."""
        asked = asyncio.ensure_future(
            self._queue.adopt(
                player_id=player.player_id, region=conn.region, ticket_id=ticket_id, conn_id=conn.conn_id
            )
        )
        conn.side.ask_adoption(UnansweredAdoption(ticket_id, asked))
        try:
            reply = await asyncio.shield(asked)
        except Unavailable:
            raise  # 이어졌을 수도 있다: 닫힐 때 거둔다
        except HanpanError as error:
            # 지난 판의 matchmaking은 잇기를 모른다. 표는 앞 소켓의 것으로 남는다.
            log.warning("ticket.adoption_refused", code=error.code)
            reply = pb.AdoptResponse()
        conn.side.settle_adoption()
        return reply

    @asynccontextmanager
    async def _asking(self, conn: Connection) -> AsyncIterator[None]:
        """표를 얻는 동안 앞질러 온 통지를 붙든다. 클라이언트는 언제나 답을 먼저 듣는다."""
        async with conn.ticket_turn:
            late_news = self._joining.setdefault(conn.conn_id, [])
            try:
                yield
            finally:
                del self._joining[conn.conn_id]
                for tell in late_news:
                    tell()

    def _hold(self, conn: Connection, reply: pb.Joined, re: str | int | None) -> None:
        conn.side.hold(self._ticket(reply))
        conn.push(
            server_frames.QueueJoined(
                re=re, ticket_id=reply.ticket_id, mode=reply.mode, expires_in_ms=reply.expires_in_ms
            )
        )

    async def cancel(
        self, conn: Connection, player: ConnectedPlayer, message: client_frames.QueueCancel
    ) -> None:
        """선수의 대기표를 거두고 답한다. 다른 소켓이 든 표여도 거두며, 그 소켓에는 matchmaking이 알린다.

        Raises:
            HanpanError: 거절의 까닭.
        """
        held = conn.ticket.ticket_id if conn.ticket else ""
        try:
            cancelled = await self._cancel(conn, player, held)
        except NotQueued:
            if not held:
                raise
            # 이 소켓이 아는 표는 없다. 다른 소켓이 얻은 표가 있으면 그것을 거둔다.
            cancelled = await self._cancel(conn, player, "")
        conn.side.stop_waiting()
        conn.push(server_frames.QueueCancelled(re=message.id, ticket_id=cancelled))

    async def _cancel(
        self, conn: Connection, player: ConnectedPlayer, ticket_id: str, *, only_own: bool = False
    ) -> str:
        return await self._queue.cancel(
            player_id=player.player_id,
            region=conn.region,
            ticket_id=ticket_id,
            conn_id=conn.conn_id,
            only_own=only_own,
        )

    def disconnected(self, conn: Connection) -> None:
        """소켓이 닫혔다: 돌아올 틈이 지나도 제 것인 표를 뒤에서 거둔다."""
        if conn.player is not None and conn.is_waiting:
            self._withdrawals.add(conn, conn.player)

    # ---- matchmaking의 통지

    def waiting_ticket_ids(self) -> Sequence[str]:
        """아직 기다리는 대기표들. 그 통지는 표의 이름만 달고 올 수 있어 누구의 것인지 적어 둔다."""
        self._asked_after = self._connections.waiting_tickets()
        return list(self._asked_after)

    def match_found(self, event: pb.MatchFound) -> None:
        """판이 잡혔다: 이 gateway의 자리마다 소켓을 앉힌다. 떠난 소켓의 선수는 다음 hello에서 잇는다."""
        for seat in event.seats:
            conn = self._connections.find(seat.conn_id, seat.player_id)
            if conn is not None:
                # 답을 듣지 못한 청이 이 판이 되었다. 같은 열쇠로 다시 물으면 죽은 표를 받는다.
                conn.side.settle_join()
                self._tell(conn, _found(self._seats, conn, event, seat))

    def queue_timeout(self, event: pb.QueueTimeout) -> None:
        """대기표가 지났다. 흔적까지 사라진 표의 통지에는 소켓이 없어, 물어본 목록에서 찾는다."""
        conn_id = event.conn_id or self._asked_after.get(event.ticket_id, 0)
        conn = self._connections.get(conn_id)
        if conn is not None:
            self._tell(conn, _timed_out(conn, event.ticket_id))

    def ticket_moved(self, event: pb.TicketMoved) -> None:
        """같은 선수의 새 소켓이 표를 이었다: 앞 소켓을 닫는다. 표는 이제 남의 것이라 거두지 않는다."""
        conn_id = event.conn_id or self._asked_after.get(event.ticket_id, 0)
        conn = self._connections.get(conn_id)
        if conn is not None and conn_id != event.owner_conn_id:
            self._tell(conn, _moved(conn, event.ticket_id))

    def ticket_cancelled(self, event: pb.TicketCancelled) -> None:
        """같은 선수의 다른 소켓이 표를 거두었다."""
        conn = self._connections.find(event.conn_id, event.player_id)
        if conn is not None:
            self._tell(conn, _cancelled(conn, event.ticket_id))

    def _tell(self, conn: Connection, news: Callable[[], None]) -> None:
        waiting = self._joining.get(conn.conn_id)
        if waiting is None:
            news()
        else:
            waiting.append(news)

    # ---- 안의 일

    def _request_key(self, conn: Connection, mode: str) -> UnansweredJoin:
        last, now_s = conn.unanswered_join, self._clock.monotonic_s()
        if last is None or last.mode != mode or now_s - last.asked_at_s > SAME_KEY_S:
            last = UnansweredJoin(new_id(), mode, now_s)
        conn.side.ask_join(last)
        return last

    async def _ask(self, conn: Connection, player: ConnectedPlayer, asked: UnansweredJoin) -> pb.Joined:
        try:
            reply = await self._queue.join(
                TicketRequest(
                    player_id=player.player_id,
                    name=player.name,
                    is_bot=player.is_bot,
                    mode=asked.mode,
                    region=conn.region,
                    conn_id=conn.conn_id,
                    request_key=asked.request_key,
                )
            )
        except Unavailable:
            raise  # 표가 만들어졌을 수도 있다: 열쇠를 쥐고 있는다
        except HanpanError:
            conn.side.settle_join()
            raise
        conn.side.settle_join()
        return reply

    def _ticket(self, reply: pb.Joined) -> HeldTicket:
        give_up_at_s = self._clock.monotonic_s() + reply.expires_in_ms / 1000 + NEWS_GRACE_S
        return HeldTicket(reply.ticket_id, reply.mode, otel_context.get_current(), give_up_at_s)

    async def _time_out_forever(self) -> None:
        while True:
            await asyncio.sleep(OVERDUE_EVERY_S)
            self._time_out_overdue()

    def _time_out_overdue(self) -> None:
        """한 번 둘러본다. 쉬는 동안 마지막에 본 소켓을 쥐고 있지 않도록 따로 있다."""
        now_s = self._clock.monotonic_s()
        for conn in self._connections:
            if conn.ticket is not None and now_s >= conn.ticket.give_up_at_s:
                log.warning("ticket.overdue", ticket_id=conn.ticket.ticket_id)
                _timed_out(conn, conn.ticket.ticket_id)()

    async def _withdraw_once(self, conn: Connection, player: ConnectedPlayer) -> None:
        waiting = conn.side.phase.waiting
        if waiting.ticket is None and waiting.join is not None:
            conn.side.hold(self._ticket(await self._ask(conn, player, waiting.join)))
            waiting = conn.side.phase.waiting
        if waiting.ticket is not None:
            await self._cancel(conn, player, waiting.ticket.ticket_id, only_own=True)
        elif waiting.adoption is not None:
            await asyncio.wait({waiting.adoption.asked})
            await self._cancel(conn, player, waiting.adoption.ticket_id, only_own=True)


def _found(
    seats: SeatGiver, conn: Connection, match: pb.MatchFound, seat: pb.FoundSeat
) -> Callable[[], None]:
    def tell() -> None:
        if not conn.is_closing:
            seats.found(conn, match, seat)

    return tell


def _moved(conn: Connection, ticket_id: str) -> Callable[[], None]:
    def tell() -> None:
        held = conn.ticket.ticket_id if conn.ticket is not None else ""
        if held == ticket_id or (not held and conn.unanswered_join is not None):
            conn.side.stop_waiting()
            conn.close_superseded()

    return tell


def _cancelled(conn: Connection, ticket_id: str) -> Callable[[], None]:
    def tell() -> None:
        # 답을 잃은 청의 표였다면 같은 열쇠로 다시 물어 죽은 표를 받지 않게 한다.
        conn.side.forget_asked()
        if conn.ticket is not None and conn.ticket.ticket_id == ticket_id:
            conn.side.drop_ticket()
            conn.push(server_frames.QueueCancelled(ticket_id=ticket_id))

    return tell


def _timed_out(conn: Connection, ticket_id: str) -> Callable[[], None]:
    def tell() -> None:
        if conn.ticket is not None and conn.ticket.ticket_id == ticket_id:
            conn.side.drop_ticket()
            conn.push(server_frames.QueueTimeout(ticket_id=ticket_id))

    return tell
