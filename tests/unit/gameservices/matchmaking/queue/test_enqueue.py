"""대기표를 받는 자리: 한 바퀴의 join은 한 왕복이고, 거절과 주인 없는 가드를 가린다."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from gameservices.matchmaking.queue.enqueue import TicketIntake
from gameservices.matchmaking.queue.queue_mirror import QueueMirror
from gameservices.matchmaking.queue.rating_cache import RatingCache
from gameservices.matchmaking.queue.ticket_owners import TicketOwners
from gameservices.matchmaking.queue.watch_hub import WatchHub
from kernel.errors import AlreadyInMatch, AlreadyQueued, NotQueued, Unavailable
from kernel.ids import new_id
from redisstore.tickets.rows import Held, Joined, NewTicket
from tests.fakes.manual_clock import ManualClock
from tests.fakes.matchmaking_stage import OLD_RATINGS, MemoryLive, MemoryRatings, claimed_plan, queued
from tests.fakes.memory_tickets import MemoryTickets


@dataclass
class TripCountingTickets(MemoryTickets):
    """join의 왕복마다 표의 수와 예산을 적는다."""

    trips: list[tuple[int, int]] = field(default_factory=list)

    async def join(
        self, tickets: Sequence[NewTicket], *, budget_ms: int = 250
    ) -> list[Joined | Held | Unavailable]:
        self.trips.append((len(tickets), budget_ms))
        return await super().join(tickets, budget_ms=budget_ms)


@dataclass
class Stage:
    tickets: TripCountingTickets
    ratings: MemoryRatings
    live: MemoryLive
    mirror: QueueMirror
    clock: ManualClock
    intake: TicketIntake
    wakes: list[int]


@pytest.fixture
def stage() -> Stage:
    tickets, ratings, live, clock = TripCountingTickets(), MemoryRatings(), MemoryLive(), ManualClock()
    mirror, wakes = QueueMirror(tickets, ["duel", "arena"]), list[int]()
    intake = TicketIntake(
        tickets=tickets, ratings=RatingCache(ratings, newcomer_mu=1500.0, clock=clock, stance=OLD_RATINGS),
        live=live,
        mirror=mirror,
        owners=TicketOwners(tickets=tickets, mirror=mirror, hub=WatchHub()), clock=clock,
        wake_matcher=lambda: wakes.append(1),
    )  # fmt: skip
    return Stage(tickets, ratings, live, mirror, clock, intake, wakes)


def wish(player_id: str | None = None, **changes: str) -> NewTicket:
    fields = {
        "name": "가람",
        "mode": "duel",
        "gateway_id": "gateway1",
        "request_key": "k1",
        "traceparent": "",
    }
    return NewTicket(ticket_id=new_id(), player_id=player_id or new_id(), conn_id=3, **{**fields, **changes})


async def test_a_join_makes_a_ticket_with_the_stored_rating_and_wakes_the_matcher(stage: Stage) -> None:
    wanted = wish()
    stage.ratings.mus[wanted.player_id] = 1712.5
    joined = await stage.intake.join(wanted)
    row = stage.tickets.rows[joined.ticket_id]
    assert (row.ticket.rating, row.ticket.conn_id, row.ticket.name) == (1712.5, 3, "가람")
    assert stage.wakes == [1]
    assert stage.mirror.mode_of(joined.ticket_id) == "duel"


async def test_the_joins_of_one_turn_share_one_rating_read_and_one_trip(stage: Stage) -> None:
    await asyncio.gather(*(stage.intake.join(wish()) for _ in range(20)))
    assert [count for count, _ in stage.tickets.trips] == [20]
    assert [len(players) for _, players in stage.ratings.reads] == [20]


@pytest.mark.parametrize(("took_s", "left_ms"), [(0.0625, 188), (0.5, 100)])
async def test_the_time_the_ratings_took_is_taken_from_the_redis_budget(
    stage: Stage, took_s: float, left_ms: int
) -> None:
    class Slow(MemoryRatings):
        async def read(self, mode: str, player_ids: Sequence[str]) -> dict[str, float]:
            stage.clock.now_s += took_s
            return {}

    stage.intake._ratings = RatingCache(Slow(), newcomer_mu=1500.0, clock=stage.clock, stance=OLD_RATINGS)
    await stage.intake.join(wish())
    assert stage.tickets.trips == [(1, left_ms)]


async def test_the_same_request_key_gives_the_same_ticket(stage: Stage) -> None:
    wanted = wish()
    first = await stage.intake.join(wanted)
    assert (await stage.intake.join(wanted)).ticket_id == first.ticket_id


async def test_a_waiting_player_can_not_join_again(stage: Stage) -> None:
    wanted = wish()
    await stage.intake.join(wanted)
    with pytest.raises(AlreadyQueued):
        await stage.intake.join(wish(wanted.player_id, request_key="k2"))


async def test_a_player_in_a_match_can_not_join(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    plan = await claimed_plan(stage.tickets, pair)
    with pytest.raises(AlreadyInMatch):
        await stage.intake.join(wish(pair[0].player_id, request_key="k2"))
    stage.tickets.claims.clear()
    stage.live.run(plan.match_id)
    with pytest.raises(AlreadyInMatch):
        await stage.intake.join(wish(pair[0].player_id, request_key="k2"))


async def test_a_guard_of_a_match_that_is_nowhere_does_not_lock_the_player_out(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    await claimed_plan(stage.tickets, pair)
    stage.tickets.claims.clear()
    joined = await stage.intake.join(wish(pair[0].player_id, request_key="k2"))
    assert stage.tickets.guards[pair[0].player_id] == f"ticket:{joined.ticket_id}"
    assert stage.tickets.guards[pair[1].player_id].startswith("match:")


async def test_a_stopped_redis_is_unavailable(stage: Stage) -> None:
    stage.tickets.failing = True
    with pytest.raises(Unavailable):
        await stage.intake.join(wish())
    with pytest.raises(Unavailable):
        await stage.intake.cancel(new_id(), "")


async def test_a_cancel_takes_the_ticket_and_a_second_one_finds_nothing(stage: Stage) -> None:
    wanted = wish()
    joined = await stage.intake.join(wanted)
    assert await stage.intake.cancel(wanted.player_id, "") == joined.ticket_id
    assert stage.mirror.mode_of(joined.ticket_id) == ""
    with pytest.raises(NotQueued):
        await stage.intake.cancel(wanted.player_id, "")
