"""e2e의 선수들: 손님을 만들어 LB로만 붙인다. 서버의 모듈은 부르지 않는다.

`Lobby`는 제가 연 것을 모두 닫고, `RawSocket`은 SDK가 보내지 않는 말을 보낼 때 쓴다. 기다림마다 기한이 있다.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from hanpan_client import (
    Account,
    ClientOptions,
    HanpanApiError,
    HanpanClient,
    HanpanHttp,
    MatchFound,
    MatchResult,
    StarBot,
    play,
)
from load.crowd import bounded

BASE_URL = "http://localhost:8080"
WS_URL = "ws://localhost:8080/ws"
WAIT_S = 10.0
# 판의 길이는 설정이다. 줄인 판(몇 초)과 줄이지 않은 판(20초) 어느 쪽에서도 맞는다.
MATCH_WAIT_S = 40.0
# 서로 다른 gateway에 앉힐 때까지 열어 둘 소켓의 상한. leastconn은 빈 쪽부터 고른다. 먼저 연 것과
# 합쳐 선수 하나의 소켓 상한(다섯)을 넘지 않는다.
PARKED_LIMIT = 4
CROWD_AT_ONCE = 16
OPTIONS = ClientOptions(call_timeout_s=WAIT_S)


class Lobby:
    """시험 하나의 선수들."""

    def __init__(self) -> None:
        self.http = HanpanHttp(BASE_URL, deadline_s=WAIT_S)
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._opened.enter_async_context(self.http)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened.aclose()

    async def guest(self, name: str | None = None) -> Account:
        """새 손님."""
        return await self.http.guest(name=name)

    async def client(self, account: Account | None = None, options: ClientOptions = OPTIONS) -> HanpanClient:
        """붙은 선수. 계정을 주지 않으면 새 손님이다."""
        token = (account or await self.guest()).access_token
        client = HanpanClient(WS_URL, token, options)
        await client.connect()
        self._opened.push_async_callback(client.close)
        return client

    async def crowd(self, count: int, options: ClientOptions = OPTIONS) -> list[HanpanClient]:
        """붙은 새 손님 여럿."""
        return await bounded(lambda _: self.client(options=options), range(count), CROWD_AT_ONCE)

    async def raw(self, *, origin: str | None = None) -> RawSocket:
        """인사하지 않은 소켓."""
        socket = await open_raw(origin=origin)
        self._opened.push_async_callback(socket.close)
        return socket

    async def greeted(self, account: Account | None = None) -> RawSocket:
        """hello까지 마친 소켓."""
        socket = await self.raw()
        token = (account or await self.guest()).access_token
        await socket.ask("hello", "welcome", token=token)
        return socket

    async def apart(
        self, first: Account | None = None, second: Account | None = None
    ) -> tuple[HanpanClient, HanpanClient]:
        """서로 다른 gateway에 붙은 두 선수. 같은 곳에 붙은 소켓은 세워 두어 LB가 다른 곳을 고르게 한다."""
        one = await self.client(first)
        account = second or await self.guest()
        parked: list[HanpanClient] = []
        async with asyncio.timeout(WAIT_S):
            while (other := await self.client(account)).gateway == one.gateway:
                parked.append(other)
                if len(parked) == PARKED_LIMIT:
                    # 막 되살아난 gateway는 LB가 다음 확인(1초)에야 안다. 처음부터 다시 고르게 한다.
                    await _close_all(parked)
        # 남겨 두면 제 gateway가 떠날 때 다시 hello를 하여 둘째 선수의 자리를 빼앗는다.
        await _close_all(parked)
        return one, other


def new_trace(*, sampled: bool = True) -> tuple[str, str]:
    """새 추적 번호와 그 traceparent."""
    trace_id = secrets.token_hex(16)
    return trace_id, f"00-{trace_id}-{secrets.token_hex(8)}-{sampled:02x}"


async def _close_all(clients: list[HanpanClient]) -> None:
    await asyncio.gather(*(client.close() for client in clients))
    clients.clear()


async def meet(*clients: HanpanClient, mode: str = "duel") -> list[MatchFound]:
    """모두 줄을 서서 한 판에서 만난다."""
    await asyncio.gather(*(client.join(mode) for client in clients))
    return await found_together(*clients)


async def found_together(*clients: HanpanClient) -> list[MatchFound]:
    """줄에 선 모두가 한 판에서 만난다."""
    found = await asyncio.gather(*(client.wait_for(MatchFound, timeout_s=MATCH_WAIT_S) for client in clients))
    assert len({push.match_id for push in found}) == 1, "한 판에서 만나지 못했다"
    return list(found)


async def play_out(*clients: HanpanClient) -> list[MatchResult]:
    """봇들이 판을 끝까지 둔다. 모두 결과로 끝나야 한다."""
    endings = await asyncio.gather(
        *(play(client, StarBot(seed), timeout_s=MATCH_WAIT_S) for seed, client in enumerate(clients))
    )
    assert all(isinstance(ending, MatchResult) for ending in endings), endings
    return [ending for ending in endings if isinstance(ending, MatchResult)]


async def ended(client: HanpanClient, match_id: str) -> MatchResult:
    """이 판의 결과를 기다린다."""
    return await client.wait_for(
        MatchResult, timeout_s=MATCH_WAIT_S, where=lambda result: result.match_id == match_id
    )


async def refused(awaited: Any) -> HanpanApiError:
    """거절되어야 하는 부름."""
    try:
        answer = await awaited
    except HanpanApiError as error:
        return error
    raise AssertionError(f"거절되어야 하는데 답이 왔다: {answer}")


async def open_raw(*, origin: str | None = None) -> RawSocket:
    """LB로 소켓 하나를 연다."""
    socket = await connect(
        WS_URL,
        origin=Origin(origin) if origin else None,
        subprotocols=[Subprotocol("hanpan.v1")],
        compression=None,
        proxy=None,
        open_timeout=WAIT_S,
        close_timeout=1,
    )
    return RawSocket(socket)


class RawSocket:
    """계약을 어길 수 있는 소켓. 받은 것은 글만 본다(이진 프레임은 `state`에 센다)."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.states = 0
        self._asked = 0
        self._may_wait = False

    async def send(self, frame: str | bytes | dict[str, Any]) -> None:
        """그대로 보낸다. 사전은 JSON으로."""
        self._may_wait |= isinstance(frame, dict) and frame.get("t") in {"hello", "queue.join"}
        await self.socket.send(json.dumps(frame) if isinstance(frame, dict) else frame)

    async def next(self, *kinds: str) -> dict[str, Any]:
        """이 종류들 가운데 하나가 올 때까지 읽는다."""
        async with asyncio.timeout(WAIT_S):
            while True:
                data = await self.socket.recv()
                if isinstance(data, bytes):
                    self.states += 1
                    continue
                message: dict[str, Any] = json.loads(data)
                if message["t"] in kinds:
                    return message

    async def ask(self, request: str, *kinds: str, **fields: Any) -> dict[str, Any]:
        """요청하고, 그 번호의 답을 받는다."""
        self._asked += 1
        request_id = f"e2e-{self._asked}"
        await self.send({"t": request, "id": request_id, **fields})
        while (answer := await self.next(*kinds, "error")).get("re") != request_id:
            pass
        return answer

    async def is_alive(self) -> bool:
        """ping에 답하는가."""
        pong = await self.ask("ping", "pong", ts=7)
        return bool(pong["t"] == "pong" and pong["ts"] == 7)

    async def close_code(self) -> int:
        """서버가 닫을 때까지 읽고 그 코드를 준다(닫힘 프레임이 없으면 1006)."""
        try:
            async with asyncio.timeout(WAIT_S):
                while True:
                    await self.socket.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    async def close(self) -> None:
        """닫는다. 섰거나 hello가 이은 줄에서는 나온다: 틈에 남은 표가 다음 시험의 선수와 만나지 않게."""
        if self._may_wait:
            with suppress(ConnectionClosed):
                await self.send({"t": "queue.cancel"})
        await self.socket.close()
