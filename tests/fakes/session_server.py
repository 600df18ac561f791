# ruff: noqa: N802 - 메서드 이름은 proto가 정한다
"""gateway 시험용 가짜 session 서버: 진짜 gRPC 서버로 떠서 Link를 받고, 시험이 시키는 대로 내려보낸다."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc.aio

from hanpan.v1 import common_pb2, session_pb2_grpc
from hanpan.v1 import session_pb2 as pb
from kernel.errors import HanpanError, NotFound, NotInMatch, SessionLost, Superseded
from rpc.channels import make_server
from tests.fakes.matchmaking_server import HOST

SCHEMA_FIELDS = [{"name": "x", "type": "i16", "scale": 16}]
SETUP_FIELDS = {"duration_ms": 20_000}
SNAPSHOT = bytes([1, 1]) + bytes(14)
DELTA = bytes([1, 2]) + bytes(14)


@dataclass
class FakeMatch:
    """판 하나. `seats`는 선수마다 지금 앉은 (줄, 소켓 번호)다."""

    match_id: str
    players: list[common_pb2.MatchPlayer]
    mode: str = "duel"
    epochs: dict[str, int] = field(default_factory=dict)
    seats: dict[str, tuple[asyncio.Queue[pb.LinkDown], int]] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)


class FakeSession(session_pb2_grpc.SessionServiceServicer):
    """판을 돌리지 않는 session 서버. 붙으면 attached, match.start, snapshot을 준다."""

    def __init__(self) -> None:
        self.address = ""
        self.matches: dict[str, FakeMatch] = {}
        self.results: dict[str, pb.MatchResult | HanpanError] = {}
        self.received: list[pb.UpItem] = []
        self.batches: list[int] = []
        self.attach_refusal: HanpanError | None = None
        self.answers_attach = True
        self.answers_leave = True
        self._changed = asyncio.Condition()

    def open_match(self, match_id: str, player_ids: Sequence[str]) -> FakeMatch:
        """판을 연다."""
        players = [
            common_pb2.MatchPlayer(
                player_id=player_id, name=f"선수{slot}", rating=1500.0, slot=slot, is_bot=slot == 1
            )
            for slot, player_id in enumerate(player_ids)
        ]
        self.matches[match_id] = FakeMatch(match_id, players)
        return self.matches[match_id]

    async def GetResult(self, request: pb.GetResultRequest, context: Any) -> pb.MatchResult:
        """저장된 결과."""
        stored = self.results.get(request.match_id, NotFound())
        if isinstance(stored, HanpanError):
            raise stored
        return stored

    async def Link(self, requests: AsyncIterator[pb.LinkUp], context: Any) -> AsyncIterator[pb.LinkDown]:
        """gateway 하나의 스트림."""
        down: asyncio.Queue[pb.LinkDown] = asyncio.Queue()
        reader = asyncio.create_task(self._read(requests, down))
        try:
            while True:
                yield await down.get()
        finally:
            reader.cancel()

    async def _read(self, requests: AsyncIterator[pb.LinkUp], down: asyncio.Queue[pb.LinkDown]) -> None:
        async for up in requests:
            self.batches.append(len(up.items))
            for item in up.items:
                self._take(item, down)
            async with self._changed:
                self._changed.notify_all()

    def _take(self, item: pb.UpItem, down: asyncio.Queue[pb.LinkDown]) -> None:
        self.received.append(item)
        if item.WhichOneof("item") == "attach" and self.answers_attach:
            self._attach(item.attach, down)
        elif item.WhichOneof("item") == "leave" and self.answers_leave:
            self._leave(item.leave, down)
        elif item.WhichOneof("item") == "resync":
            down.put_nowait(pb.LinkDown(frames=[pb.Frame(conn_ids=[item.resync.conn_id], payload=SNAPSHOT)]))

    def _attach(self, attach: pb.Attach, down: asyncio.Queue[pb.LinkDown]) -> None:
        match = self.matches.get(attach.match_id)
        refusal = self.attach_refusal or (SessionLost() if match is None else None)
        if match is not None and attach.player_id in match.left:
            refusal = NotInMatch()
        if match is not None and attach.epoch < match.epochs.get(attach.player_id, 0):
            refusal = Superseded()
        if match is None or refusal is not None:
            refused = pb.Refused(match_id=attach.match_id, code=(refusal or SessionLost()).code)
            down.put_nowait(pb.LinkDown(controls=[pb.Control(conn_ids=[attach.conn_id], refused=refused)]))
            return
        before = match.seats.get(attach.player_id)
        if before is not None and before[1] != attach.conn_id:
            gone = pb.Control(conn_ids=[before[1]], superseded=pb.Superseded(match_id=match.match_id))
            before[0].put_nowait(pb.LinkDown(controls=[gone]))
        match.seats[attach.player_id] = (down, attach.conn_id)
        match.epochs[attach.player_id] = attach.epoch
        down.put_nowait(_welcome(match, attach.conn_id))

    def _leave(self, leave: pb.Leave, down: asyncio.Queue[pb.LinkDown]) -> None:
        match = self.matches.get(leave.match_id)
        if match is None or match.seats.pop(leave.player_id, None) is None:
            gone: dict[str, Any] = {"refused": pb.Refused(match_id=leave.match_id, code=NotInMatch.code)}
        else:
            match.left.add(leave.player_id)
            gone = {"left": pb.Left(match_id=leave.match_id, is_over=len(match.players) == 2)}
        down.put_nowait(pb.LinkDown(controls=[pb.Control(conn_ids=[leave.conn_id], **gone)]))

    def push(self, match_id: str, *payloads: bytes) -> None:
        """판의 모든 소켓에 상태 프레임을 보낸다."""
        for down, conn_id in self.matches[match_id].seats.values():
            frames = [pb.Frame(conn_ids=[conn_id], payload=payload) for payload in payloads]
            down.put_nowait(pb.LinkDown(frames=frames))

    def tell(self, match_id: str, **event: Any) -> None:
        """판의 모든 소켓에 통지한다."""
        for down, conn_id in self.matches[match_id].seats.values():
            down.put_nowait(pb.LinkDown(controls=[pb.Control(conn_ids=[conn_id], **event)]))

    def items(self, kind: str) -> list[Any]:
        """올라온 것 가운데 이 종류."""
        return [getattr(item, kind) for item in self.received if item.WhichOneof("item") == kind]

    async def wait_for(self, is_true: Callable[[], bool], limit_s: float = 5.0) -> None:
        """올라온 것들이 조건을 채울 때까지 기다린다."""
        async with asyncio.timeout(limit_s), self._changed:
            await self._changed.wait_for(is_true)


def _welcome(match: FakeMatch, conn_id: int) -> pb.LinkDown:
    attached = pb.Attached(
        match_id=match.match_id,
        mode=match.mode,
        session_id="session1",
        tick=7,
        tick_rate_hz=20,
        players=match.players,
    )
    start = pb.MatchStart(
        match_id=match.match_id,
        tick=7,
        schema_json=json.dumps(SCHEMA_FIELDS),
        setup_json=json.dumps(SETUP_FIELDS),
        entity_players={player.slot: player.player_id for player in match.players},
    )
    return pb.LinkDown(
        controls=[
            pb.Control(conn_ids=[conn_id], attached=attached),
            pb.Control(conn_ids=[conn_id], match_start=start),
        ],
        frames=[pb.Frame(conn_ids=[conn_id], payload=SNAPSHOT)],
    )


class SessionProcess:
    """죽이고 같은 자리에 되살릴 수 있는 가짜 session 서버."""

    def __init__(self) -> None:
        self.fake = FakeSession()
        self._server: grpc.aio.Server | None = None

    async def start(self) -> None:
        """듣기 시작한다. 두 번째부터는 같은 주소다."""
        self._server = make_server()
        session_pb2_grpc.add_SessionServiceServicer_to_server(self.fake, self._server)
        port = self._server.add_insecure_port(self.fake.address or f"{HOST}:0")
        self.fake.address = f"{HOST}:{port}"
        await self._server.start()

    async def kill(self) -> None:
        """모든 스트림을 끊고 그만 듣는다."""
        if self._server is not None:
            await self._server.stop(None)
            self._server = None


@asynccontextmanager
async def session_server() -> AsyncIterator[SessionProcess]:
    """떠 있는 가짜 session 서버."""
    process = SessionProcess()
    await process.start()
    try:
        yield process
    finally:
        await process.kill()
