"""대기표의 Lua와 메모리 쌍둥이(`tests/fakes/memory_tickets.py`)를 나란히 몬다.

한 걸음마다 답과 남은 모습이 같고, 기다리는 표와 그 선수의 가드는 서로를 가리키며, 한 표는 한 판에만 있다.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from kernel.ids import new_id
from redisstore import keys
from redisstore.gate import RedisGate
from redisstore.results import OwedResults
from redisstore.tickets.claims import TicketStore
from redisstore.tickets.rows import (
    Claimed,
    ClaimRequest,
    ClaimSettlement,
    Held,
    Joined,
    NewTicket,
    PlayerHold,
    Release,
    Ticket,
    TicketAdoptRequest,
    TicketCancelRequest,
)
from tests.fakes.memory_tickets import MemoryTickets
from tests.it.redisstore.redis_machine import RedisMachine

REGION, MODE = "model", "duel"
PLAYERS = [new_id() for _ in range(4)]
GATEWAYS = ["g1", "g2"]
CONN_IDS = [1, 2, 2**63 + 5]
WHO = st.sampled_from(PLAYERS)
SOCKET = st.sampled_from(CONN_IDS)
BACK = st.integers(0, 2)  # 마지막에서 몇 번째인가: 산 것은 대개 요즘 것이다

T = TypeVar("T")


def recent(made: Sequence[T], back: int) -> T:
    """마지막에서 `back`번째. 그만큼 없으면 처음 것."""
    return made[max(0, len(made) - 1 - back)]


def has_tickets(machine: TicketMachine) -> bool:
    """표가 하나라도 만들어졌는가."""
    return bool(machine.tickets)


def has_claims(machine: TicketMachine) -> bool:
    """판이 하나라도 잡혔는가."""
    return bool(machine.claims)


class TicketMachine(RedisMachine):
    """선수 넷과 gateway 둘, 두 클라이언트에서, 어떤 순서로든."""

    def __init__(self) -> None:
        super().__init__()
        self.stores = [TicketStore(RedisGate(client), REGION) for client in self.clients]
        self.real = self.stores[0]
        self.impatient = TicketStore(RedisGate(self.client), REGION, ticket_timeout_ms=0)
        self.owed = OwedResults(RedisGate(self.client), REGION)
        self.twin = MemoryTickets()
        self.tickets: list[Ticket] = []  # 만들어진 차례로
        self.claims: list[ClaimRequest] = []

    # ---- 선수가 하는 일

    @rule(
        player=WHO, key=st.sampled_from("abcdef"), gateway=st.sampled_from(GATEWAYS), conn_id=SOCKET,
        store=st.integers(0, 1),
    )  # fmt: skip
    def join(self, player: str, key: str, gateway: str, conn_id: int, store: int) -> None:
        self._join_both(player, key, gateway, conn_id, store)

    @rule(index=st.integers(0, len(PLAYERS) - 1), gateway=st.sampled_from(GATEWAYS))
    def join_who_is_free(self, index: int, gateway: str) -> None:
        if free := [player for player in PLAYERS if player not in self.twin.guards]:
            self._join_both(free[index % len(free)], new_id(), gateway, 1, 0)

    def _join_both(self, player: str, key: str, gateway: str, conn_id: int, store: int) -> None:
        new = NewTicket(
            ticket_id=new_id(), player_id=player, name="n", mode=MODE, rating=1500.0, gateway_id=gateway,
            conn_id=conn_id, request_key=key,
        )  # fmt: skip
        self.twin.now_ms += 1
        [real] = self.run(self.stores[store].join([new]))
        [twin] = self.run(self.twin.join([new]))
        assert type(real) is type(twin)
        if isinstance(real, Held):
            assert real == twin
            return
        assert isinstance(real, Joined)
        assert real.ticket_id == twin.ticket_id
        if real.ticket_id == new.ticket_id:
            self.tickets.append(self.run(self.real.fetch([new.ticket_id]))[new.ticket_id].ticket)

    @precondition(has_tickets)
    @rule(back=BACK, player=WHO, gateway=st.sampled_from(GATEWAYS), conn_id=SOCKET, own=st.booleans())
    def adopt(self, back: int, player: str, gateway: str, conn_id: int, own: bool) -> None:
        """새 소켓이 표를 잇는다. 남의 표나 지난 표를 이으려 할 수도 있다."""
        ticket = recent(self.tickets, back)
        wish = TicketAdoptRequest(ticket.player_id if own else player, ticket.ticket_id, gateway, conn_id)
        real, twin = self.run(self.stores[1].adopt(wish)), self.run(self.twin.adopt(wish))
        assert (real is None) == (twin is None)
        if real is not None and twin is not None:
            assert replace(real, expires_in_ms=0) == replace(twin, expires_in_ms=0)

    @precondition(has_tickets)
    @rule(back=BACK, by_name=st.booleans(), conn_id=SOCKET)
    def cancel_by_a_closed_socket(self, back: int, by_name: bool, conn_id: int) -> None:
        ticket = recent(self.tickets, back)
        name = ticket.ticket_id if by_name else ""
        self._cancel_both(TicketCancelRequest(ticket.player_id, name, owner_conn_id=conn_id), 0)

    @precondition(has_tickets)
    @rule(back=BACK, by_name=st.booleans(), store=st.integers(0, 1))
    def cancel(self, back: int, by_name: bool, store: int) -> None:
        ticket = recent(self.tickets, back)
        self._cancel_both(TicketCancelRequest(ticket.player_id, ticket.ticket_id if by_name else ""), store)

    @precondition(has_tickets)
    @rule(back=BACK, player=WHO)
    def cancel_anothers(self, back: int, player: str) -> None:
        self._cancel_both(TicketCancelRequest(player, recent(self.tickets, back).ticket_id), 1)

    def _cancel_both(self, wish: TicketCancelRequest, store: int) -> None:
        assert self.run(self.stores[store].cancel([wish])) == self.run(self.twin.cancel([wish]))

    # ---- matchmaking이 하는 일

    @precondition(has_tickets)
    @rule(back=BACK, timed_out=st.booleans(), reap=st.booleans())
    def expire(self, back: int, timed_out: bool, reap: bool) -> None:
        ticket = recent(self.tickets, back)
        store = self.impatient if timed_out else self.real
        self.twin.ticket_timeout_ms = 0 if timed_out else 60_000
        real = self.run(store.expire(MODE, [ticket], reap=reap))
        assert real == self.run(self.twin.expire(MODE, [ticket], reap=reap))
        self.twin.ticket_timeout_ms = 60_000

    @precondition(has_tickets)
    @rule(one=BACK, other=BACK)
    def claim_any(self, one: int, other: int) -> None:
        first, second = recent(self.tickets, one), recent(self.tickets, other)
        self._claim_new([first] if first is second else [first, second])

    @rule(count=st.integers(1, 2))
    def claim_the_longest_waiting(self, count: int) -> None:
        waiting = sorted((place, name) for name, place in self._places().items() if place >= 0)
        chosen = [self.twin.rows[name].ticket for _, name in waiting[:count] if name in self.twin.rows]
        if chosen:
            self._claim_new(chosen)

    def _places(self) -> dict[str, int]:
        return self.twin.names.get(MODE, {})

    def _claim_new(self, chosen: list[Ticket]) -> None:
        request = ClaimRequest(match_id=new_id(), mode=MODE, seed=1, tickets=chosen, guard_ttl_ms=60_000)
        if self._claim_both(request):
            self.claims.append(request)

    @precondition(has_claims)
    @rule(back=BACK)
    def claim_again(self, back: int) -> None:
        request = recent(self.claims, back)
        self._claim_both(request)

    def _claim_both(self, request: ClaimRequest) -> bool:
        [real] = self.run(self.stores[1].claim("mm", [request]))
        [twin] = self.run(self.twin.claim("mm", [request]))
        assert type(real) is type(twin)
        assert isinstance(real, Claimed) or real == twin
        return isinstance(real, Claimed)

    @precondition(has_claims)
    @rule(back=BACK)
    def settle(self, back: int) -> None:
        request = recent(self.claims, back)
        match = ClaimSettlement(MODE, request.match_id, [ticket.ticket_id for ticket in request.tickets])
        assert self.run(self.real.settle([match])) == self.run(self.twin.settle([match]))

    @precondition(has_claims)
    @rule(back=BACK, store=st.integers(0, 1))
    def requeue(self, back: int, store: int) -> None:
        request = recent(self.claims, back)
        real = self.run(self.stores[store].requeue(MODE, request.match_id, request.tickets))
        assert real == self.run(self.twin.requeue(MODE, request.match_id, request.tickets))

    @precondition(has_claims)
    @rule(back=BACK, by_name=st.booleans())
    def cancel_a_match(self, back: int, by_name: bool) -> None:
        """잡힌 표의 선수가 물러난다. 되돌아온 뒤일 수도 있다."""
        for ticket in recent(self.claims, back).tickets:
            self._cancel_both(TicketCancelRequest(ticket.player_id, ticket.ticket_id if by_name else ""), 0)

    @precondition(has_claims)
    @rule(back=BACK)
    def undo_a_match_and_make_another(self, back: int) -> None:
        self.requeue(back, 0)
        self.claim_the_longest_waiting(len(PLAYERS))

    @precondition(has_claims)
    @rule(back=BACK)
    def release(self, back: int) -> None:
        request = recent(self.claims, back)
        players = [ticket.player_id for ticket in request.tickets]
        real = self.run(self.real.release(request.match_id, players))
        assert real == self.run(self.twin.release(request.match_id, players))

    @precondition(has_claims)
    @rule(back=BACK)
    def end(self, back: int) -> None:
        request = recent(self.claims, back)
        ended = [Release(request.match_id, [ticket.player_id for ticket in request.tickets])]
        assert self.run(self.real.end_many(ended)) == self.run(self.twin.end_many(ended))

    @precondition(has_claims)
    @rule(back=BACK)
    def a_result_is_heard(self, back: int) -> None:
        request = recent(self.claims, back)
        told = [(ticket.player_id, request.match_id) for ticket in request.tickets]
        assert self.run(self.owed.told_many(told)) == self.run(self.twin.told_many(told))

    # ---- 시간이 하는 일

    @precondition(has_tickets)
    @rule(gateway=st.sampled_from(GATEWAYS), is_heard=st.booleans())
    def a_gateway_is_heard_or_silent(self, gateway: str, is_heard: bool) -> None:
        if is_heard:
            self.run(self.real.renew_gateways([gateway]))
            self.run(self.twin.renew_gateways([gateway]))
        else:
            self.run(self.client.delete(keys.gateway_lease(REGION, gateway)))
            self.twin.leases.pop(gateway, None)

    @precondition(has_tickets)
    @rule(back=BACK)
    def a_ticket_lapses(self, back: int) -> None:
        self._lapse(recent(self.tickets, back))

    def _lapse(self, ticket: Ticket) -> None:
        """hash와 가드의 수명은 같다. 줄의 이름만 유령으로 남는다."""
        self.run(self.client.delete(keys.ticket(REGION, ticket.ticket_id)))
        self.twin.rows.pop(ticket.ticket_id, None)
        if self.twin.guards.get(ticket.player_id) == f"ticket:{ticket.ticket_id}":
            self._lapse_guard(ticket.player_id)

    @precondition(has_claims)
    @rule(back=BACK)
    def the_guards_of_a_match_lapse(self, back: int) -> None:
        request = recent(self.claims, back)
        for ticket in request.tickets:
            if self.twin.guards.get(ticket.player_id) == f"match:{request.match_id}":
                self._lapse_guard(ticket.player_id)

    @precondition(has_claims)
    @rule(back=BACK)
    def the_tickets_of_a_match_lapse(self, back: int) -> None:
        request = recent(self.claims, back)
        for ticket in request.tickets:
            self._lapse(ticket)

    def _lapse_guard(self, player: str) -> None:
        self.run(self.client.delete(keys.player_guard(REGION, player)))
        del self.twin.guards[player]

    # ---- 늘 참인 것

    @invariant()
    def both_tell_the_same_story(self) -> None:
        guards, places, *rows = self.read(
            ("MGET", *(keys.player_guard(REGION, player) for player in PLAYERS)),
            ("ZRANGE", keys.queue(REGION, MODE), 0, -1, "WITHSCORES"),
            *(
                ("HMGET", keys.ticket(REGION, name), "state", "match", "gateway", "conn")
                for name in self.twin.rows
            ),
        )
        real_names = {name: place >= 0 for name, place in places}
        twin_names = {name: place >= 0 for name, place in self._places().items()}
        assert real_names == twin_names
        assert guards == [self.twin.guards.get(player) for player in PLAYERS]
        assert [(state, match or "", gateway, int(conn)) for state, match, gateway, conn in rows] == [
            (row.state, row.match_id, row.ticket.gateway_id, row.ticket.conn_id)
            for row in self.twin.rows.values()
        ]

    @invariant()
    def a_hello_reads_what_the_player_is_held_by(self) -> None:
        owed = {player: self.twin.results.get(player, "") for player in PLAYERS}
        assert self.run(self.real.player_holds(PLAYERS)) == [
            PlayerHold(
                self.twin.guards.get(player),
                owed[player].removeprefix("owed:") if owed[player].startswith("owed:") else "",
            )
            for player in PLAYERS
        ]

    @invariant()
    def a_waiting_ticket_and_its_players_guard_point_at_each_other(self) -> None:
        waiting = {
            name: self.twin.rows[name].ticket.player_id
            for name, place in self._places().items()
            if place >= 0 and name in self.twin.rows
        }
        assert len(set(waiting.values())) == len(waiting), "한 선수의 표가 둘이다"
        for name, player in waiting.items():
            assert self.twin.guards[player] == f"ticket:{name}"
        queued_guards = {each for each in self.twin.guards.values() if each.startswith("ticket:")}
        assert queued_guards == {f"ticket:{name}" for name in waiting}
