"""session 서버를 부르는 gRPC. 주소마다 채널 하나를 두고, 한 바퀴에 모인 판을 한 부름에 싣는다."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from concurrency.micro_batch import MicroBatch
from hanpan.v1.session_pb2 import (
    CreateMatchesRequest,
    CreateMatchOutcome,
    CreateMatchRequest,
    CreateMatchResponse,
)
from hanpan.v1.session_pb2_grpc import SessionServiceStub
from kernel.errors import HanpanError
from rpc.batch import error_of
from rpc.channels import CREATE_MATCH_DEADLINE_S
from rpc.peer import Peer
from telemetry.tracing import is_sampled

CREATE_BATCH = 64
CREATE_BATCHES_RUNNING = 4


class SessionCalls:
    """판을 만드는 부름."""

    def __init__(self, *, deadline_s: float = CREATE_MATCH_DEADLINE_S) -> None:
        self._deadline_s = deadline_s
        self._servers: dict[str, _SessionServer] = {}

    async def create(self, address: str, request: CreateMatchRequest) -> CreateMatchResponse:
        """판을 만든다. 같은 `match_id`면 같은 답이다.

        Raises:
            Unavailable: 답을 듣지 못했다(만들어졌을 수도 있다) 또는 서버가 지금은 받지 않는다.
            SessionDraining: 서버가 드레인 중이다. 만들지 않았다.
            HanpanError: 서버가 거절했다.
        """
        server = self._servers.get(address)
        if server is None:
            server = self._servers[address] = _SessionServer(address, self._deadline_s)
        return await server.create(request)

    async def keep_only(self, addresses: Collection[str]) -> None:
        """등록부에서 사라진 서버로 가는 채널을 닫는다. 답을 기다리는 부름이 있으면 다음에 닫는다."""
        await self._close(
            [name for name, server in self._servers.items() if name not in addresses and not server.asking]
        )

    async def close(self) -> None:
        """모든 채널을 닫는다."""
        await self._close(list(self._servers))

    async def _close(self, addresses: Collection[str]) -> None:
        await asyncio.gather(*(self._servers.pop(address).peer.close() for address in addresses))


class _SessionServer:
    """session 서버 하나. `asking`은 답을 기다리는 판의 수다."""

    def __init__(self, address: str, deadline_s: float) -> None:
        self.peer = Peer(address, SessionServiceStub, deadline_s=deadline_s)
        self.asking = 0
        self._batch: MicroBatch[CreateMatchRequest, CreateMatchResponse] = MicroBatch(
            self._create_together,
            max_batch=CREATE_BATCH,
            max_running=CREATE_BATCHES_RUNNING,
            leads=is_sampled,
        )

    async def create(self, request: CreateMatchRequest) -> CreateMatchResponse:
        """판 하나를 다음 묶음에 싣고 답을 기다린다."""
        self.asking += 1
        try:
            return await self._batch.submit(request)
        finally:
            self.asking -= 1

    async def _create_together(
        self, matches: Sequence[CreateMatchRequest]
    ) -> Sequence[CreateMatchResponse | HanpanError]:
        request = CreateMatchesRequest(matches=matches)
        reply = await self.peer.ask(lambda stub, deadline_s: stub.CreateMatches(request, timeout=deadline_s))
        return [_heard(outcome) for _, outcome in zip(matches, reply.outcomes, strict=True)]


def _heard(outcome: CreateMatchOutcome) -> CreateMatchResponse | HanpanError:
    return outcome.made if outcome.HasField("made") else error_of(outcome.refused)
