"""대기표의 통합 시험이 함께 쓰는 짧은 말들: 줄에 세우고, 잡고, 거두고, 줄을 본다."""

from __future__ import annotations

from kernel.errors import Unavailable
from kernel.ids import new_id
from redisstore.tickets.claims import TicketStore
from redisstore.tickets.rows import Claimed, ClaimRequest, Joined, NewTicket, Ticket, TicketCancelRequest

REGION = "test"
GUARD_TTL_MS = 200_000


def wanted(player_id: str | None = None, *, request_key: str = "k1", **changes: object) -> NewTicket:
    fields: dict[str, object] = {
        "ticket_id": new_id(), "player_id": player_id or new_id(), "name": "가람", "mode": "duel",
        "rating": 1512.5, "gateway_id": "gateway1", "conn_id": 2**63 + 5, "request_key": request_key,
        "traceparent": "00-aa-bb-01",
    }  # fmt: skip
    return NewTicket(**{**fields, **changes})  # type: ignore[arg-type]


async def queue_up(store: TicketStore, count: int = 1, **changes: object) -> list[Ticket]:
    asked = [wanted(**changes) for _ in range(count)]  # type: ignore[arg-type]
    assert all(isinstance(reply, Joined) for reply in await store.join(asked))
    found = await store.fetch(ticket.ticket_id for ticket in asked)
    return [found[ticket.ticket_id].ticket for ticket in asked]


def claim_of(tickets: list[Ticket], match_id: str | None = None) -> ClaimRequest:
    return ClaimRequest(
        match_id=match_id or new_id(), mode="duel", seed=7, tickets=tickets, guard_ttl_ms=GUARD_TTL_MS
    )


async def claim(store: TicketStore, tickets: list[Ticket], match_id: str | None = None) -> ClaimRequest:
    request = claim_of(tickets, match_id)
    [reply] = await store.claim("mm1", [request])
    assert isinstance(reply, Claimed)
    return request


async def cancel(store: TicketStore, player_id: str, ticket_id: str = "") -> str | None:
    [reply] = await store.cancel([TicketCancelRequest(player_id, ticket_id)])
    assert not isinstance(reply, Unavailable)
    return None if reply is None else reply.ticket_id


async def waiting(store: TicketStore) -> list[str]:
    return (await store.snapshot(["duel"])).waiting["duel"]
