"""session 시험용 가짜 gateway: Link의 다른 끝."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Self

from hanpan.v1 import session_pb2, session_pb2_grpc
from rpc.channels import make_channel
from tests.fakes.session_rooms import SeenFrame

DEADLINE_S = 15.0


class GatewayPeer:
    """Link 하나. 받은 통지와 프레임을 소켓마다 모은다."""

    def __init__(self, address: str, gateway_id: str) -> None:
        self._channel = make_channel(address)
        self._gateway_id = gateway_id
        make_stub: Any = session_pb2_grpc.SessionServiceStub
        self.stub: Any = make_stub(self._channel)
        self.controls: dict[int, list[session_pb2.Control]] = {}
        self.frames: dict[int, list[SeenFrame]] = {}
        self._news = asyncio.Condition()
        self.ended = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._stream = self.stub.Link()
        await self.say(hello=session_pb2.LinkHello(gateway_id=self._gateway_id))
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stream.cancel()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._channel.close()

    async def _read(self) -> None:
        try:
            async for message in self._stream:
                self._keep(message)
                async with self._news:
                    self._news.notify_all()
        finally:
            self.ended.set()

    def _keep(self, message: session_pb2.LinkDown) -> None:
        for control in message.controls:
            for conn_id in control.conn_ids:
                self.controls.setdefault(conn_id, []).append(control)
        for frame in message.frames:
            for conn_id in frame.conn_ids:
                self.frames.setdefault(conn_id, []).append(SeenFrame.read(conn_id, frame.payload))

    async def say(self, **item: Any) -> None:
        """항목 하나를 보낸다."""
        await self._stream.write(session_pb2.LinkUp(items=[session_pb2.UpItem(**item)]))

    async def attach(self, conn_id: int, match_id: str, player_id: str, epoch: int = 1) -> None:
        """소켓을 자리에 앉힌다."""
        seat = session_pb2.Attach(conn_id=conn_id, match_id=match_id, player_id=player_id, epoch=epoch)
        await self.say(attach=seat)

    async def input(self, conn_id: int, seq: int, dx: int, dy: int) -> None:
        """입력 하나."""
        await self.say(input=session_pb2.InputItem(conn_id=conn_id, seq=seq, values=[dx, dy]))

    async def until(self, condition: Callable[[], bool]) -> None:
        """받은 것이 조건을 채울 때까지 기다린다."""
        async with asyncio.timeout(DEADLINE_S), self._news:
            await self._news.wait_for(condition)

    async def control(self, conn_id: int, kind: str) -> Any:
        """그 소켓에 온 그 종류의 첫 통지."""
        await self.until(lambda: kind in self.kinds(conn_id))
        found = next(row for row in self.controls[conn_id] if row.WhichOneof("event") == kind)
        return getattr(found, kind)

    def kinds(self, conn_id: int) -> list[str]:
        """그 소켓에 온 통지의 종류들."""
        return [row.WhichOneof("event") or "" for row in self.controls.get(conn_id, [])]
