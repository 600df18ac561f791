"""SDK 시험용 가짜 gateway: 계약의 말을 하고, 시험이 시키는 대로 밀고 끊는다. 규칙도 매칭도 없다."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from tests.fakes.state_frames import STAR_FIELDS

Reply = dict[str, Any] | None
Handler = Callable[[dict[str, Any]], Reply]
WAIT_S = 5.0
FIRST_TOKEN = "rs1.first"


def found(match_id: str = "m1", *, token: str = FIRST_TOKEN) -> dict[str, Any]:
    """match.found 하나."""
    return {
        "t": "match.found",
        "match_id": match_id,
        "mode": "duel",
        "players": [{"player_id": "p1", "name": "하나", "rating": 1500.0}],
        "session": "session1",
        "resume_token": token,
        "tick_rate_hz": 20,
    }


def start(match_id: str = "m1") -> dict[str, Any]:
    """match.start 하나. 엔티티 1이 p1이다."""
    return {
        "t": "match.start",
        "match_id": match_id,
        "tick": 0,
        "schema": STAR_FIELDS,
        "entities": {"1": "p1"},
    }


def result(match_id: str = "m1") -> dict[str, Any]:
    """match.result 하나."""
    return {
        "t": "match.result",
        "match_id": match_id,
        "status": "finalized",
        "already_finalized": False,
        "results": [
            {"player_id": "p1", "place": 1, "score": 3, "rating_before": 1500.0, "rating_after": 1510.0}
        ],
    }


class FakeGateway:
    """붙은 소켓들과 받은 프레임들. `answers`를 바꾸면 그 종류의 답이 바뀐다(None이면 답하지 않는다)."""

    def __init__(self) -> None:
        self.url = ""
        self.sockets: list[ServerConnection] = []
        self.received: list[dict[str, Any]] = []
        self.answers: dict[str, Handler] = {
            "hello": self._welcome,
            "resume": lambda frame: {
                "t": "resumed", "match_id": "m1", "resume_token": frame["resume_token"] + "+",
                "tick": 7, "gateway": f"gateway{len(self.sockets)}",
            },
            "queue.join": lambda frame: {
                "t": "queue.joined", "ticket_id": "t1", "mode": frame["mode"], "expires_in_ms": 60_000
            },
            "ping": lambda frame: {"t": "pong", "ts": frame["ts"], "server_time_ms": 1},
            "leave": lambda frame: {"t": "match.left", "match_id": frame["match_id"]},
            "finalize": lambda frame: result(frame["match_id"]) | {"already_finalized": True},
        }  # fmt: skip
        self._changed = asyncio.Condition()

    async def push(self, *messages: dict[str, Any]) -> None:
        """가장 새 소켓에 민다."""
        for message in messages:
            await self.sockets[-1].send(json.dumps(message))

    async def send_state(self, frame: bytes) -> None:
        """가장 새 소켓에 상태 프레임을 보낸다."""
        await self.sockets[-1].send(frame)

    async def close(self, code: int, reason: str = "") -> None:
        """가장 새 소켓을 닫는다."""
        await self.sockets[-1].close(code, reason)

    async def wait_received(self, kind: str, *, count: int = 1) -> list[dict[str, Any]]:
        """이 종류의 프레임이 `count`개 올 때까지 기다린다."""

        def matching() -> list[dict[str, Any]]:
            return [frame for frame in self.received if frame["t"] == kind]

        async with asyncio.timeout(WAIT_S), self._changed:
            await self._changed.wait_for(lambda: len(matching()) >= count)
        return matching()

    async def serve_one(self, socket: ServerConnection) -> None:
        """소켓 하나의 한살이."""
        self.sockets.append(socket)
        async for text in socket:
            frame = json.loads(text)
            handler = self.answers.get(frame["t"])
            answer = handler(frame) if handler is not None else None
            if answer is not None:
                await socket.send(json.dumps(answer | ({"re": frame["id"]} if "id" in frame else {})))
                if answer.get("close"):
                    await socket.close(answer["close"])
            self.received.append(frame)
            async with self._changed:
                self._changed.notify_all()

    def _welcome(self, frame: dict[str, Any]) -> Reply:
        return {
            "t": "welcome",
            "player_id": "p1",
            "conn_id": str(len(self.sockets)),
            "gateway": f"gateway{len(self.sockets)}",
            "region": frame.get("region", "local"),
            "heartbeat_interval_ms": 15_000,
            "server_time_ms": 1,
        }


def refusal(code: str, *, close: int | None = None, **more: Any) -> Handler:
    """늘 이 코드로 거절하는 답."""
    return lambda _: {"t": "error", "code": code, "message": "안 됩니다", "close": close, **more}


def in_turn(*handlers: Handler) -> Handler:
    """부를 때마다 다음 것으로 답한다."""
    remaining = iter(handlers)

    def answer(frame: dict[str, Any]) -> Reply:
        return next(remaining)(frame)

    return answer


@asynccontextmanager
async def fake_gateway() -> AsyncIterator[FakeGateway]:
    """루프백에서 도는 가짜 gateway 하나."""
    gateway = FakeGateway()
    subprotocols = [Subprotocol("hanpan.v1")]
    async with serve(
        gateway.serve_one, "127.0.0.1", 0, subprotocols=subprotocols, compression=None
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        gateway.url = f"ws://127.0.0.1:{port}/ws"
        yield gateway
