"""gRPC의 면: 틀린 요청은 이름 있는 오류이고, 스트림은 ready로 시작해 놓친 통지를 먼저 준다."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
import structlog

from gameservices.matchmaking.director.allocator import Allocator
from gameservices.matchmaking.director.claimed_matches import ClaimedMatches
from gameservices.matchmaking.director.missed_events import MissedEvents
from gameservices.matchmaking.explain.queue_explainer import QueueExplainer
from gameservices.matchmaking.queue.enqueue import TicketIntake
from gameservices.matchmaking.queue.queue_mirror import QueueMirror
from gameservices.matchmaking.queue.rating_cache import RatingCache
from gameservices.matchmaking.queue.ticket_owners import TicketOwners
from gameservices.matchmaking.queue.watch_hub import WatchHub
from gameservices.matchmaking.servicer import MatchmakingServicer, ServicerIdentity
from gameservices.rules.catalog import load_modes
from hanpan.v1 import matchmaking_pb2 as pb
from kernel.errors import InvalidArgument, NotQueued, Unavailable
from kernel.ids import new_id
from redisstore.tickets.rows import TicketCancelRequest
from telemetry.tracing import trace_id_of
from tests.fakes.manual_clock import ManualClock
from tests.fakes.matchmaking_stage import (
    MODES,
    OLD_RATINGS,
    REGION,
    MemoryLive,
    MemoryRatings,
    MemoryServers,
    ScriptedSessions,
    claimed_plan,
    queued,
)
from tests.fakes.memory_tickets import MemoryTickets

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
NO_CONTEXT = cast(Any, None)


@dataclass
class Stage:
    tickets: MemoryTickets
    hub: WatchHub
    servicer: MatchmakingServicer


@pytest.fixture
def stage() -> Stage:
    tickets, hub, live, clock = MemoryTickets(), WatchHub(), MemoryLive(), ManualClock()
    servers = MemoryServers()
    mirror = QueueMirror(tickets, list(MODES))
    intake = TicketIntake(
        tickets=tickets, ratings=RatingCache(
            MemoryRatings(), newcomer_mu=1500.0, clock=clock, stance=OLD_RATINGS
        ),
        live=live,
        mirror=mirror, owners=TicketOwners(tickets=tickets, mirror=mirror, hub=hub), clock=clock,
        wake_matcher=lambda: None,
    )  # fmt: skip
    claimed = ClaimedMatches(
        tickets=tickets, allocator=Allocator(servers), sessions=ScriptedSessions(servers), live=live,
        region=REGION, modes=MODES,
    )  # fmt: skip
    servicer = MatchmakingServicer(
        ServicerIdentity("mm1", REGION), load_modes({}),
        intake=intake, tickets=tickets, hub=hub, missed_events=MissedEvents(claimed),
        explainer=QueueExplainer(mirror=mirror, modes=MODES, free_places=lambda: 1, clock=clock),
    )  # fmt: skip
    return Stage(tickets, hub, servicer)


def join_wish(**changes: Any) -> pb.JoinWish:
    fields: dict[str, Any] = {
        "player_id": new_id(), "name": "가람", "mode": "duel", "region": REGION, "gateway_id": "gateway1",
        "conn_id": 2**63 + 1, "request_key": "k1",
    }  # fmt: skip
    return pb.JoinWish(**{**fields, **changes})


async def joined(stage: Stage, *wishes: pb.JoinWish) -> list[pb.JoinOutcome]:
    """바람들의 답."""
    reply = await stage.servicer.Join(pb.JoinRequest(wishes=wishes), NO_CONTEXT)
    return list(reply.outcomes)


async def test_the_modes_are_listed_with_their_input_fields(stage: Stage) -> None:
    listed = await stage.servicer.ListModes(pb.ListModesRequest(), NO_CONTEXT)
    duel = next(mode for mode in listed.modes if mode.name == "duel")
    assert (duel.min_players, duel.max_players, duel.tick_rate_hz) == (2, 2, 20)
    assert [(field.name, field.min, field.max) for field in duel.input_fields] == [
        ("dx", -1, 1),
        ("dy", -1, 1),
    ]


async def test_a_join_answers_with_its_ticket_and_its_life(stage: Stage) -> None:
    [outcome] = await joined(stage, join_wish(traceparent=TRACEPARENT))
    assert (outcome.joined.mode, outcome.joined.expires_in_ms) == ("duel", 60_000)
    ticket = stage.tickets.rows[outcome.joined.ticket_id].ticket
    assert (ticket.conn_id, trace_id_of(ticket.traceparent)) == (2**63 + 1, trace_id_of(TRACEPARENT))


async def test_the_outcomes_come_in_the_order_of_the_wishes_and_each_stands_alone(stage: Stage) -> None:
    first = join_wish(request_key="k1")
    wishes = [
        first,
        join_wish(mode="chess"),
        join_wish(player_id=first.player_id, request_key="k2"),
        join_wish(),
    ]
    outcomes = await joined(stage, *wishes)
    assert [outcome.refused.code for outcome in outcomes] == ["", "INVALID_ARGUMENT", "ALREADY_QUEUED", ""]
    owners = [stage.tickets.rows[outcomes[at].joined.ticket_id].ticket.player_id for at in (0, 3)]
    assert owners == [wishes[0].player_id, wishes[3].player_id]
    assert [outcome.joined.ticket_id for outcome in await joined(stage, first)] == [
        outcomes[0].joined.ticket_id
    ]


async def test_joins_while_redis_is_down_are_refused_with_when_to_come_back(stage: Stage) -> None:
    stage.tickets.failing = True
    for outcome in await joined(stage, join_wish(), join_wish()):
        assert (outcome.refused.code, outcome.refused.retry_after_ms) == ("UNAVAILABLE", 1000)


async def test_a_fault_of_ours_is_logged_once_and_told_as_internal(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_args: object, **_options: object) -> None:
        raise RuntimeError("bug")

    monkeypatch.setattr(stage.tickets, "join", broken)
    with structlog.testing.capture_logs() as logs:
        outcomes = await joined(stage, join_wish(), join_wish())
    assert [outcome.refused.code for outcome in outcomes] == ["INTERNAL", "INTERNAL"]
    assert [(line["event"], line["count"]) for line in logs] == [("join.failed", 2)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "chess"}, {"player_id": "x"}, {"region": "mars"}, {"gateway_id": ""}, {"request_key": ""},
        {"request_key": "k" * 65}, {"name": "가" * 97},
    ],
    ids=str,
)  # fmt: skip
async def test_a_wrong_join_is_refused_and_queues_nobody(stage: Stage, wrong: dict[str, Any]) -> None:
    [outcome] = await joined(stage, join_wish(**wrong))
    assert outcome.refused.code == "INVALID_ARGUMENT"
    assert stage.tickets.rows == {}


async def test_a_cancel_answers_with_the_ticket_it_took(stage: Stage) -> None:
    wish = join_wish()
    [outcome] = await joined(stage, wish)
    cancel = pb.CancelRequest(player_id=wish.player_id, region=REGION)
    assert (await stage.servicer.Cancel(cancel, NO_CONTEXT)).ticket_id == outcome.joined.ticket_id
    with pytest.raises(NotQueued):
        await stage.servicer.Cancel(cancel, NO_CONTEXT)
    with pytest.raises(InvalidArgument):
        await stage.servicer.Cancel(pb.CancelRequest(player_id="x"), NO_CONTEXT)


async def test_a_cancel_of_a_closed_socket_leaves_what_another_owns(stage: Stage) -> None:
    wish = join_wish()
    [outcome] = await joined(stage, wish)
    own = {"player_id": wish.player_id, "region": REGION, "only_own": True}
    with pytest.raises(NotQueued):
        await stage.servicer.Cancel(pb.CancelRequest(conn_id=5, **own), NO_CONTEXT)
    reply = await stage.servicer.Cancel(pb.CancelRequest(conn_id=wish.conn_id, **own), NO_CONTEXT)
    assert reply.ticket_id == outcome.joined.ticket_id


async def test_a_cancel_from_another_socket_tells_the_owner(stage: Stage) -> None:
    wish = join_wish()
    [outcome] = await joined(stage, wish)
    stream = stage.hub.open(wish.gateway_id)
    cancel = pb.CancelRequest(player_id=wish.player_id, region=REGION, conn_id=5)
    await stage.servicer.Cancel(cancel, NO_CONTEXT)
    [event] = await stream.next(timeout_s=0)
    assert event.ticket_cancelled.ticket_id == outcome.joined.ticket_id
    assert event.ticket_cancelled.conn_id == wish.conn_id


def adopt_request(**changes: Any) -> pb.AdoptRequest:
    fields: dict[str, Any] = {
        "player_id": new_id(), "region": REGION, "ticket_id": new_id(), "gateway_id": "gateway2",
        "conn_id": 9,
    }  # fmt: skip
    return pb.AdoptRequest(**{**fields, **changes})


async def test_a_ticket_goes_over_to_a_new_socket(stage: Stage) -> None:
    wish = join_wish()
    [outcome] = await joined(stage, wish)
    ticket_id = outcome.joined.ticket_id
    reply = await stage.servicer.Adopt(
        adopt_request(player_id=wish.player_id, ticket_id=ticket_id), NO_CONTEXT
    )
    assert reply.adopted == pb.Joined(ticket_id=ticket_id, mode="duel", expires_in_ms=60_000)
    assert stage.tickets.rows[ticket_id].ticket.conn_id == 9


async def test_a_ticket_in_the_making_or_gone_is_told_apart(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    plan = await claimed_plan(stage.tickets, pair)
    forming = await stage.servicer.Adopt(adopt_request(player_id=pair[0].player_id, ticket_id=""), NO_CONTEXT)
    assert forming.forming_match_id == plan.match_id
    nothing = await stage.servicer.Adopt(adopt_request(), NO_CONTEXT)
    assert nothing.WhichOneof("outcome") is None


@pytest.mark.parametrize(
    "wrong", [{"player_id": "x"}, {"ticket_id": "x"}, {"gateway_id": ""}, {"region": "mars"}], ids=str
)
async def test_a_wrong_adoption_is_refused(stage: Stage, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        await stage.servicer.Adopt(adopt_request(**wrong), NO_CONTEXT)


async def test_the_players_of_ended_matches_are_released(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    plan = await claimed_plan(stage.tickets, pair)
    ended = pb.EndedMatch(
        match_id=plan.match_id, region=REGION, player_ids=[ticket.player_id for ticket in pair]
    )
    for _ in range(2):
        await stage.servicer.EndMatches(pb.EndMatchesRequest(matches=[ended]), NO_CONTEXT)
    assert stage.tickets.guards == {}
    assert set(stage.tickets.results.values()) == {f"owed:{plan.match_id}"}


async def test_who_left_a_match_that_goes_on_is_free_and_owed_nothing_yet(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    plan = await claimed_plan(stage.tickets, pair)
    left = pb.EndedMatch(match_id=plan.match_id, region=REGION, player_ids=[pair[0].player_id], goes_on=True)
    await stage.servicer.EndMatches(pb.EndMatchesRequest(matches=[left]), NO_CONTEXT)
    assert (list(stage.tickets.guards), stage.tickets.results) == ([pair[1].player_id], {})


async def told(events: AsyncIterator[pb.WatchEvents]) -> pb.WatchEvent:
    """다음 메시지의 하나뿐인 통지."""
    (event,) = (await anext(events)).events
    return event


async def test_a_stream_starts_with_ready_and_a_lease_and_then_carries_the_news(stage: Stage) -> None:
    gone = new_id()
    request = pb.WatchRequest(gateway_id="gateway1", region=REGION, waiting_ticket_ids=[gone])
    events = stage.servicer.Watch(request, NO_CONTEXT)
    assert (await told(events)).ready.matchmaking_id == "mm1"
    assert await stage.tickets.lost_gateways(["gateway1"]) == set()
    assert (await told(events)).queue_timeout.ticket_id == gone
    stage.hub.publish("gateway1", pb.WatchEvent(queue_timeout=pb.QueueTimeout(ticket_id="late")))
    assert (await told(events)).queue_timeout.ticket_id == "late"
    await events.aclose()  # type: ignore[attr-defined]
    assert stage.hub.gateways() == []


async def test_a_ticket_being_placed_is_asked_about_until_it_is_known(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gameservices.matchmaking.servicer.OPEN_TICKETS_RECHECK_S", 0.001)
    pair = await queued(stage.tickets)
    plan = await claimed_plan(stage.tickets, pair)
    request = pb.WatchRequest(gateway_id="gateway1", waiting_ticket_ids=[pair[0].ticket_id])
    events = stage.servicer.Watch(request, NO_CONTEXT)
    assert (await told(events)).HasField("ready")
    waiting = asyncio.ensure_future(told(events))
    await asyncio.sleep(0)
    await stage.tickets.requeue("duel", plan.match_id, pair)
    await stage.tickets.cancel([TicketCancelRequest(pair[0].player_id)])
    async with asyncio.timeout(5):
        assert (await waiting).queue_timeout.ticket_id == pair[0].ticket_id
    await events.aclose()  # type: ignore[attr-defined]


async def test_a_stream_opens_even_while_redis_is_down(stage: Stage) -> None:
    stage.tickets.failing = True
    events = stage.servicer.Watch(pb.WatchRequest(gateway_id="gateway1"), NO_CONTEXT)
    assert (await told(events)).HasField("ready")
    await events.aclose()  # type: ignore[attr-defined]


async def test_a_stream_that_is_cut_or_replaced_ends_with_unavailable(stage: Stage) -> None:
    request = pb.WatchRequest(gateway_id="gateway1")
    first = stage.servicer.Watch(request, NO_CONTEXT)
    await anext(first)
    second = stage.servicer.Watch(request, NO_CONTEXT)
    await anext(second)
    with pytest.raises(Unavailable):
        await anext(first)
    assert stage.hub.gateways() == ["gateway1"]
    stage.hub.close()
    with pytest.raises(Unavailable):
        await anext(second)


@pytest.mark.parametrize(
    "wrong", [{"gateway_id": ""}, {"region": "mars"}, {"waiting_ticket_ids": ["x"]}], ids=str
)
async def test_a_wrong_watch_is_refused(stage: Stage, wrong: dict[str, Any]) -> None:
    request = pb.WatchRequest(**{"gateway_id": "gateway1", **wrong})
    with pytest.raises(InvalidArgument):
        await anext(stage.servicer.Watch(request, NO_CONTEXT))
    assert stage.hub.gateways() == []


async def test_the_queue_is_explained_by_mode_and_ticket(stage: Stage) -> None:
    for index in range(3):
        wish = join_wish(player_id=new_id(), request_key=f"k{index}", name=f"n{index}")
        await stage.servicer.Join(pb.JoinRequest(wishes=[wish]), NO_CONTEXT)
    answer = await stage.servicer.ExplainQueue(pb.ExplainQueueRequest(mode="duel", limit=2), NO_CONTEXT)
    assert {queue.mode: queue.waiting for queue in answer.queues} == {"duel": 3, "arena": 0}
    assert [len(answer.tickets), answer.free_places] == [2, 1]
    assert answer.tickets[0].reason == pb.WAIT_REASON_SOON
    assert [near.accepted for near in answer.tickets[0].nearest] == [True, True]
    bare = await stage.servicer.ExplainQueue(pb.ExplainQueueRequest(region=REGION), NO_CONTEXT)
    assert list(bare.tickets) == []


@pytest.mark.parametrize("wrong", [{"mode": "chess"}, {"region": "mars"}])
async def test_a_queue_that_is_not_there_is_not_explained(stage: Stage, wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidArgument):
        await stage.servicer.ExplainQueue(pb.ExplainQueueRequest(**wrong), NO_CONTEXT)
