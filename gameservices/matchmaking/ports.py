"""매칭이 기대는 바깥의 모양. 진짜는 redisstore와 gRPC이고, 시험에는 메모리의 쌍둥이가 선다.

바깥이 멈추면 어느 것이든 제 예산 안에 Unavailable을 던진다. 그때 쓰기의 결과는 모른다.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from hanpan.v1.session_pb2 import CreateMatchRequest, CreateMatchResponse
from kernel.errors import Unavailable
from redisstore.live_matches import LiveMatch
from redisstore.servers.registry import Allocation, LeaseEnd, ServerPick
from redisstore.tickets.rows import (
    Adopted,
    Cancelled,
    Claimed,
    ClaimRequest,
    ClaimSettlement,
    Conflict,
    Held,
    Joined,
    NewTicket,
    Release,
    Snapshot,
    StoredClaim,
    Ticket,
    TicketAdoptRequest,
    TicketCancelRequest,
    TicketStatus,
    TicketVerdict,
)


class TicketTable(Protocol):
    """대기표의 저장소(`redisstore.tickets.claims.TicketStore`)."""

    async def join(
        self, tickets: Sequence[NewTicket], *, budget_ms: int = 250
    ) -> list[Joined | Held | Unavailable]: ...

    async def cancel(self, wishes: Sequence[TicketCancelRequest]) -> list[Cancelled | Unavailable | None]: ...

    async def adopt(self, wish: TicketAdoptRequest) -> Adopted | None: ...

    async def player_guard(self, player_id: str) -> str | None: ...

    async def release(self, match_id: str, player_ids: Collection[str]) -> int: ...

    async def release_many(self, left: Sequence[Release]) -> int: ...

    async def end_many(self, ended: Sequence[Release]) -> int: ...

    async def snapshot(self, modes: Sequence[str]) -> Snapshot: ...

    async def fetch(self, ticket_ids: Iterable[str]) -> dict[str, TicketStatus]: ...

    async def expire(
        self, mode: str, tickets: Sequence[Ticket], *, reap: bool
    ) -> dict[str, TicketVerdict]: ...

    async def drop_ghosts(self, mode: str, ticket_ids: Sequence[str]) -> None: ...

    async def claim(
        self, owner: str, requests: Sequence[ClaimRequest]
    ) -> list[Claimed | Conflict | Unavailable]: ...

    async def settle(self, matches: Sequence[ClaimSettlement]) -> list[int]: ...

    async def requeue(
        self, mode: str, match_id: str, tickets: Sequence[Ticket]
    ) -> dict[str, TicketVerdict]: ...

    async def stale_claims(self, mode: str, *, now_ms: int, older_than_ms: int) -> list[str]: ...

    async def read_claim(self, match_id: str) -> StoredClaim | None: ...

    async def lost_gateways(self, gateway_ids: Collection[str]) -> set[str]: ...

    async def renew_gateways(self, gateway_ids: Collection[str]) -> None: ...


class ServerTable(Protocol):
    """session 서버의 등록부(`redisstore.servers.registry.ServerRegistry`)."""

    async def allocate(
        self, match_id: str, exclude: Collection[str] = (), *, not_after_ms: int = 0
    ) -> ServerPick | None: ...

    async def allocate_many(self, wanted: Sequence[Allocation]) -> list[ServerPick | None]: ...

    async def release_lease(self, match_id: str) -> LeaseEnd: ...


class LiveMatches(Protocol):
    """살아 있는 판의 기록(`redisstore.live_matches.LiveMatchStore`)."""

    async def get(self, match_id: str) -> LiveMatch | None: ...


class Sessions(Protocol):
    """session 서버에 판을 만드는 부름. `match_id`로 멱등이다."""

    async def create(self, address: str, request: CreateMatchRequest) -> CreateMatchResponse: ...


class Ratings(Protocol):
    """레이팅의 읽기. (선수, 모드)마다 mu를 준다."""

    async def read(self, mode: str, player_ids: Sequence[str]) -> Mapping[str, float]: ...
