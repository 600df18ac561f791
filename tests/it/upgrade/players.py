"""판(릴리스)을 가리지 않는 선수: 계약의 말만 한다."""

from __future__ import annotations

import asyncio
import json
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

WAIT_S = 20.0


class Player:
    """소켓 하나. 받은 글 프레임을 종류로 기다린다."""

    def __init__(self, host: str) -> None:
        self._url = f"ws://{host}:8000/ws"
        self._socket: ClientConnection | None = None
        self.frames = 0

    async def __aenter__(self) -> Self:
        self._socket = await connect(self._url, subprotocols=[Subprotocol("hanpan.v1")], compression=None)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened.close()

    @property
    def _opened(self) -> ClientConnection:
        assert self._socket is not None
        return self._socket

    async def send(self, kind: str, **fields: Any) -> None:
        """글 프레임 하나."""
        await self._opened.send(json.dumps({"t": kind, **fields}))

    async def expect(self, kind: str) -> dict[str, Any]:
        """이 종류의 글 프레임. 그 사이의 상태 프레임은 세고, 오류가 오면 진다."""
        async with asyncio.timeout(WAIT_S):
            while True:
                frame = await self._opened.recv()
                if isinstance(frame, bytes):
                    self.frames += 1
                    continue
                message: dict[str, Any] = json.loads(frame)
                if message["t"] == kind:
                    return message
                assert message["t"] != "error", message

    async def expect_state(self) -> bytes:
        """상태 프레임 하나."""
        async with asyncio.timeout(WAIT_S):
            while not isinstance(frame := await self._opened.recv(), bytes):
                pass
        return frame

    async def hello(self, token: str) -> dict[str, Any]:
        """인사한다."""
        await self.send("hello", token=token)
        return await self.expect("welcome")


async def found_together(mode: str, *players: Player) -> list[dict[str, Any]]:
    """함께 줄을 서서 한 판에 든다: 저마다의 match.found."""
    for player in players:
        await player.send("queue.join", mode=mode)
    found = [await player.expect("match.found") for player in players]
    assert len({message["match_id"] for message in found}) == 1
    return found
