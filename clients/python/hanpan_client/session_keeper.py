"""소켓을 살려 둔다: 열고, hello나 resume으로 인사하고, 끊기면 규칙대로 다시 잇는다.

요청과 답의 짝, 자리, 우편함을 여기서 엮는다. 사람이 부르는 이름들은 client.py에 있다.
"""

from __future__ import annotations

import asyncio
import contextlib
import random

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from .calls import CallTable
from .errors import (
    CallTimeoutError,
    ConnectionLostError,
    HanpanApiError,
    HanpanClientError,
    ProtocolViolationError,
)
from .feed import StateFeed
from .inbox import Inbox, SeenPushes
from .messages import (
    Bye,
    Disconnected,
    ErrorMessage,
    Event,
    MatchAborted,
    MatchResult,
    Reconnected,
    Resumed,
    ServerMessage,
    UnknownMessage,
    Welcome,
    decode_message,
    encode_message,
)
from .options import ClientOptions
from .queue_place import QueuePlace
from .reconnect import Step, step_after_close, step_after_refusal
from .seat import Seat
from .session import UNAUTHENTICATED, PlayerSession, SignedOutError
from .state import StateFrameError
from .wire_ws import ABNORMAL_CLOSE, Endpoint, lost, open_socket, send_text

PROTOCOL_VIOLATION_CLOSE = 1002
UNAUTHENTICATED_CLOSE = 4401
UNAVAILABLE = "UNAVAILABLE"
LEAVE_LINE_S = 1.0
STABLE_S = 5.0


class SessionKeeper:
    """한 선수의 이어짐. 소켓은 바뀌어도 자리와 우편함은 하나다."""

    def __init__(self, url: str, token: str | PlayerSession, options: ClientOptions) -> None:
        self.seat = Seat(options.view)
        self.queue = QueuePlace()
        self.inbox: Inbox[Event] = Inbox(limit=options.inbox_limit)
        self.is_up = asyncio.Event()
        self.welcome: Welcome | None = None
        self.gateway = ""
        self.reconnects = 0
        self.feed = StateFeed()
        self._token = token
        self._options = options
        self._endpoint = Endpoint(
            url=url,
            origin=options.origin,
            open_timeout_s=options.open_timeout_s,
            ping_interval_s=options.ping_interval_s,
        )
        self._rng = random.Random(options.seed)  # noqa: S311 - 간격을 흩뜨릴 뿐 비밀이 아니다
        self._calls: CallTable[ServerMessage] = CallTable()
        self._seen = SeenPushes()
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[ConnectionLostError] | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._told_to_stay_away = False
        self._failures = 0
        self._opened_at_s = 0.0

    async def start(self, step: Step) -> None:
        """처음 붙는다. 한 번만 해 보고 실패는 그대로 던진다."""
        await self._open(step)
        self._supervisor = asyncio.create_task(self._supervise())
        self._supervisor.add_done_callback(self._surface_bug)

    async def stop(self) -> None:
        """닫는다. 두 번 불러도 된다."""
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            supervisor.cancel()
            await asyncio.gather(supervisor, return_exceptions=True)
        await self._drop_socket()
        self._shut(ConnectionLostError(1000, "클라이언트가 닫았습니다"))

    async def join(self, mode: str, trace: str | None) -> ServerMessage:
        """줄을 청한다. 답을 듣지 못했으면 서 있는지도 모르는 것으로 적어 둔다. 오류: call의 것."""
        self.queue.asked()
        try:
            return await self.call("queue.join", mode=mode, trace=trace)
        except HanpanApiError as error:
            if error.code != UNAVAILABLE:
                self.queue.refused()
            raise

    async def leave_line(self) -> None:
        """기다리던 줄에서 나간다고 말한다. 답은 기다리지 않고, 말하지 못하면 서버가 돌아올 틈 뒤에 거둔다."""
        if not (self.queue.may_wait and self.is_up.is_set()):
            return
        with contextlib.suppress(ConnectionLostError, TimeoutError):
            async with asyncio.timeout(LEAVE_LINE_S):
                await self.send(encode_message("queue.cancel", {}))

    def sever(self) -> None:
        """닫힘 인사 없이 망을 끊는다. 그 뒤는 진짜로 끊겼을 때와 같다."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def call(self, kind: str, timeout_s: float | None = None, **fields: object) -> ServerMessage:
        """요청을 보내고 답을 기다린다.

        오류: HanpanApiError(거절), CallTimeoutError, ConnectionLostError.
        """
        limit_s = self._options.call_timeout_s if timeout_s is None else timeout_s
        call_id, reply = self._calls.open()
        try:
            async with asyncio.timeout(limit_s):
                await self.send(encode_message(kind, {"id": call_id, **fields}))
                return await reply
        except TimeoutError as error:
            raise CallTimeoutError(f"{kind}의 답이 {limit_s}초 안에 오지 않았습니다") from error
        finally:
            self._calls.forget(call_id)

    async def send(self, text: str) -> None:
        """글 프레임을 보낸다. 오류: ConnectionLostError(끊겼거나 다시 잇는 중)."""
        if self._socket is None:
            raise ConnectionLostError(ABNORMAL_CLOSE, "지금은 이어져 있지 않습니다")
        await send_text(self._socket, text)

    async def _open(self, step: Step) -> None:
        """소켓 하나를 열어 인사까지 마친다. 실패하면 소켓을 남기지 않는다."""
        socket = await open_socket(self._endpoint)
        self._socket = socket
        self._reader = asyncio.create_task(self._read(socket))
        try:
            await self._greet(step)
        except BaseException:
            await self._drop_socket()
            raise
        self._opened_at_s = asyncio.get_running_loop().time()
        self.is_up.set()

    async def _greet(self, step: Step) -> None:
        if step is Step.RESUME:
            reply = await self.call(
                "resume", resume_token=self.seat.resume_token, last_tick=self.seat.last_tick()
            )
        else:
            reply = await self.call("hello", token=await self._live_token(), region=self._options.region)
        match reply:
            case Welcome():
                self.welcome = reply
                self.gateway = reply.gateway
            case Resumed():
                self.gateway = reply.gateway
            case MatchResult() | MatchAborted():
                self._deliver(reply)
            case _:
                raise ProtocolViolationError(f"인사의 답이 아닙니다: {type(reply).__name__}")

    async def _read(self, socket: ClientConnection) -> ConnectionLostError:
        """소켓이 닫힐 때까지 읽는다. 기다리던 요청을 끝내고 닫힌 까닭을 돌려준다."""
        closed = await self._pump(socket)
        self.is_up.clear()
        self.queue.forget()
        self._calls.reject_all(closed)
        return closed

    async def _pump(self, socket: ClientConnection) -> ConnectionLostError:
        try:
            while True:
                data = await socket.recv()
                if isinstance(data, bytes):
                    self._take_frame(data)
                else:
                    self._take_message(data)
        except ConnectionClosed as error:
            return lost(error)
        except (ProtocolViolationError, StateFrameError) as error:
            await socket.close(PROTOCOL_VIOLATION_CLOSE)
            return ConnectionLostError(PROTOCOL_VIOLATION_CLOSE, str(error))

    def _take_frame(self, frame: bytes) -> None:
        seat = self.seat
        if seat.apply(frame) and seat.view is not None:
            self.feed.put(seat.view)

    def _take_message(self, text: str) -> None:
        message = decode_message(text)
        self.seat.observe(message)
        self.queue.observe(message)
        if message.re is None:
            self._deliver(message)
        elif isinstance(message, ErrorMessage):
            self._calls.reject(message.re, message.as_exception())
        elif not isinstance(message, UnknownMessage):
            self._calls.resolve(message.re, message)

    def _deliver(self, event: Event) -> None:
        if isinstance(event, Bye) and not event.reconnect:
            self._told_to_stay_away = True
        if self._seen.is_new(event):
            self.inbox.put(event)

    async def _supervise(self) -> None:
        """끊길 때마다 다시 잇는다. 그만둘 때는 우편함을 그 까닭으로 닫는다."""
        while self._reader is not None:
            closed = await self._reader
            await self._drop_socket()
            self.inbox.put(Disconnected(close_code=closed.close_code, reason=closed.reason))
            gave_up = await self._recover(closed)
            if gave_up is not None:
                self._shut(gave_up)
                return

    async def _recover(self, closed: ConnectionLostError) -> HanpanClientError | None:
        """다시 이으면 None, 그만두면 마지막 까닭."""
        policy = self._options.reconnect
        cause: HanpanClientError = closed
        may_renew = policy is not None
        step, may_renew = await self._step_with_a_new_token(cause, may_renew)
        self._forgive_if_it_lived()
        while policy is not None and step is not Step.STOP and policy.allows(self._failures):
            self._failures += 1
            await asyncio.sleep(
                policy.delay_s(self._failures, self._rng.random(), at_least_s=_advised_s(cause))
            )
            try:
                await self._open(step)
            except HanpanClientError as error:
                cause = error
                step, may_renew = await self._step_with_a_new_token(error, may_renew)
                continue
            self.reconnects += 1
            self.inbox.put(Reconnected(gateway=self.gateway, resumed=step is Step.RESUME))
            return None
        return cause

    async def _step_with_a_new_token(self, cause: HanpanClientError, may_renew: bool) -> tuple[Step, bool]:
        """다음 걸음. 토큰이 거절되었으면 한 번만 갱신해 보고, 얻었으면 그만두지 않는다."""
        if not (may_renew and isinstance(self._token, PlayerSession) and _is_unauthenticated(cause)):
            return self._next_step(cause), may_renew
        again = Step.RESUME if self.seat.resume_token is not None else Step.HELLO
        try:
            await self._token.refresh()
        except SignedOutError:
            return Step.STOP, False
        except HanpanClientError:
            return again, True  # 서버가 잠시 아프다: 쉬었다가 다시 거절되면 또 갱신해 본다
        return again, False

    async def _live_token(self) -> str:
        return await self._token.token() if isinstance(self._token, PlayerSession) else self._token

    async def log_out(self, *, everywhere: bool) -> None:
        """토큰을 끝낸다. 오류: TypeError(토큰만 받았다), PlayerSession.logout의 것."""
        if not isinstance(self._token, PlayerSession):
            raise TypeError("logout하려면 HanpanClient에 PlayerSession을 주어야 합니다")
        await self._token.logout(everywhere=everywhere)

    def _forgive_if_it_lived(self) -> None:
        """오래 산 소켓 뒤에만 실패를 잊는다: 인사 뒤에 곧 닫는 서버를 쉼 없이 두드리지 않는다."""
        if asyncio.get_running_loop().time() - self._opened_at_s >= STABLE_S:
            self._failures = 0

    def _next_step(self, cause: HanpanClientError) -> Step:
        has_seat = self.seat.resume_token is not None
        if isinstance(cause, HanpanApiError):
            step = step_after_refusal(cause.code, has_seat=has_seat)
            if step is Step.HELLO:
                self.seat.leave()
            return step
        close_code = cause.close_code if isinstance(cause, ConnectionLostError) else ABNORMAL_CLOSE
        return step_after_close(close_code, told_to_stay_away=self._told_to_stay_away, has_seat=has_seat)

    async def _drop_socket(self) -> None:
        """소켓과 읽는 일을 놓는다. 답을 기다리던 요청은 끊김으로 끝난다."""
        self.is_up.clear()
        reader, self._reader = self._reader, None
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()
        if reader is not None:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
        self._calls.reject_all(ConnectionLostError(ABNORMAL_CLOSE, "소켓이 끊겼습니다"))

    def _shut(self, error: BaseException) -> None:
        cause = error if isinstance(error, Exception) else ConnectionLostError(ABNORMAL_CLOSE, repr(error))
        self._calls.reject_all(cause)
        self.inbox.close(cause)
        self.feed.close(cause)

    def _surface_bug(self, supervisor: asyncio.Task[None]) -> None:
        """on_state에 걸린 함수의 오류처럼 뜻밖의 것은 기다리는 이에게 던져져야 보인다."""
        if not supervisor.cancelled() and (error := supervisor.exception()) is not None:
            self._shut(error)


def _is_unauthenticated(cause: HanpanClientError) -> bool:
    if isinstance(cause, HanpanApiError):
        return cause.code == UNAUTHENTICATED
    return isinstance(cause, ConnectionLostError) and cause.close_code == UNAUTHENTICATED_CLOSE


def _advised_s(cause: HanpanClientError) -> float:
    """서버가 권한 쉴 초."""
    return (cause.retry_after_s or 0.0) if isinstance(cause, HanpanApiError) else 0.0
