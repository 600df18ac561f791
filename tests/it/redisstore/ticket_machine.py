"""대기표의 Lua와 메모리 쌍둥이를 나란히 몰아 답과 남은 모습이 늘 같은지 본다(Hypothesis 상태 시험).

한 걸음마다 불변조건도 본다: 기다리는 표와 그 선수의 가드는 서로를 가리키고, 한 표는 한 판에만 있다.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from kernel.ids import new_id
from redisstore.client import AsyncRedis
from redisstore.ticket_rows import CancelWish, ClaimRequest, Held, Joined, NewTicket, Ticket
from redisstore.tickets import TicketStore
from tests.fakes.memory_tickets import MemoryTickets
from tests.fakes.redis_process import RedisProcess

REGION, MODE = "model", "duel"
PLAYERS = [new_id() for _ in range(6)]


class TicketMachine(RuleBasedStateMachine):
    """선수 여섯, 어떤 순서로든."""

    server: RedisProcess
    tickets: Bundle[Ticket] = Bundle("tickets")
    claims: Bundle[ClaimRequest] = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.client: AsyncRedis = self.server.client()
        self.real = TicketStore(self.client, REGION)
        self.impatient = TicketStore(self.client, REGION, ticket_timeout_ms=0)
        self.twin = MemoryTickets()
        self.run(self.client.flushall())

    def teardown(self) -> None:
        self.run(self.client.aclose())
        self.runner.close()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    @rule(target=tickets, player=st.sampled_from(PLAYERS), key=st.sampled_from("ab"))
    def join(self, player: str, key: str) -> Any:
        new = NewTicket(
            ticket_id=new_id(), player_id=player, name="n", mode=MODE, rating=1500.0, gateway_id="g1",
            conn_id=1, request_key=key,
        )  # fmt: skip
        self.twin.now_ms += 1
        [real] = self.run(self.real.join([new]))
        [twin] = self.run(self.twin.join([new]))
        assert type(real) is type(twin)
        if isinstance(real, Held):
            assert real == twin
            return multiple()
        assert isinstance(real, Joined)
        assert real.ticket_id == twin.ticket_id
        if real.ticket_id != new.ticket_id:
            return multiple()
        return self.run(self.real.fetch([new.ticket_id]))[new.ticket_id].ticket

    @rule(ticket=tickets, by_name=st.booleans())
    def cancel(self, ticket: Ticket, by_name: bool) -> None:
        name = ticket.ticket_id if by_name else ""
        wish = CancelWish(ticket.player_id, name)
        assert self.run(self.real.cancel([wish])) == self.run(self.twin.cancel([wish]))

    @rule(ticket=tickets, timed_out=st.booleans(), reap=st.booleans())
    def expire(self, ticket: Ticket, timed_out: bool, reap: bool) -> None:
        store = self.impatient if timed_out else self.real
        self.twin.ticket_timeout_ms = 0 if timed_out else 60_000
        real = self.run(store.expire(MODE, [ticket], reap=reap))
        assert real == self.run(self.twin.expire(MODE, [ticket], reap=reap))
        self.twin.ticket_timeout_ms = 60_000

    @rule(target=claims, one=tickets, other=tickets)
    def claim(self, one: Ticket, other: Ticket) -> ClaimRequest:
        chosen = [one] if one is other else [one, other]
        request = ClaimRequest(match_id=new_id(), mode=MODE, seed=1, tickets=chosen, guard_ttl_ms=60_000)
        self._claim_both(request)
        return request

    @rule(request=claims)
    def claim_again(self, request: ClaimRequest) -> None:
        self._claim_both(request)

    def _claim_both(self, request: ClaimRequest) -> None:
        [real] = self.run(self.real.claim("mm", [request]))
        [twin] = self.run(self.twin.claim("mm", [request]))
        assert type(real) is type(twin)

    @rule(request=claims)
    def settle(self, request: ClaimRequest) -> None:
        match = (MODE, request.match_id, [ticket.ticket_id for ticket in request.tickets])
        assert self.run(self.real.settle([match])) == self.run(self.twin.settle([match]))

    @rule(request=claims)
    def requeue(self, request: ClaimRequest) -> None:
        real = self.run(self.real.requeue(MODE, request.match_id, request.tickets))
        assert real == self.run(self.twin.requeue(MODE, request.match_id, request.tickets))

    @rule(request=claims)
    def release(self, request: ClaimRequest) -> None:
        players = [ticket.player_id for ticket in request.tickets]
        real = self.run(self.real.release(request.match_id, players))
        assert real == self.run(self.twin.release(request.match_id, players))

    @invariant()
    def both_tell_the_same_story(self) -> None:
        waiting = self.run(self.real.snapshot([MODE])).waiting[MODE]
        assert sorted(waiting) == sorted(self.run(self.twin.snapshot([MODE])).waiting[MODE])
        guards = {player: self.run(self.real.player_guard(player)) for player in PLAYERS}
        assert guards == {player: self.twin.guards.get(player) for player in PLAYERS}
        found = self.run(self.real.fetch(self.twin.rows))
        assert {name: (s.state, s.match_id) for name, s in found.items()} == {
            name: (row.state, row.match_id) for name, row in self.twin.rows.items()
        }

    @invariant()
    def a_waiting_ticket_and_its_players_guard_point_at_each_other(self) -> None:
        waiting = self.run(self.real.snapshot([MODE])).waiting[MODE]
        owners = {name: self.twin.rows[name].ticket.player_id for name in waiting}
        assert len(set(owners.values())) == len(owners), "한 선수의 표가 둘이다"
        for name, player in owners.items():
            assert self.twin.guards[player] == f"ticket:{name}"
        queued_guards = {each for each in self.twin.guards.values() if each.startswith("ticket:")}
        assert queued_guards == {f"ticket:{name}" for name in waiting}


@pytest.mark.timeout(120)
def test_the_scripts_and_their_twin_agree_in_any_order(private_redis: RedisProcess) -> None:
    TicketMachine.server = private_redis
    run_state_machine_as_test(
        TicketMachine,
        settings=settings(
            max_examples=40, stateful_step_count=30, deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )  # fmt: skip
