"""session 서버들로 가는 길: 주소마다 스트림 하나, 그리고 저장된 결과를 묻는 단항 호출.

등록부의 목록은 잠깐 기억한다. Redis가 멈추면 마지막으로 안 목록을 쓰고, 서버가 사라졌다고 판단하지 않는다.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from concurrency.background import BackgroundTasks
from gateway.seats.ports import SessionRegistry
from gateway.seats.session_link import SessionLink
from hanpan.v1 import session_pb2 as pb
from hanpan.v1 import session_pb2_grpc
from kernel.clock import Clock
from kernel.errors import HanpanError, Unavailable
from rpc.channels import CONTROL_DEADLINE_S
from rpc.peer import Peer
from rpc.pool import AskRule, Failure, first_answer

SERVERS_FRESH_S = 0.5
LOST = "lost"
UNREACHABLE = "UNAVAILABLE"
READY = "ready"
MAX_TRIES = 2
CLOSE_GRACE_S = 2 * CONTROL_DEADLINE_S


class NobodyToAsk(Unavailable):
    """물어볼 session 서버가 하나도 없다. 멈춘 저장소 앞에서 모른다는 답과 다르다: 판을 쥔 이도 없다."""


class _Server:
    """서버 하나로 가는 채널들. 스트림은 가로채지 않는 채널을 쓴다."""

    def __init__(self, address: str) -> None:
        self.calls = Peer(address, session_pb2_grpc.SessionServiceStub)
        self.streams = Peer(address, session_pb2_grpc.SessionServiceStub, traced=False)
        self._link: SessionLink | None = None

    @property
    def is_linked(self) -> bool:
        """열린 스트림이 있는가."""
        return self._link is not None and not self._link.is_closed

    def link(self, open_link: Callable[[], SessionLink]) -> SessionLink:
        """열린 스트림. 없거나 닫혔으면 새로 연다."""
        if self._link is None or self._link.is_closed:
            self._link = open_link()
        return self._link

    async def close(self, grace_s: float | None = None) -> None:
        if self._link is not None:
            await self._link.close()
        await self.calls.close(grace_s)
        await self.streams.close(grace_s)


def _nobody(failures: Sequence[Failure]) -> HanpanError:
    """닿지 않은 서버는 없는 서버다. 닿았으나 답하지 못한 서버가 있으면 그 까닭이 답이다."""
    told = [failure.error for failure in failures if failure.status != UNREACHABLE]
    return told[-1] if told else NobodyToAsk("session 서버에 닿지 않습니다")


class SessionLinks:
    """모든 session 서버로 가는 길."""

    def __init__(self, *, gateway_id: str, registry: SessionRegistry, clock: Clock) -> None:
        self._gateway_id = gateway_id
        self._registry = registry
        self._clock = clock
        self._servers: dict[str, _Server] = {}
        self._alive: tuple[str, ...] | None = None  # 새 판을 받는 서버가 앞에 온다
        self._listed_at_s = -SERVERS_FRESH_S
        self._closing = BackgroundTasks()

    def link(self, address: str) -> SessionLink:
        """그 서버로 가는 스트림. 없거나 닫혔으면 연다."""
        server = self._server(address)
        return server.link(
            lambda: SessionLink(
                address=address,
                gateway_id=self._gateway_id,
                open_call=server.streams.stub.Link,
                is_registered=lambda: self._is_registered(address),
                clock=self._clock,
            )
        )

    async def result(self, match_id: str, player_id: str) -> pb.MatchResult:
        """끝난 판의 저장된 결과. 어느 서버에나 물을 수 있으므로 닿지 않으면 다음에 묻는다.

        Raises:
            NotFound, PermissionDenied, MatchNotOver: session 서버의 답.
            NobodyToAsk: 아는 서버가 없거나 모두 내려가 있다.
            Unavailable: 서버는 있으나 지금 알 수 없다(MariaDB나 Redis가 멈췄거나 답이 늦다).
        """
        request = pb.GetResultRequest(match_id=match_id, player_id=player_id)
        addresses = (await self._alive_addresses())[:MAX_TRIES]
        reply: pb.MatchResult = await first_answer(
            (self._server(address).calls for address in addresses),  # 앞을 기다리는 사이 잊힐 수 있다
            lambda stub, deadline_s: stub.GetResult(request, timeout=deadline_s),
            AskRule(nobody=_nobody),
        )
        return reply

    async def close(self) -> None:
        """모든 스트림과 채널을 닫는다."""
        servers, self._servers = self._servers, {}
        await asyncio.gather(*(server.close() for server in servers.values()), self._closing.stop())

    def _server(self, address: str) -> _Server:
        server = self._servers.get(address)
        if server is None:
            server = self._servers[address] = _Server(address)
        return server

    async def _alive_addresses(self) -> tuple[str, ...]:
        try:
            await self._refresh()
        except Unavailable:
            if self._alive is None:
                raise
        return self._alive or ()

    async def _is_registered(self, address: str) -> bool:
        """심장 박동이 살아 있는가. Redis가 멈춰 모르면 살아 있는 것으로 본다."""
        try:
            await self._refresh()
        except Unavailable:
            return True
        return self._alive is None or address in self._alive

    async def _refresh(self) -> None:
        now_s = self._clock.monotonic_s()
        if now_s - self._listed_at_s < SERVERS_FRESH_S:
            return
        rows = await self._registry.servers()
        self._listed_at_s = now_s
        alive = sorted((row for row in rows if row.state != LOST), key=lambda row: row.state != READY)
        self._alive = tuple(row.address for row in alive)
        self._forget_gone()

    def _forget_gone(self) -> None:
        """등록부에 없고 앉은 자리도 없는 서버의 채널을 닫는다.

        답을 기다리는 물음은 제 기한까지 둔다: 채널과 함께 취소되면 묻던 소켓까지 취소된다.
        """
        alive = self._alive or ()
        gone = [
            address
            for address, server in self._servers.items()
            if address not in alive and not server.is_linked
        ]
        for address in gone:
            server = self._servers.pop(address)
            self._closing.spawn(server.close(CLOSE_GRACE_S), name=f"close:{address}")
