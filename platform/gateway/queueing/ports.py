"""대기표가 밖에서 필요로 하는 것들의 모양: matchmaking으로 가는 길, 통지를 듣는 쪽, 자리를 주는 쪽."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.websocket.connection import Connection
from hanpan.v1 import matchmaking_pb2 as pb


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRequest:
    """소켓 하나의 선수가 청하는 대기표. 같은 `request_key`의 청은 답도 같다."""

    player_id: str
    name: str
    is_bot: bool
    mode: str
    region: str
    conn_id: int
    request_key: str


class TicketQueue(Protocol):
    """matchmaking으로 가는 길(`QueueLink`)."""

    async def join(self, asked: TicketRequest) -> pb.Joined:
        """대기표를 청한다. 오류: AlreadyQueued, AlreadyInMatch, InvalidArgument, Unavailable."""
        ...

    async def cancel(
        self, *, player_id: str, region: str, ticket_id: str, conn_id: int, only_own: bool
    ) -> str:
        """대기표를 거두고 그 번호를 준다. 오류: NotQueued, Unavailable."""
        ...

    async def adopt(self, *, player_id: str, region: str, ticket_id: str, conn_id: int) -> pb.AdoptResponse:
        """기다리는 대기표를 이 소켓이 잇는다(멱등). 오류: Unavailable."""
        ...


class TicketEvents(Protocol):
    """통지를 듣는 쪽(`WaitingTickets`)."""

    def waiting_ticket_ids(self) -> Sequence[str]:
        """아직 기다리는 대기표들. 스트림이 다시 열릴 때 놓친 통지를 청한다."""
        ...

    def match_found(self, event: pb.MatchFound) -> None:
        """판이 잡혔다."""
        ...

    def queue_timeout(self, event: pb.QueueTimeout) -> None:
        """대기표가 지났다."""
        ...

    def ticket_moved(self, event: pb.TicketMoved) -> None:
        """같은 선수의 새 소켓이 대기표를 이었다."""
        ...

    def ticket_cancelled(self, event: pb.TicketCancelled) -> None:
        """같은 선수의 다른 소켓이 대기표를 거두었다."""
        ...


class SeatGiver(Protocol):
    """잡힌 판의 자리에 소켓을 앉히는 쪽(`SeatEntry`)."""

    def found(self, conn: Connection, match: pb.MatchFound, seat: pb.FoundSeat) -> None:
        """판이 잡혔다고 알리고 앉힌다. 이미 아는 판이면 아무 일도 없다."""
