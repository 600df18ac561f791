"""matchmaking을 부르는 gateway의 대역: join과 cancel을 보내고, 통지 스트림의 통지를 모은다."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Self

import grpc.aio

from hanpan.v1 import matchmaking_pb2 as pb
from hanpan.v1 import matchmaking_pb2_grpc
from kernel.errors import error_from_code
from kernel.ids import new_id
from rpc.channels import make_channel
from rpc.errors import error_from_rpc

JOIN_DEADLINE_S = 10.0
DEADLINE_S = 20.0


async def eventually(check: Callable[[], bool], complaint: str, *, within_s: float = DEADLINE_S) -> None:
    """통지가 오지 않는 바깥의 상태가 그렇게 될 때까지 들여다본다."""
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + within_s
    while not check():
        assert loop.time() < deadline_s, complaint
        await asyncio.sleep(0.02)


class WatchingGateway:
    """matchmaking 하나 이상에 스트림을 열어 둔 gateway. `seats`와 `timeouts`는 대기표마다의 통지다."""

    def __init__(self, gateway_id: str, addresses: Sequence[str], *, region: str) -> None:
        self.gateway_id = gateway_id
        self.region = region
        self.seats: dict[str, list[pb.MatchFound]] = {}
        self.timeouts: set[str] = set()
        self.moved: list[pb.TicketMoved] = []
        self.cancelled: list[pb.TicketCancelled] = []
        self._channels = {address: make_channel(address, traced=False) for address in addresses}
        make_stub: Any = matchmaking_pb2_grpc.MatchmakingServiceStub
        self.stubs: dict[str, Any] = {address: make_stub(each) for address, each in self._channels.items()}
        self._watches: dict[str, asyncio.Task[None]] = {}
        self._news = asyncio.Condition()

    async def __aenter__(self) -> Self:
        await asyncio.gather(*(self.watch(address) for address in self._channels))
        return self

    async def __aexit__(self, *_: object) -> None:
        for address in list(self._watches):
            await self.unwatch(address)
        await asyncio.gather(*(channel.close() for channel in self._channels.values()))

    async def watch(self, address: str, waiting: Sequence[str] = ()) -> None:
        """스트림을 열고 ready를 기다린다."""
        ready = asyncio.Event()
        self._watches[address] = asyncio.create_task(self._read(address, waiting, ready))
        async with asyncio.timeout(DEADLINE_S):
            await ready.wait()

    async def unwatch(self, address: str) -> None:
        """스트림을 끊는다."""
        task = self._watches.pop(address)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def watch_ended(self, address: str) -> None:
        """matchmaking이 스트림을 끝낼 때까지 기다린다."""
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.gather(self._watches[address], return_exceptions=True)

    async def _read(self, address: str, waiting: Sequence[str], ready: asyncio.Event) -> None:
        request = pb.WatchRequest(
            gateway_id=self.gateway_id, region=self.region, waiting_ticket_ids=list(waiting)
        )
        async for news in self.stubs[address].Watch(request, wait_for_ready=True):
            for event in news.events:
                self._keep(event, ready)
            async with self._news:
                self._news.notify_all()

    def _keep(self, event: pb.WatchEvent, ready: asyncio.Event) -> None:
        if event.HasField("ready"):
            ready.set()
        elif event.HasField("queue_timeout"):
            self.timeouts.add(event.queue_timeout.ticket_id)
        elif event.HasField("ticket_moved"):
            self.moved.append(event.ticket_moved)
        elif event.HasField("ticket_cancelled"):
            self.cancelled.append(event.ticket_cancelled)
        else:
            for seat in event.match_found.seats:
                self.seats.setdefault(seat.ticket_id, []).append(event.match_found)

    async def until(self, condition: Callable[[], bool]) -> None:
        """통지가 와서 그렇게 될 때까지 기다린다."""
        async with asyncio.timeout(DEADLINE_S), self._news:
            await self._news.wait_for(condition)

    async def join(self, address: str, player_id: str | None = None, **changes: Any) -> str:
        """줄에 서고 대기표의 이름을 준다. 거절은 오류 나무의 오류다."""
        fields: dict[str, Any] = {
            "player_id": player_id or new_id(), "name": "가람", "mode": "duel", "region": self.region,
            "gateway_id": self.gateway_id, "conn_id": 5, "request_key": new_id(),
        }  # fmt: skip
        request = pb.JoinRequest(wishes=[pb.JoinWish(**{**fields, **changes})])
        try:
            reply = await self.stubs[address].Join(request, timeout=JOIN_DEADLINE_S)
        except grpc.aio.AioRpcError as error:
            raise error_from_rpc(error) from error
        [outcome] = reply.outcomes
        if outcome.HasField("refused"):
            raise error_from_code(outcome.refused.code, outcome.refused.message)
        return str(outcome.joined.ticket_id)

    async def cancel(self, address: str, player_id: str) -> str:
        """줄에서 나온다."""
        request = pb.CancelRequest(player_id=player_id, region=self.region)
        try:
            reply = await self.stubs[address].Cancel(request, timeout=JOIN_DEADLINE_S)
        except grpc.aio.AioRpcError as error:
            raise error_from_rpc(error) from error
        return str(reply.ticket_id)

    async def adopt(self, address: str, player_id: str, ticket_id: str, conn_id: int) -> pb.AdoptResponse:
        """같은 선수의 새 소켓이 표를 잇는다."""
        request = pb.AdoptRequest(
            player_id=player_id, region=self.region, ticket_id=ticket_id, gateway_id=self.gateway_id,
            conn_id=conn_id,
        )  # fmt: skip
        reply: pb.AdoptResponse = await self.stubs[address].Adopt(request, timeout=JOIN_DEADLINE_S)
        return reply

    async def end(self, address: str, match_id: str, player_ids: Sequence[str]) -> None:
        """판이 끝났다고 알린다(session의 몫이다)."""
        ended = pb.EndedMatch(match_id=match_id, region=self.region, player_ids=player_ids)
        await self.stubs[address].EndMatches(pb.EndMatchesRequest(matches=[ended]), timeout=JOIN_DEADLINE_S)
