"""대기표 저장소의 메모리 쌍둥이. 진짜(Lua)와 나란히 도는 시험이 둘이 같음을 지킨다.

시각은 시험이 손으로 돌리는 `now_ms`다. `failing`을 켜면 모든 부름이 Unavailable이다.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from kernel.errors import Unavailable
from redisstore import keys
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
    TicketState,
    TicketStatus,
    TicketVerdict,
)


@dataclass
class Row:
    """표 하나. 줄의 점수는 `names`에 있다."""

    ticket: Ticket
    state: TicketState = TicketState.QUEUED
    match_id: str = ""
    wanted: bool = True


@dataclass
class MemoryTickets:
    """한 리전의 줄, 가드, claim."""

    now_ms: int = 1_000_000
    ticket_timeout_ms: int = 60_000
    failing: bool = False
    looks: int = 0
    rows: dict[str, Row] = field(default_factory=dict)
    names: dict[str, dict[str, int]] = field(default_factory=dict)
    guards: dict[str, str] = field(default_factory=dict)
    replies: dict[tuple[str, str], Joined] = field(default_factory=dict)
    claims: dict[str, StoredClaim] = field(default_factory=dict)
    leases: dict[str, int] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)

    def _touch(self) -> None:
        if self.failing:
            raise Unavailable

    def _queue(self, mode: str) -> dict[str, int]:
        return self.names.setdefault(mode, {})

    async def join(
        self, tickets: Sequence[NewTicket], *, budget_ms: int = 250
    ) -> list[Joined | Held | Unavailable]:
        self._touch()
        return [self._join(ticket) for ticket in tickets]

    def _join(self, new: NewTicket) -> Joined | Held:
        key = (new.player_id, new.request_key)
        if (stored := self.replies.get(key)) and self._is_owner(stored.ticket_id, new.conn_id):
            left_ms = max(0, stored.joined_ms + self.ticket_timeout_ms - self.now_ms)
            return replace(stored, expires_in_ms=left_ms)
        if held := self.guards.get(new.player_id):
            return Held(held.removeprefix("match:") if held.startswith("match:") else "")
        self.guards[new.player_id] = f"ticket:{new.ticket_id}"
        self.rows[new.ticket_id] = Row(Ticket.of(new, self.now_ms))
        self._queue(new.mode)[new.ticket_id] = self.now_ms
        self.leases.setdefault(new.gateway_id, self.now_ms + keys.GATEWAY_LEASE_MS)
        joined = self.replies[key] = Joined(new.ticket_id, self.now_ms, self.ticket_timeout_ms)
        return joined

    def _is_owner(self, ticket_id: str, conn_id: int | None) -> bool:
        """표가 없으면 누구의 것도 아니라 막을 까닭도 없다."""
        row = self.rows.get(ticket_id)
        return row is None or row.ticket.conn_id == conn_id

    async def cancel(self, wishes: Sequence[TicketCancelRequest]) -> list[Cancelled | Unavailable | None]:
        self._touch()
        return [self._cancel(wish.player_id, wish.ticket_id, wish.owner_conn_id) for wish in wishes]

    def _cancel(self, player_id: str, ticket_id: str, owner_conn_id: int | None) -> Cancelled | None:
        held = self.guards.get(player_id, "")
        ticket_id = ticket_id or held.removeprefix("ticket:")
        row = self.rows.get(ticket_id)
        if owner_conn_id is not None and (row is None or row.ticket.conn_id != owner_conn_id):
            return None
        if held == f"ticket:{ticket_id}":
            owner = self.rows[ticket_id].ticket
            self._drop(ticket_id, owner.mode)
            del self.guards[player_id]
            return Cancelled(ticket_id, owner.gateway_id, owner.conn_id)
        if row is not None and row.state is TicketState.CLAIMED and row.ticket.player_id == player_id:
            row.wanted = False
        return None

    def _drop(self, ticket_id: str, mode: str) -> None:
        self.rows.pop(ticket_id, None)
        self._queue(mode).pop(ticket_id, None)

    async def adopt(self, wish: TicketAdoptRequest) -> Adopted | None:
        self._touch()
        row = self.rows.get(wish.ticket_id)
        if row is None or self.guards.get(wish.player_id) != f"ticket:{wish.ticket_id}":
            return None
        before = row.ticket
        row.ticket = replace(before, gateway_id=wish.gateway_id, conn_id=wish.conn_id)
        self.leases.setdefault(wish.gateway_id, self.now_ms + keys.GATEWAY_LEASE_MS)
        left_ms = max(0, before.joined_ms + self.ticket_timeout_ms - self.now_ms)
        return Adopted(before.mode, before.gateway_id, before.conn_id, left_ms)

    async def release(self, match_id: str, player_ids: Collection[str]) -> int:
        self._touch()
        return self._release(match_id, player_ids)

    async def release_many(self, left: Sequence[Release]) -> int:
        self._touch()
        return sum(self._release(each.match_id, each.player_ids) for each in left)

    async def end_many(self, ended: Sequence[Release]) -> int:
        self._touch()
        for each in ended:
            for player_id in each.player_ids:
                if self.results.get(player_id) != f"told:{each.match_id}":
                    self.results[player_id] = f"owed:{each.match_id}"
        return sum(self._release(each.match_id, each.player_ids) for each in ended)

    def _release(self, match_id: str, player_ids: Collection[str]) -> int:
        held = [each for each in player_ids if self.guards.get(each) == f"match:{match_id}"]
        for player_id in held:
            del self.guards[player_id]
        return len(held)

    async def told_many(self, told: Sequence[tuple[str, str]]) -> list[bool]:
        """들었음을 적는다(`OwedResults`)."""
        self._touch()
        return [self._told(player_id, match_id) for player_id, match_id in told]

    def _told(self, player_id: str, match_id: str) -> bool:
        held = self.results.get(player_id, "")
        if held.startswith("owed:") and held != f"owed:{match_id}":
            return False
        self.results[player_id] = f"told:{match_id}"
        return True

    async def player_guard(self, player_id: str) -> str | None:
        self._touch()
        return self.guards.get(player_id)

    async def snapshot(self, modes: Sequence[str]) -> Snapshot:
        self.looks += 1
        self._touch()
        waiting = {
            mode: [name for name, _ in self._ranked(mode) if self._queue(mode)[name] >= 0] for mode in modes
        }
        return Snapshot(self.now_ms, waiting)

    def _ranked(self, mode: str) -> list[tuple[str, int]]:
        return sorted(self._queue(mode).items(), key=lambda each: (each[1], each[0]))

    async def fetch(self, ticket_ids: Iterable[str]) -> dict[str, TicketStatus]:
        self._touch()
        return {
            ticket_id: TicketStatus(row.ticket, row.state, row.match_id)
            for ticket_id in ticket_ids
            if (row := self.rows.get(ticket_id)) is not None
        }

    async def expire(self, mode: str, tickets: Sequence[Ticket], *, reap: bool) -> dict[str, TicketVerdict]:
        self._touch()
        return {ticket.ticket_id: self._expire(mode, ticket, reap=reap) for ticket in tickets}

    def _expire(self, mode: str, ticket: Ticket, *, reap: bool) -> TicketVerdict:
        place = self._queue(mode).get(ticket.ticket_id, -1)
        if place < 0:
            return TicketVerdict.KEPT
        if ticket.ticket_id not in self.rows:
            verdict = TicketVerdict.GHOST
        elif not self._is_owner(ticket.ticket_id, ticket.conn_id):
            return TicketVerdict.MOVED
        elif self.now_ms - place >= self.ticket_timeout_ms:
            verdict = TicketVerdict.TIMEOUT
        elif reap and self.leases.get(ticket.gateway_id, 0) <= self.now_ms:
            verdict = TicketVerdict.REAPED
        else:
            return TicketVerdict.KEPT
        self._drop(ticket.ticket_id, mode)
        if self.guards.get(ticket.player_id) == f"ticket:{ticket.ticket_id}":
            del self.guards[ticket.player_id]
        return verdict

    async def drop_ghosts(self, mode: str, ticket_ids: Sequence[str]) -> None:
        self._touch()
        for ticket_id in ticket_ids:
            self._queue(mode).pop(ticket_id, None)

    async def claim(
        self, owner: str, requests: Sequence[ClaimRequest]
    ) -> list[Claimed | Conflict | Unavailable]:
        self._touch()
        return [self._claim(request) for request in requests]

    def _claim(self, request: ClaimRequest) -> Claimed | Conflict:
        if stored := self.claims.get(request.match_id):
            return Claimed(stored.claimed_ms)
        gone = [ticket.ticket_id for ticket in request.tickets if not self._is_free(request.mode, ticket)]
        moved = [
            ticket.ticket_id
            for ticket in request.tickets
            if ticket.ticket_id not in gone and not self._is_owner(ticket.ticket_id, ticket.conn_id)
        ]
        if gone or moved:
            return Conflict(tuple(gone), tuple(moved))
        ticket_ids = tuple(ticket.ticket_id for ticket in request.tickets)
        self.claims[request.match_id] = StoredClaim(
            match_id=request.match_id, mode=request.mode, seed=request.seed, claimed_ms=self.now_ms,
            settled=False, ticket_ids=ticket_ids,
        )  # fmt: skip
        for ticket in request.tickets:
            self.guards[ticket.player_id] = f"match:{request.match_id}"
            row = self.rows[ticket.ticket_id]
            row.state, row.match_id = TicketState.CLAIMED, request.match_id
            self._queue(request.mode)[ticket.ticket_id] = -self.now_ms
        return Claimed(self.now_ms)

    def _is_free(self, mode: str, ticket: Ticket) -> bool:
        row = self.rows.get(ticket.ticket_id)
        return (
            row is not None
            and row.state is TicketState.QUEUED
            and self._queue(mode).get(ticket.ticket_id, -1) >= 0
            and self.guards.get(ticket.player_id) == f"ticket:{ticket.ticket_id}"
        )

    async def settle(self, matches: Sequence[ClaimSettlement]) -> list[int]:
        self._touch()
        return [self._settle(each.mode, each.match_id, each.ticket_ids) for each in matches]

    def _settle(self, mode: str, match_id: str, ticket_ids: Sequence[str]) -> int:
        if claim := self.claims.get(match_id):
            self.claims[match_id] = replace(claim, settled=True)
        settled = 0
        for ticket_id in ticket_ids:
            row = self.rows.get(ticket_id)
            if row is None:
                self._queue(mode).pop(ticket_id, None)
            elif row.state is TicketState.CLAIMED and row.match_id == match_id:
                row.state = TicketState.MATCHED
                self._queue(mode).pop(ticket_id, None)
                settled += 1
        return settled

    async def requeue(self, mode: str, match_id: str, tickets: Sequence[Ticket]) -> dict[str, TicketVerdict]:
        self._touch()
        verdicts = {ticket.ticket_id: self._requeue(mode, match_id, ticket) for ticket in tickets}
        self.claims.pop(match_id, None)
        return verdicts

    def _requeue(self, mode: str, match_id: str, ticket: Ticket) -> TicketVerdict:
        row = self.rows.get(ticket.ticket_id)
        held = self.guards.get(ticket.player_id, f"match:{match_id}")
        if row is None:  # hash가 먼저 지난 표: 줄에 남은 이름과 가드를 치운다
            self._queue(mode).pop(ticket.ticket_id, None)
            if held == f"match:{match_id}":
                self.guards.pop(ticket.player_id, None)
            return TicketVerdict.GONE
        if row.state is not TicketState.CLAIMED or row.match_id != match_id:
            return TicketVerdict.GONE
        if held != f"match:{match_id}":
            return TicketVerdict.GONE
        if not row.wanted:
            self._drop(ticket.ticket_id, mode)
            self.guards.pop(ticket.player_id, None)
            return TicketVerdict.DROPPED
        row.state, row.match_id = TicketState.QUEUED, ""
        self._queue(mode)[ticket.ticket_id] = row.ticket.joined_ms
        self.guards[ticket.player_id] = f"ticket:{ticket.ticket_id}"
        return TicketVerdict.QUEUED

    async def stale_claims(self, mode: str, *, now_ms: int, older_than_ms: int) -> list[str]:
        self._touch()
        return [name for name, place in self._ranked(mode) if -(now_ms - older_than_ms) <= place < 0]

    async def read_claim(self, match_id: str) -> StoredClaim | None:
        self._touch()
        return self.claims.get(match_id)

    async def lost_gateways(self, gateway_ids: Collection[str]) -> set[str]:
        self._touch()
        return {each for each in gateway_ids if self.leases.get(each, 0) <= self.now_ms}

    async def renew_gateways(self, gateway_ids: Collection[str]) -> None:
        self._touch()
        self.leases.update(dict.fromkeys(gateway_ids, self.now_ms + keys.GATEWAY_LEASE_MS))
