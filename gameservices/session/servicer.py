"""SessionService의 gRPC 면: 요청을 알맞은 곳에 넘기고 답을 옮긴다. 스스로 정하는 것은 없다."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from gameservices.session.ownership.match_opener import MatchOpener
from gameservices.session.ports import LiveRecords
from gameservices.session.rooms import link_events
from gameservices.session.rooms.gateway_link import GatewayLink
from gameservices.session.rooms.room import RoomStatus
from gameservices.session.rooms.room_host import RoomHost
from hanpan.v1 import common_pb2, session_pb2, session_pb2_grpc
from kernel.errors import HanpanError, InvalidArgument, MatchNotOver, NotFound, PermissionDenied
from kernel.ids import is_id
from matches.lookup import find_match_async
from matches.outcome import Settlement
from redisstore.live_matches import LiveMatch
from rpc.batch import answer_each, refusal
from rpc.channels import ServicerContext, StatusCode
from rpc.ids import unify_ids
from telemetry.logs import get_logger
from telemetry.tracing import span, span_context_of

log = get_logger(__name__)

HELLO_TIMEOUT_S = 5.0
HANG_UP_LIMIT_S = 1.0  # 끊는다는 상태가 나가기를 기다리는 시간. 얼어붙은 상대는 깨어난 뒤에 받는다


@dataclass(frozen=True, slots=True)
class KnownPlayer:
    """저장된 선수."""

    name: str
    is_bot: bool


ReadStored = Callable[[str], Awaitable[Settlement | None]]
ReadPlayer = Callable[[str], Awaitable[KnownPlayer | None]]


class SessionServicer(session_pb2_grpc.SessionServiceServicer):
    """session.proto의 SessionService."""

    def __init__(
        self,
        *,
        host: RoomHost,
        opener: MatchOpener,
        live: LiveRecords,
        read_stored: ReadStored,
        read_player: ReadPlayer,
    ) -> None:
        self._host = host
        self._opener = opener
        self._live = live
        self._read_stored = read_stored
        self._read_player = read_player
        self._hanging_up: set[asyncio.Task[None]] = set()

    async def CreateMatches(  # noqa: N802 - proto의 이름이다
        self, request: session_pb2.CreateMatchesRequest, _context: ServicerContext
    ) -> session_pb2.CreateMatchesResponse:
        """판들을 연다. 판마다 답이 따로다."""
        replies = await answer_each(self._opener.open, request.matches, failed_event="match.open_failed")
        return session_pb2.CreateMatchesResponse(outcomes=map(_outcome, replies))

    async def GetMatch(  # noqa: N802
        self, request: session_pb2.GetMatchRequest, _context: ServicerContext
    ) -> session_pb2.GetMatchResponse:
        """이 서버가 들고 있는 판의 상태. 끝났지만 결과가 쓰이지 않은 판은 밖에서는 도는 판이다."""
        room = self._host.find(request.match_id)
        if room is None:
            raise NotFound("이 서버에 없는 판입니다")
        is_created = room.status is RoomStatus.CREATED
        return session_pb2.GetMatchResponse(
            match_id=room.match_id,
            status=common_pb2.MATCH_STATUS_CREATED if is_created else common_pb2.MATCH_STATUS_RUNNING,
            tick=room.tick,
        )

    async def GetResult(  # noqa: N802
        self, request: session_pb2.GetResultRequest, _context: ServicerContext
    ) -> session_pb2.MatchResult:
        """끝난 판의 저장된 결과와 물은 선수의 이름. 그 판의 선수만 읽는다."""
        if not is_id(request.match_id):
            raise InvalidArgument("match_id가 올바르지 않습니다")
        found = await find_match_async(request.match_id, stored=self._read_stored, live=self._live.get)
        if found is None:
            raise NotFound("그런 판이 없습니다")
        _check_participant(request.player_id, found.player_ids)
        if isinstance(found, LiveMatch):
            raise MatchNotOver
        result = link_events.match_result(found, already_finalized=True)
        player = await self._read_player(request.player_id)
        if player is not None:
            result.player_name, result.player_is_bot = player.name, player.is_bot
        return result

    async def Link(  # noqa: N802
        self, request_iterator: AsyncIterator[session_pb2.LinkUp], context: ServicerContext
    ) -> AsyncIterator[session_pb2.LinkDown]:
        """gateway 하나와의 양방향 스트림. 어느 쪽이 끊겨도 그 gateway의 소켓들은 자리를 비운다."""
        first = await self._greet(request_iterator)
        writer = asyncio.current_task()

        def leave(_context: object) -> None:
            reader.cancel()
            self._host.drop_link(link)

        def hang_up() -> None:
            ending = asyncio.create_task(_hang_up(context, writer, leave), name="link-hang-up")
            self._hanging_up.add(ending)
            ending.add_done_callback(self._hanging_up.discard)

        link = GatewayLink(first.items[0].hello.gateway_id, hang_up=hang_up)
        self._host.open_link(link)
        reader = asyncio.create_task(self._read(link, first, request_iterator), name="link-reader")
        context.add_done_callback(leave)
        log.info("link.opened", gateway=link.gateway_id)
        async for message in link.outgoing():
            yield message
        if reader.done() and not reader.cancelled():
            reader.result()

    async def _greet(self, requests: AsyncIterator[session_pb2.LinkUp]) -> session_pb2.LinkUp:
        """첫 항목은 LinkHello여야 한다. 함께 온 나머지 항목은 읽는 쪽이 잇는다."""
        try:
            async with asyncio.timeout(HELLO_TIMEOUT_S):
                first = await anext(requests)
        except (TimeoutError, StopAsyncIteration):
            raise InvalidArgument("첫 항목이 오지 않았습니다") from None
        if not first.items or not first.items[0].hello.gateway_id:
            raise InvalidArgument("첫 항목은 gateway의 이름이 있는 hello여야 합니다")
        return first

    async def _read(
        self, link: GatewayLink, first: session_pb2.LinkUp, requests: AsyncIterator[session_pb2.LinkUp]
    ) -> None:
        try:
            for item in first.items[1:]:
                self._apply(link, item)
            async for message in requests:
                if link.is_closed:
                    return
                for item in message.items:
                    self._apply(link, item)
        finally:
            link.close()

    def _apply(self, link: GatewayLink, item: Any) -> None:
        """항목 하나. 가장 흔한 입력을 먼저 가른다."""
        host = self._host
        kind = item.WhichOneof("item")
        if kind == "input":
            row = item.input
            host.take_input(link, row.conn_id, row.seq, list(row.values))
        elif kind == "attach":
            self._attach(link, unify_ids(item.attach))
        elif kind == "detach":
            host.detach(link, item.detach.conn_id)
        elif kind == "leave":
            row = unify_ids(item.leave)
            host.leave(link, row.conn_id, row.match_id, row.player_id)
        elif kind == "resync":
            host.resync(link, item.resync.conn_id)

    def _attach(self, link: GatewayLink, row: Any) -> None:
        """자리에 앉힌다. 줄은 모두의 것이라 추적이 없으므로 앉는 선수의 추적을 잇는다."""
        room = self._host.find(row.match_id)
        opened_in = [span_context_of(room.plan.traceparent)] if room is not None else []
        with span("seat.attach", parent=row.traceparent, links=opened_in):
            log.info("seat.attach", match_id=row.match_id, player_id=row.player_id, epoch=row.epoch)
            self._host.attach(link, row.conn_id, row.match_id, row.player_id, row.epoch)


async def _hang_up(
    context: ServicerContext, writer: asyncio.Task[Any] | None, leave: Callable[[object], None]
) -> None:
    """스트림을 상태와 함께 끝낸다. 취소만 하면 상태가 가지 않아 상대는 끊긴 줄 모르고 영영 기다린다."""
    leave(context)
    status = asyncio.create_task(context.abort(StatusCode.UNAVAILABLE, "줄을 끊었습니다"))
    # 이미 끝난 스트림이면 실패하지만 그때는 할 일이 없다.
    status.add_done_callback(lambda done: done.cancelled() or done.exception())
    await asyncio.wait({status}, timeout=HANG_UP_LIMIT_S)
    if writer is not None:
        writer.cancel()


def _outcome(reply: session_pb2.CreateMatchResponse | HanpanError) -> session_pb2.CreateMatchOutcome:
    if isinstance(reply, HanpanError):
        return session_pb2.CreateMatchOutcome(refused=refusal(reply))
    return session_pb2.CreateMatchOutcome(made=reply)


def _check_participant(player_id: str, player_ids: tuple[str, ...]) -> None:
    if player_id not in player_ids:
        raise PermissionDenied("그 판의 선수가 아닙니다")
