"""선수 한 명의 접속: 줄서기, 판, 입력, 사건. SDK를 쓰는 사람이 보는 얼굴이다.

끊김과 다시 잇기는 session_keeper.py가 맡는다.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from types import TracebackType
from typing import Self, TypeVar, cast

from .errors import CallTimeoutError, ConnectionLostError, HanpanApiError, ProtocolViolationError
from .messages import (
    Event,
    MatchFound,
    MatchLeft,
    MatchResult,
    MatchStart,
    Pong,
    QueueCancelled,
    QueueJoined,
    ServerMessage,
)
from .options import ClientOptions
from .reconnect import Step
from .session import PlayerSession
from .session_keeper import SessionKeeper
from .state import StateView, WorldView

E = TypeVar("E")
M = TypeVar("M")
DEFAULT_OPTIONS = ClientOptions()
NOT_IN_MATCH = "NOT_IN_MATCH"
SEQ_SPAN = 2**32
GONE_CLOSE_CODES = frozenset({1000, 1001})


class HanpanClient:
    """WebSocket으로 한판을 하는 선수.

    `async with`로 열고 닫는다. 한 이벤트 루프 안에서만 쓴다. 부름의 오류는 모두 HanpanClientError다:
    거절은 HanpanApiError, 기한은 CallTimeoutError, 끊김은 ConnectionLostError.
    `token`에 PlayerSession을 주면 토큰을 스스로 갱신한다.
    """

    def __init__(
        self, url: str, token: str | PlayerSession, options: ClientOptions = DEFAULT_OPTIONS
    ) -> None:
        self._keeper = SessionKeeper(url, token, options)
        self._seq = 0
        self.latency_ms: float | None = None

    async def connect(self) -> Self:
        """붙어서 hello까지 마친다. 첫 시도의 실패는 그대로 던진다(그 뒤로는 스스로 다시 잇는다)."""
        await self._keeper.start(Step.HELLO)
        return self

    async def connect_with(self, resume_token: str, *, last_tick: int = 0) -> Self:
        """다른 소켓(다른 프로세스여도 된다)에서 얻은 토큰으로 자리를 이으며 붙는다."""
        self._keeper.seat.adopt(resume_token, last_tick)
        await self._keeper.start(Step.RESUME)
        return self

    async def close(self) -> None:
        """닫는다. 기다리던 줄에서는 나오고, 판의 자리는 그대로 남아 가만히 있는다."""
        await self._keeper.leave_line()
        await self._keeper.stop()

    async def logout(self, *, everywhere: bool = False) -> None:
        """나가고(everywhere면 모든 기기에서) 닫는다. PlayerSession을 준 클라이언트에만 있다.

        오류: TypeError(토큰만 주었다), 서버에 닿지 않았으면 그 오류.
        """
        await self._keeper.log_out(everywhere=everywhere)
        await self.close()

    async def __aenter__(self) -> Self:
        return await self.connect()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # ---- 지금

    @property
    def player_id(self) -> str:
        """내 번호. hello를 한 적이 없으면 빈 문자열."""
        return self._keeper.welcome.player_id if self._keeper.welcome else ""

    @property
    def conn_id(self) -> str:
        """가장 최근 hello의 접속 번호."""
        return str(self._keeper.welcome.conn_id) if self._keeper.welcome else ""

    @property
    def region(self) -> str:
        """hello에서 정해진 리전."""
        return self._keeper.welcome.region if self._keeper.welcome else ""

    @property
    def gateway(self) -> str:
        """지금 소켓을 맡은 gateway의 이름."""
        return self._keeper.gateway

    @property
    def is_connected(self) -> bool:
        """인사까지 마친 소켓이 있는가."""
        return self._keeper.is_up.is_set()

    @property
    def reconnects(self) -> int:
        """스스로 다시 이은 횟수."""
        return self._keeper.reconnects

    @property
    def ticket(self) -> QueueJoined | None:
        """지금 기다리는 대기표. 다시 붙으면 서버가 이어 준 표(queue.joined)다."""
        return self._keeper.queue.ticket

    @property
    def match_id(self) -> str | None:
        """앉아 있는 판."""
        return self._keeper.seat.match_id

    @property
    def resume_token(self) -> str | None:
        """앉아 있는 판을 이을 가장 새로운 토큰."""
        return self._keeper.seat.resume_token

    @property
    def found(self) -> MatchFound | None:
        """가장 최근의 match.found."""
        return self._keeper.seat.found

    @property
    def started(self) -> MatchStart | None:
        """가장 최근의 match.start."""
        return self._keeper.seat.start

    @property
    def view(self) -> StateView | None:
        """가장 최근 판의 시야(options.view가 만든 것)."""
        return self._keeper.seat.view

    @property
    def world(self) -> WorldView:
        """가장 최근 판의 모습. 오류: LookupError(아직 없거나 다른 시야를 골랐다)."""
        view = self._keeper.seat.view
        if isinstance(view, WorldView):
            return view
        raise LookupError("아직 판의 모습이 없습니다")

    @property
    def my_entity(self) -> int | None:
        """판 안에서 나를 나타내는 엔티티 번호."""
        start = self._keeper.seat.start
        return start.entity_of(self.player_id) if start else None

    @property
    def on_state(self) -> Callable[[StateView], None] | None:
        """상태가 나아갈 때마다 곧바로 불리는 함수. 기다림 없이 프레임을 읽을 때 건다."""
        return self._keeper.feed.on_state

    @on_state.setter
    def on_state(self, callback: Callable[[StateView], None] | None) -> None:
        self._keeper.feed.on_state = callback

    # ---- 부름

    async def join(self, mode: str, *, trace: str | None = None) -> QueueJoined:
        """줄을 선다. `trace`는 W3C traceparent. 거절: ALREADY_QUEUED, ALREADY_IN_MATCH, UNAVAILABLE."""
        return _expect(await self._keeper.join(mode, trace), QueueJoined)

    async def cancel(self) -> QueueCancelled:
        """줄에서 나온다. 거절: NOT_QUEUED, UNAVAILABLE."""
        return _expect(await self._keeper.call("queue.cancel"), QueueCancelled)

    async def finalize(self, match_id: str) -> MatchResult:
        """끝난 판의 결과를 다시 받는다. 거절: MATCH_NOT_OVER, NOT_FOUND, PERMISSION_DENIED."""
        return _expect(await self._keeper.call("finalize", match_id=match_id), MatchResult)

    async def leave(self, match_id: str) -> None:
        """판을 떠난다(기권). 돌아오면 곧바로 다시 줄을 설 수 있다. 둘의 판이면 결과가 사건으로 뒤따른다.

        그 사이 끝난 내 판이면 떠날 것이 없으므로 그냥 돌아온다. 거절: NOT_IN_MATCH(남의 판이나 모르는 판).
        """
        try:
            _expect(await self._keeper.call("leave", match_id=match_id), MatchLeft)
        except HanpanApiError as error:
            if error.code != NOT_IN_MATCH or self.found is None or self.found.match_id != match_id:
                raise

    async def send_input(self, dx: int, dy: int) -> int:
        """입력을 보내고 그 번호를 돌려준다. 상태의 last_input_seq가 이 번호에 이르면 반영된 것이다.

        오류: ConnectionLostError. 늦은 입력은 쓸모가 없으므로 끊긴 동안의 것을 쌓지 않는다.
        """
        seq = self._seq = next_seq(self._seq, self._applied_seq())
        await self._keeper.send(f'{{"t":"input","seq":{seq},"dx":{dx},"dy":{dy}}}')
        return seq

    async def ping(self) -> float:
        """gateway까지 갔다 오는 시간(밀리초)을 잰다."""
        sent_s = time.perf_counter()
        _expect(await self._keeper.call("ping", ts=int(time.time() * 1000)), Pong)
        self.latency_ms = (time.perf_counter() - sent_s) * 1000
        return self.latency_ms

    def sever(self) -> None:
        """망이 끊긴 것처럼 소켓을 버린다. 다시 잇기를 시험하는 데 쓴다."""
        self._keeper.sever()

    # ---- 기다림

    async def wait_for(
        self, *kinds: type[E], timeout_s: float = 10.0, where: Callable[[E], bool] | None = None
    ) -> E:
        """이 형들 가운데 하나인(그리고 `where`에 맞는) 사건을 꺼낸다. 다른 사건은 우편함에 남는다.

        오류: CallTimeoutError, 접속을 그만둔 까닭(ConnectionLostError, HanpanApiError).
        """

        def accepts(event: Event) -> bool:
            return isinstance(event, kinds) and (where is None or where(cast(E, event)))

        names = " 또는 ".join(kind.__name__ for kind in kinds)
        event = await _within(self._keeper.inbox.take(accepts), timeout_s, names)
        return cast(E, event)

    async def events(self) -> AsyncIterator[Event]:
        """사건을 온 순서대로 꺼낸다. close()로 닫으면 끝난다. 오류: 접속을 그만둔 까닭."""
        while True:
            try:
                event = await self._keeper.inbox.take(lambda _: True)
            except ConnectionLostError as error:
                if error.close_code in GONE_CLOSE_CODES:
                    return
                raise
            yield event

    async def next_state(self, *, timeout_s: float = 5.0) -> StateView:
        """다음 상태까지 기다린다. 오류: CallTimeoutError, 접속을 그만둔 까닭."""
        return await _within(self._keeper.feed.next(), timeout_s, "다음 상태")

    async def wait_state(self, accepts: Callable[[WorldView], bool], *, timeout_s: float = 5.0) -> WorldView:
        """판의 모습이 조건에 맞을 때까지 기다린다. 이미 맞으면 곧바로 준다."""

        async def until() -> WorldView:
            view = self._keeper.seat.view
            while not (isinstance(view, WorldView) and not view.is_stale and accepts(view)):
                view = await self._keeper.feed.next()
            return view

        return await _within(until(), timeout_s, "조건에 맞는 상태")

    async def wait_connected(self, *, timeout_s: float = 10.0) -> None:
        """다시 이어질 때까지 기다린다. 오류: CallTimeoutError."""
        await _within(self._keeper.is_up.wait(), timeout_s, "접속")

    def _applied_seq(self) -> int:
        """서버가 반영한 내 마지막 입력. 다른 프로세스가 두던 판을 이으면 그 번호 다음부터 센다."""
        view = self._keeper.seat.view
        return view.last_input_seq if view is not None else 0


def next_seq(sent: int, applied: int) -> int:
    """다음 입력의 번호: 내가 보낸 것과 서버가 적용한 것 가운데 나중의 다음. 2^32-1 다음은 1이다."""
    is_applied_later = 0 < (applied - sent) % SEQ_SPAN < SEQ_SPAN // 2
    return (applied if is_applied_later else sent) % (SEQ_SPAN - 1) + 1


async def _within(awaited: Coroutine[object, object, M], timeout_s: float, what: str) -> M:
    try:
        async with asyncio.timeout(timeout_s):
            return await awaited
    except TimeoutError as error:
        if isinstance(error, CallTimeoutError):
            raise
        raise CallTimeoutError(f"{timeout_s}초 안에 오지 않았습니다: {what}") from error


def _expect(reply: ServerMessage, kind: type[M]) -> M:
    if not isinstance(reply, kind):
        raise ProtocolViolationError(f"{kind.__name__}을 기다렸는데 {type(reply).__name__}이 왔습니다")
    return reply
