"""잡은 판의 한살이: 알리고 정하거나, 다른 서버로 가거나, 되돌리거나, 모르면 손대지 않는다."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from gameservices.matchmaking.director import placement
from gameservices.matchmaking.director.allocator import Allocator
from gameservices.matchmaking.director.match_plan import MatchPlan
from gameservices.matchmaking.director.placement import MatchPlacement
from gameservices.matchmaking.queue.watch_hub import GatewayStream, WatchHub
from hanpan.v1.matchmaking_pb2 import WatchEvent
from kernel.errors import InvalidArgument, SessionDraining, Unavailable
from redisstore.tickets.rows import TicketCancelRequest, TicketState
from telemetry import metrics
from tests.fakes.manual_clock import ManualClock
from tests.fakes.matchmaking_stage import MemoryServers, ScriptedSessions, claimed_plan, queued
from tests.fakes.memory_tickets import MemoryTickets


@dataclass
class Stage:
    """메이커 하나와 그 바깥."""

    tickets: MemoryTickets
    servers: MemoryServers
    sessions: ScriptedSessions
    hub: WatchHub
    clock: ManualClock
    maker: MatchPlacement
    stream: GatewayStream
    wakes: list[int]

    async def make(self, plan: MatchPlan) -> list[WatchEvent]:
        """판 하나를 끝까지 만들고, gateway1이 받은 통지를 준다."""
        self.maker.start(plan)
        await self.maker.drain()
        return await self.stream.next(timeout_s=0)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(placement, "ASK_AGAIN_S", 0.001)
    tickets, servers = MemoryTickets(), MemoryServers({"session1": 10, "session2": 10})
    sessions, hub, clock = ScriptedSessions(servers), WatchHub(), ManualClock()
    wakes: list[int] = []
    maker = MatchPlacement(
        tickets=tickets,
        allocator=Allocator(servers),
        sessions=sessions,
        hub=hub,
        clock=clock,
        wake_matcher=lambda: wakes.append(maker.capacity()),
        max_in_flight=4,
    )
    return Stage(tickets, servers, sessions, hub, clock, maker, hub.open("gateway1"), wakes)


async def test_a_made_match_is_told_to_each_gateway_with_its_own_seats_only(stage: Stage) -> None:
    [near] = await queued(stage.tickets, 1, gateway_id="gateway1", name="가람", rating=1510.5)
    [far] = await queued(stage.tickets, 1, gateway_id="gateway2", conn_id=9)
    elsewhere = stage.hub.open("gateway2")
    plan = await claimed_plan(stage.tickets, [near, far])
    [event] = await stage.make(plan)
    found = event.match_found
    assert (found.match_id, found.mode, found.tick_rate_hz) == (plan.match_id, "duel", 20)
    assert (found.session_id, found.session_address) == ("session1", "session1:7000")
    assert [(p.player_id, p.slot) for p in found.players] == [(near.player_id, 0), (far.player_id, 1)]
    assert (found.players[0].name, found.players[0].rating) == ("가람", 1510.5)
    [seat] = found.seats
    assert (seat.player_id, seat.ticket_id, seat.conn_id) == (near.player_id, near.ticket_id, 7)
    assert (seat.resume_token, seat.epoch) == (f"rs-{near.player_id}", 1)
    (other,) = await elsewhere.next(timeout_s=0)
    assert [each.conn_id for each in other.match_found.seats] == [9]


async def test_a_made_match_is_settled_and_its_request_carries_the_claim(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    stage.tickets.now_ms += 3_000
    plan = await claimed_plan(stage.tickets, pair)
    await stage.make(plan)
    assert stage.tickets.claims[plan.match_id].settled
    assert {stage.tickets.rows[t.ticket_id].state for t in pair} == {TicketState.MATCHED}
    [request] = stage.sessions.requests
    assert (request.seed, request.region) == (11, "test")
    assert request.created_at_ms - request.queued_at_ms == 3_000


async def test_the_time_to_a_match_ends_when_it_is_told_not_when_it_is_claimed(stage: Stage) -> None:
    """판을 여는 서버가 멈춰 늦은 것도 matchmaking의 늦음이다."""
    pair = await queued(stage.tickets)
    plan = await claimed_plan(stage.tickets, pair)
    stage.clock.now_s = (plan.claimed_ms + 2_500) / 1000
    before_s = metrics.matchmaking_found_seconds._sum.get()
    await stage.make(plan)
    assert metrics.matchmaking_found_seconds._sum.get() - before_s == pytest.approx(2 * 2.5)


async def test_without_a_server_the_players_go_back_to_their_old_place(stage: Stage) -> None:
    stage.servers.places = {}
    pair = await queued(stage.tickets)
    plan = await claimed_plan(stage.tickets, pair)
    assert await stage.make(plan) == []
    assert stage.tickets.names["duel"] == {ticket.ticket_id: ticket.joined_ms for ticket in pair}


async def test_after_finding_no_server_it_rests_and_then_tries_one_match(stage: Stage) -> None:
    assert stage.maker.capacity() == 4
    stage.servers.places = {}
    await stage.make(await claimed_plan(stage.tickets, await queued(stage.tickets)))
    assert stage.maker.capacity() == 0
    stage.clock.now_s += placement.HOLD_S
    assert stage.maker.capacity() == 1
    stage.servers.places = {"session1": 10}
    await stage.make(await claimed_plan(stage.tickets, await queued(stage.tickets)))
    assert stage.maker.capacity() == 4


@pytest.mark.parametrize("refusal", [SessionDraining(), Unavailable(), InvalidArgument()], ids=str)
async def test_a_server_that_did_not_confirm_is_left_for_another(stage: Stage, refusal: Unavailable) -> None:
    stage.sessions.script = lambda address, _: refusal if address == "session1:7000" else None
    plan = await claimed_plan(stage.tickets, await queued(stage.tickets))
    [event] = await stage.make(plan)
    assert event.match_found.session_id == "session2"
    assert stage.sessions.asked == {"session1:7000": 1, "session2:7000": 1}
    assert stage.servers.places["session1"] == 10, "거둔 임대는 자리를 돌려준다"


async def test_when_every_server_refuses_the_players_are_queued_again(stage: Stage) -> None:
    stage.sessions.script = lambda *_: SessionDraining()
    pair = await queued(stage.tickets)
    assert await stage.make(await claimed_plan(stage.tickets, pair)) == []
    assert len(stage.tickets.names["duel"]) == 2
    assert stage.servers.leases == {}


async def test_a_lost_reply_is_asked_again_on_the_same_server_and_makes_one_match(stage: Stage) -> None:
    replies = [Unavailable(), Unavailable(), None]
    stage.sessions.confirms_before_failing = True
    stage.sessions.script = lambda *_: replies.pop(0)
    plan = await claimed_plan(stage.tickets, await queued(stage.tickets))
    [event] = await stage.make(plan)
    assert event.match_found.match_id == plan.match_id
    assert stage.sessions.asked == {"session1:7000": 3}
    assert len({request.SerializeToString() for request in stage.sessions.requests}) == 1


async def test_a_confirmed_server_that_never_answers_keeps_the_players_out_of_other_matches(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placement, "MAKE_BUDGET_S", 0.05)
    stage.sessions.confirms_before_failing = True
    stage.sessions.script = lambda *_: Unavailable()
    pair = await queued(stage.tickets)
    plan = await claimed_plan(stage.tickets, pair)
    assert await stage.make(plan) == []
    assert stage.sessions.asked["session2:7000"] == 0
    assert {stage.tickets.guards[t.player_id] for t in pair} == {f"match:{plan.match_id}"}
    assert not stage.tickets.claims[plan.match_id].settled


async def test_a_short_redis_outage_delays_the_match_but_does_not_lose_it(stage: Stage) -> None:
    plan = await claimed_plan(stage.tickets, await queued(stage.tickets))
    stage.servers.failing = stage.tickets.failing = True
    stage.maker.start(plan)
    await asyncio.sleep(0.01)  # 몇 번 실패할 틈을 준다. 얼마든 결과는 같다
    assert stage.maker.is_making(plan.match_id)
    stage.servers.failing = stage.tickets.failing = False
    await stage.maker.drain()
    (event,) = await stage.stream.next(timeout_s=0)
    assert event.match_found.match_id == plan.match_id
    assert stage.tickets.claims[plan.match_id].settled


async def test_a_server_is_not_left_before_it_is_known_that_its_lease_is_withdrawn(stage: Stage) -> None:
    def fail_and_stop_redis(_address: str, request: object) -> Unavailable | None:
        if sum(stage.sessions.asked.values()) > 1:
            return None
        stage.servers.failing = True
        asyncio.get_running_loop().call_later(0.01, setattr, stage.servers, "failing", False)
        return Unavailable()

    stage.sessions.confirms_before_failing = True
    stage.sessions.script = fail_and_stop_redis
    plan = await claimed_plan(stage.tickets, await queued(stage.tickets))
    [event] = await stage.make(plan)
    assert event.match_found.session_id == "session1"
    assert stage.sessions.asked == {"session1:7000": 2}


async def test_a_player_who_left_meanwhile_is_not_queued_again(stage: Stage) -> None:
    stage.servers.places = {}
    stays, leaves = await queued(stage.tickets)
    plan = await claimed_plan(stage.tickets, [stays, leaves])
    await stage.tickets.cancel([TicketCancelRequest(leaves.player_id, leaves.ticket_id)])
    [event] = await stage.make(plan)
    assert event.queue_timeout.ticket_id == leaves.ticket_id
    assert list(stage.tickets.names["duel"]) == [stays.ticket_id]


async def test_when_redis_forgot_everything_no_second_server_is_tried_and_the_players_are_told(
    stage: Stage,
) -> None:
    pair = await queued(stage.tickets)
    plan = await claimed_plan(stage.tickets, pair)

    def forget(*_: object) -> Unavailable:
        stage.tickets.claims.clear()
        stage.tickets.rows.clear()
        stage.tickets.names.clear()
        stage.servers.leases.clear()
        return Unavailable()

    stage.sessions.script = forget
    events = await stage.make(plan)
    assert [event.queue_timeout.ticket_id for event in events] == plan.ticket_ids
    assert stage.sessions.asked == {"session1:7000": 1}


async def test_players_another_instance_already_queued_again_are_not_told_to_leave(stage: Stage) -> None:
    stage.servers.places = {}
    pair = await queued(stage.tickets)
    plan = await claimed_plan(stage.tickets, pair)
    await stage.tickets.requeue("duel", plan.match_id, pair)
    assert await stage.make(plan) == []
    assert len(stage.tickets.names["duel"]) == 2


async def test_room_for_more_matches_is_announced_when_the_limit_was_reached(stage: Stage) -> None:
    for _ in range(4):
        stage.maker.start(await claimed_plan(stage.tickets, await queued(stage.tickets)))
    assert stage.maker.capacity() == 0
    await stage.maker.drain()
    assert stage.wakes == [1]


async def test_a_bug_in_one_match_is_logged_and_leaves_the_claim_for_recovery(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.sessions.script = lambda *_: 1 / 0  # type: ignore[assignment,return-value]
    plan = await claimed_plan(stage.tickets, await queued(stage.tickets))
    assert await stage.make(plan) == []
    assert "match.failed" in capsys.readouterr().out
    assert not stage.tickets.claims[plan.match_id].settled
