# ruff: noqa: N802 - 메서드 이름은 proto가 정한다
"""gateway와 session 시험용 가짜 matchmaking: 진짜 gRPC 서버로 떠서, 시험이 시키는 대로 답하고 통지한다."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio

from hanpan.v1 import matchmaking_pb2 as pb
from hanpan.v1 import matchmaking_pb2_grpc
from kernel.errors import AlreadyQueued, HanpanError, NotQueued
from kernel.ids import new_id
from rpc.batch import refusal
from rpc.channels import make_server
from tests.fakes.addresses import own_address

HOST = own_address(50)
DUEL = pb.Mode(
    name="duel",
    min_players=2,
    max_players=2,
    tick_rate_hz=20,
    duration_ms=20_000,
    input_fields=[pb.InputField(name="dx", min=-1, max=1), pb.InputField(name="dy", min=-1, max=1)],
)


class FakeMatchmaking(matchmaking_pb2_grpc.MatchmakingServiceServicer):
    """대기표를 들고만 있는 matchmaking. 판은 시험이 `found`로 만든다.

    `ended`는 놓아준 판마다 리전과 선수들이다. `is_down`이면 놓아 달라는 말에 닿지 않는 것처럼 답한다.
    """

    def __init__(self) -> None:
        self.address = ""
        self.tickets: dict[str, pb.JoinWish] = {}
        self.replies: dict[str, pb.Joined] = {}
        self.joins: list[pb.JoinWish] = []
        self.join_batches: list[int] = []
        self.cancels: list[pb.CancelRequest] = []
        self.adoptions: list[pb.AdoptRequest] = []
        self.forming: dict[str, str] = {}
        self.watches: list[pb.WatchRequest] = []
        self.refusal: HanpanError | None = None
        self.before_join_reply: Any = None
        self.join_delay_s = 0.0
        self.ended: dict[str, tuple[str, set[str]]] = {}
        self.is_down = False
        self._streams: dict[str, asyncio.Queue[pb.WatchEvent]] = {}

    async def ListModes(self, request: pb.ListModesRequest, context: Any) -> pb.ListModesResponse:
        """모드는 duel 하나다."""
        return pb.ListModesResponse(modes=[DUEL])

    async def Join(self, request: pb.JoinRequest, context: Any) -> pb.JoinResponse:
        """대기표들을 만든다."""
        self.join_batches.append(len(request.wishes))
        self.joins.extend(request.wishes)
        await asyncio.sleep(self.join_delay_s)
        outcomes = [self._join(wish) for wish in request.wishes]
        if self.before_join_reply is not None:
            await asyncio.sleep(0.05)
        return pb.JoinResponse(outcomes=outcomes)

    def _join(self, wish: pb.JoinWish) -> pb.JoinOutcome:
        if self.refusal is not None:
            return _refused(self.refusal)
        if wish.request_key in self.replies:
            return pb.JoinOutcome(joined=self.replies[wish.request_key])
        if any(ticket.player_id == wish.player_id for ticket in self.tickets.values()):
            return _refused(AlreadyQueued())
        ticket_id = new_id()
        self.tickets[ticket_id] = wish
        joined = pb.Joined(ticket_id=ticket_id, mode=wish.mode, expires_in_ms=60_000)
        self.replies[wish.request_key] = joined
        if self.before_join_reply is not None:
            self.before_join_reply(ticket_id, wish)
        return pb.JoinOutcome(joined=joined)

    async def Cancel(self, request: pb.CancelRequest, context: Any) -> pb.CancelResponse:
        """대기표를 거둔다."""
        self.cancels.append(request)
        if self.refusal is not None:
            raise self.refusal
        for ticket_id, ticket in self.tickets.items():
            is_his = ticket.player_id == request.player_id and request.ticket_id in {"", ticket_id}
            if is_his and (not request.only_own or ticket.conn_id == request.conn_id):
                del self.tickets[ticket_id]
                if ticket.conn_id != request.conn_id:
                    self._tell_owner(ticket, ticket_id)
                return pb.CancelResponse(ticket_id=ticket_id)
        raise NotQueued

    def _tell_owner(self, ticket: pb.JoinWish, ticket_id: str) -> None:
        cancelled = pb.TicketCancelled(
            ticket_id=ticket_id, player_id=ticket.player_id, conn_id=ticket.conn_id
        )
        self.notify(_instance(ticket.gateway_id), pb.WatchEvent(ticket_cancelled=cancelled))

    async def Adopt(self, request: pb.AdoptRequest, context: Any) -> pb.AdoptResponse:
        """대기표를 새 소켓에 준다. `forming`에 적힌 선수는 판이 만들어지는 중이다."""
        self.adoptions.append(request)
        if self.refusal is not None:
            raise self.refusal
        ticket = self.tickets.get(request.ticket_id)
        if ticket is None or ticket.player_id != request.player_id:
            return pb.AdoptResponse(forming_match_id=self.forming.get(request.player_id))
        if ticket.conn_id != request.conn_id:
            moved = pb.TicketMoved(
                ticket_id=request.ticket_id, player_id=request.player_id, conn_id=ticket.conn_id,
                owner_conn_id=request.conn_id,
            )  # fmt: skip
            self.notify(_instance(ticket.gateway_id), pb.WatchEvent(ticket_moved=moved))
        ticket.gateway_id, ticket.conn_id = request.gateway_id, request.conn_id
        joined = pb.Joined(ticket_id=request.ticket_id, mode=ticket.mode, expires_in_ms=42_000)
        return pb.AdoptResponse(adopted=joined)

    async def Watch(self, request: pb.WatchRequest, context: Any) -> AsyncIterator[pb.WatchEvents]:
        """통지 스트림."""
        self.watches.append(request)
        stream: asyncio.Queue[pb.WatchEvent] = asyncio.Queue()
        self._streams[_instance(request.gateway_id)] = stream
        stream.put_nowait(pb.WatchEvent(ready=pb.WatchReady(matchmaking_id="mm1")))
        while True:
            yield pb.WatchEvents(events=[await stream.get()])

    async def EndMatches(self, request: pb.EndMatchesRequest, context: Any) -> pb.EndMatchesResponse:
        """끝난 판과 놓아줄 선수들."""
        if self.is_down:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "down")
        for match in request.matches:
            self.ended[match.match_id] = (match.region, set(match.player_ids))
        return pb.EndMatchesResponse()

    def notify(self, instance: str, event: pb.WatchEvent) -> None:
        """gateway 하나에 통지한다. 이름은 띄울 때마다 바뀌는 뒷자리를 뺀 것이다."""
        self._streams[instance].put_nowait(event)

    def ticket_of(self, player_id: str) -> tuple[str, pb.JoinWish]:
        """이 선수의 대기표."""
        return next((t, wish) for t, wish in self.tickets.items() if wish.player_id == player_id)


def _instance(gateway_id: str) -> str:
    return gateway_id.partition(".")[0]


def _refused(error: HanpanError) -> pb.JoinOutcome:
    return pb.JoinOutcome(refused=refusal(error))


@asynccontextmanager
async def matchmaking_server(
    address: str = f"{HOST}:0", *, fake: FakeMatchmaking | None = None
) -> AsyncIterator[FakeMatchmaking]:
    """떠 있는 가짜 matchmaking. 주지 않으면 새로 만든다."""
    fake = fake or FakeMatchmaking()
    server = make_server()
    matchmaking_pb2_grpc.add_MatchmakingServiceServicer_to_server(fake, server)
    port = server.add_insecure_port(address)
    fake.address = f"{address.rpartition(':')[0]}:{port}"
    await server.start()
    try:
        yield fake
    finally:
        await server.stop(None)
