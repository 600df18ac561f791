"""시험의 이벤트 루프 안에서 도는 진짜 gateway와, 계약의 말을 그대로 하는 얇은 클라이언트."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from gateway.app import GatewayApp
from gateway.server import listen, serve_until
from gateway.settings import GatewaySettings
from gateway.store_batches import LiveTokens
from tests.fakes.gateway_ports import UNKNOWN_IS_ALIVE, FakeRedis, FakeVerifier, token_of
from tests.fakes.matchmaking_server import HOST

WAIT_S = 5.0


class Gateway:
    """듣고 있는 gateway 하나."""

    def __init__(self, app: GatewayApp, port: int, stopping: asyncio.Event) -> None:
        self.app = app
        self.base = f"{HOST}:{port}"
        self._stopping = stopping
        self.finished: asyncio.Task[None] | None = None

    def begin_exit(self) -> None:
        """SIGTERM을 받은 것과 같다."""
        self._stopping.set()

    def connect(self, path: str = "/ws", **options: Any) -> connect:
        """WebSocket으로 붙는다."""
        options.setdefault("subprotocols", [Subprotocol("hanpan.v1")])
        options.setdefault("compression", None)
        return connect(f"ws://{self.base}{path}", **options)

    @asynccontextmanager
    async def client(self, **options: Any) -> AsyncIterator[Client]:
        """아직 인사하지 않은 소켓."""
        async with self.connect(**options) as socket:
            yield Client(socket)

    @asynccontextmanager
    async def player(self, player_id: str) -> AsyncIterator[Client]:
        """hello를 마친 선수."""
        async with self.client() as client:
            await client.hello(player_id)
            yield client


class Client:
    """계약의 말을 그대로 하는 소켓."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.kept: list[dict[str, Any] | bytes] = []

    async def send(self, kind: str, **fields: Any) -> None:
        """글 프레임 하나."""
        await self.socket.send(json.dumps({"t": kind, **fields}))

    async def recv(self) -> dict[str, Any] | bytes:
        """다음 프레임. 글은 풀어서 준다."""
        async with asyncio.timeout(WAIT_S):
            frame = await self.socket.recv()
        return frame if isinstance(frame, bytes) else json.loads(frame)

    async def until(self, kind: str) -> dict[str, Any]:
        """이 종류의 글 프레임이 올 때까지 읽는다. 그 앞의 것은 `kept`에 남는다."""
        while True:
            frame = await self.recv()
            if isinstance(frame, dict) and frame["t"] == kind:
                return frame
            self.kept.append(frame)

    async def until_state(self) -> bytes:
        """상태 프레임이 올 때까지 읽는다."""
        while True:
            frame = await self.recv()
            if isinstance(frame, bytes):
                return frame
            self.kept.append(frame)

    async def hello(self, player_id: str, **fields: Any) -> dict[str, Any]:
        """인사하고 welcome을 받는다."""
        await self.send("hello", id="h", token=token_of(player_id), **fields)
        return await self.until("welcome")

    async def close_code(self) -> int:
        """닫힐 때까지 읽고 닫힘 코드를 준다."""
        async with asyncio.timeout(WAIT_S + 10):
            while True:
                try:
                    self.kept.append(await self.recv())
                except ConnectionClosed as closed:
                    return closed.rcvd.code if closed.rcvd else 1006

    async def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """청하고 그 답(re가 같은 것)을 받는다."""
        await self.send(kind, id=f"q-{kind}", **fields)
        while True:
            frame = await self.recv()
            if isinstance(frame, dict) and frame.get("re") == f"q-{kind}":
                return frame
            self.kept.append(frame)


def settings_for_tests(matchmaking: Sequence[str], **changes: Any) -> GatewaySettings:
    """빠르게 나가는 gateway의 설정."""
    values: dict[str, Any] = {
        "instance": "gateway1",
        "region": "local",
        "bind_host": HOST,
        "http_port": 0,
        "probe_port": 0,
        "matchmaking_addresses": tuple(matchmaking),
        "allowed_origins": frozenset({"http://localhost:8080"}),
        "trusted_proxies": ("127.0.0.0/8",),
        "queue_return_s": 0.2,
        "drain_notice_s": 0.1,
        "drain_spread_s": 0.1,
        "drain_limit_s": 3.0,
    }
    return GatewaySettings(**{**values, **changes})


@asynccontextmanager
async def gateway_process(
    settings: GatewaySettings, redis: FakeRedis, **ports: Any
) -> AsyncIterator[Gateway]:
    """듣고 있는 gateway. `ports`로 쌍둥이 대신 진짜 저장소를 줄 수 있다."""
    parts: dict[str, Any] = {
        "verifier": LiveTokens(FakeVerifier(), redis, stance=UNKNOWN_IS_ALIVE),
        "holds": redis,
        "seats": redis,
        "registry": redis,
        "limiter": redis,
        **ports,
    }
    app = GatewayApp(settings, **parts)
    sock = listen(settings)
    stopping = asyncio.Event()
    gateway = Gateway(app, sock.getsockname()[1], stopping)
    gateway.finished = asyncio.create_task(serve_until(stopping, app, sock))
    try:
        yield gateway
    finally:
        stopping.set()
        with suppress(asyncio.CancelledError):
            await gateway.finished
