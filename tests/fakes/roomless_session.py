"""방이 없는 session 서버: 진짜 gRPC와 진짜 등록부로, 판을 만들었다고 답하고 무엇을 만들었는지 기억한다.

진짜와 같이 임대를 굳힌 뒤에만 만들고, match_id로 멱등이며, 판의 기록을 적는다. 몰려온 판의 왕복도 진짜처럼
나눠 쓴다(따로 하면 연결이 모자라 굳히지 못한 판이 다른 서버로 간다). 고장은 시험이 고른다.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio

from concurrency.cancellation import end_tasks
from concurrency.micro_batch import MicroBatch
from hanpan.v1 import session_pb2, session_pb2_grpc
from kernel.errors import HanpanError, Unavailable
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.live_matches import CREATED, LiveMatch, LiveMatchStore
from redisstore.servers.registry import ServerRegistry, ServerReport
from rpc.batch import answer_each, refusal
from rpc.channels import make_server

HEARTBEAT_S = 0.5
LIVE_TTL_MS = 60_000


class RoomlessSession(session_pb2_grpc.SessionServiceServicer):
    """session 서버 하나. `made`는 match_id마다 처음 받은 요청이다."""

    def __init__(self, redis: AsyncRedis, region: str, server_id: str, *, capacity: int = 10_000) -> None:
        self.server_id = server_id
        self.address = ""
        self.capacity = capacity
        self.made: dict[str, session_pb2.CreateMatchRequest] = {}
        self.opening: set[str] = set()
        self.asked: Counter[str] = Counter()
        self.on_made: Callable[[session_pb2.CreateMatchRequest], None] = lambda _: None
        self.refusal: HanpanError | None = None
        self.lost_replies = 0
        self.stuck = asyncio.Event()
        self.stuck.set()
        self._registry = ServerRegistry(RedisGate(redis), region)
        self._live = LiveMatchStore(RedisGate(redis))
        self._confirming: MicroBatch[str, bool] = MicroBatch(self._confirm)
        self._putting: MicroBatch[tuple[LiveMatch, int], None] = MicroBatch(self._put)

    async def CreateMatches(  # noqa: N802
        self, request: session_pb2.CreateMatchesRequest, _context: grpc.aio.ServicerContext
    ) -> session_pb2.CreateMatchesResponse:
        """판들을 만든 척한다."""
        replies = await answer_each(self._create, request.matches, failed_event="fake.failed")
        return session_pb2.CreateMatchesResponse(
            outcomes=[
                session_pb2.CreateMatchOutcome(refused=refusal(reply))
                if isinstance(reply, HanpanError)
                else session_pb2.CreateMatchOutcome(made=reply)
                for reply in replies
            ]
        )

    async def _create(self, request: session_pb2.CreateMatchRequest) -> session_pb2.CreateMatchResponse:
        """판 하나. `lost_replies`가 남았으면 만들고도 답하지 않는다."""
        self.asked[request.match_id] += 1
        await self.stuck.wait()
        if self.refusal is not None:
            raise self.refusal
        if request.match_id not in self.made:
            self.opening.add(request.match_id)
            try:
                await self._make(request)
            finally:
                self.opening.discard(request.match_id)
        if self.lost_replies:
            self.lost_replies -= 1
            raise Unavailable("답을 잃었습니다")
        return self._answer(request)

    async def _make(self, request: session_pb2.CreateMatchRequest) -> None:
        if not await self._confirming.submit(request.match_id):
            raise Unavailable("임대가 지났습니다")
        if request.match_id not in self.made:  # 굳히는 사이 같은 청이 먼저 만들었을 수 있다
            self.made[request.match_id] = request
            self.on_made(request)
        await self._putting.submit((self._record(request), LIVE_TTL_MS))

    async def _confirm(self, match_ids: Sequence[str]) -> list[bool]:
        return await self._registry.confirm_many(match_ids, self.server_id)

    async def _put(self, matches: Sequence[tuple[LiveMatch, int]]) -> list[None]:
        await self._live.put_many(matches)
        return [None] * len(matches)

    def _record(self, request: session_pb2.CreateMatchRequest) -> LiveMatch:
        return LiveMatch(
            match_id=request.match_id, status=CREATED, mode=request.mode, region=request.region,
            server_id=self.server_id, player_ids=tuple(player.player_id for player in request.players),
            queued_at_ms=request.queued_at_ms, created_at_ms=request.created_at_ms,
        )  # fmt: skip

    def _answer(self, request: session_pb2.CreateMatchRequest) -> session_pb2.CreateMatchResponse:
        return session_pb2.CreateMatchResponse(
            match_id=request.match_id,
            session_id=self.server_id,
            address=self.address,
            tick_rate_hz=20,
            seats=[
                session_pb2.SeatToken(
                    player_id=player.player_id, resume_token=f"token-{player.player_id}", epoch=1
                )
                for player in request.players
            ],
        )

    async def beat(self, state: str = "ready") -> None:
        """등록부에 하트비트를 하나 보낸다."""
        await self._registry.tell(
            lambda: ServerReport(
                server_id=self.server_id, address=self.address, state=state, capacity=self.capacity,
                running=len(self.made), version="test", opening=self.opening - self.made.keys(),
            )
        )  # fmt: skip

    async def keep_beating(self) -> None:
        """멈출 때까지 하트비트를 보낸다. Redis가 아픈 동안은 건너뛴다."""
        while True:
            with contextlib.suppress(Unavailable):
                await self.beat()
            await asyncio.sleep(HEARTBEAT_S)


@asynccontextmanager
async def roomless_session(
    redis: AsyncRedis, region: str, server_id: str, *, host: str = "127.0.0.1", capacity: int = 10_000
) -> AsyncIterator[RoomlessSession]:
    """빈 포트에서 듣고 등록하며, 끝나면 내린다."""
    session = RoomlessSession(redis, region, server_id, capacity=capacity)
    server = make_server()
    add: Any = session_pb2_grpc.add_SessionServiceServicer_to_server
    add(session, server)
    port = server.add_insecure_port(f"{host}:0")
    session.address = f"{host}:{port}"
    await server.start()
    await session.beat()
    beating = asyncio.create_task(session.keep_beating())
    try:
        yield session
    finally:
        await end_tasks([beating])
        await server.stop(None)
