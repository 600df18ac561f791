"""매칭의 고리: join에 깨어 판을 짜고 잡으며, Redis가 멈추면 물러났다가 스스로 돌아온다."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from gameservices.matchmaking.director import match_loop
from gameservices.matchmaking.director.allocator import Allocator
from gameservices.matchmaking.director.claimed_matches import ClaimedMatches
from gameservices.matchmaking.director.housekeeping import Housekeeping
from gameservices.matchmaking.director.match_loop import LoopIdentity, MatchLoop
from gameservices.matchmaking.director.placement import MatchPlacement
from gameservices.matchmaking.director.recovery import RECOVER_AFTER_MS, Recovery
from gameservices.matchmaking.director.upkeep import Upkeep
from gameservices.matchmaking.queue.queue_mirror import QueueMirror
from gameservices.matchmaking.queue.watch_hub import GatewayStream, WatchHub
from hanpan.v1.matchmaking_pb2 import WatchEvent
from kernel.errors import Unavailable
from redisstore import keys
from redisstore.tickets.rows import Claimed, ClaimRequest, Conflict, Ticket
from resilience.retry import RetryPolicy
from tests.fakes.manual_clock import ManualClock
from tests.fakes.matchmaking_stage import (
    MODES,
    REGION,
    MemoryLive,
    MemoryServers,
    ScriptedSessions,
    claimed_plan,
    queued,
)
from tests.fakes.memory_tickets import MemoryTickets


@dataclass
class LosingTickets(MemoryTickets):
    """claim의 답을 `lost_replies`번 잃는다(반영은 된다). `rivals`는 claim 바로 앞에 끼어든다."""

    lost_replies: int = 0
    rivals: list[Callable[[], None]] = field(default_factory=list)

    async def claim(
        self, owner: str, requests: Sequence[ClaimRequest]
    ) -> list[Claimed | Conflict | Unavailable]:
        for rival in self.rivals:
            rival()
        self.rivals.clear()
        replies = await super().claim(owner, requests)
        if self.lost_replies:
            self.lost_replies -= 1
            raise Unavailable
        return replies


@dataclass
class Stage:
    tickets: LosingTickets
    servers: MemoryServers
    mirror: QueueMirror
    maker: MatchPlacement
    loop: MatchLoop
    stream: GatewayStream
    clock: ManualClock
    _told: list[WatchEvent] = field(default_factory=list)

    async def found(self) -> list[str]:
        """다음에 알려진 판의 표들."""
        event = await self.told()
        return sorted(seat.ticket_id for seat in event.match_found.seats)

    async def told(self) -> WatchEvent:
        """다음 통지 하나."""
        if not self._told:
            self._told += await self.stream.next(timeout_s=5)
        assert self._told, "알려진 것이 없다"
        return self._told.pop(0)

    async def passes(self, count: int) -> None:
        """고리가 `count`바퀴 더 돌 때까지 깨우며 기다린다."""
        target = self.tickets.looks + count
        async with asyncio.timeout(5):
            while self.tickets.looks < target:
                self.loop.wake()
                await asyncio.sleep(0.001)


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(match_loop, "BACKOFF", RetryPolicy(base_ms=1, cap_ms=1000))
    tickets, servers, live, hub = LosingTickets(), MemoryServers(), MemoryLive(), WatchHub()
    sessions, allocator, clock = ScriptedSessions(servers), Allocator(servers), ManualClock()
    woken = asyncio.Event()
    mirror = QueueMirror(tickets, list(MODES))
    maker = MatchPlacement(
        tickets=tickets, allocator=allocator, sessions=sessions, hub=hub, clock=clock, wake_matcher=woken.set
    )
    claimed = ClaimedMatches(
        tickets=tickets, allocator=allocator, sessions=sessions, live=live, region=REGION, modes=MODES
    )
    loop = MatchLoop(
        LoopIdentity("mm1", REGION, MODES),
        tickets=tickets,
        mirror=mirror,
        placement=maker,
        upkeep=Upkeep(
            housekeeping=Housekeeping(tickets=tickets, mirror=mirror, hub=hub, ticket_timeout_ms=60_000),
            recovery=Recovery(claimed, maker),
        ),
        clock=clock,
        woken=woken,
    )  # fmt: skip
    yield Stage(tickets, servers, mirror, maker, loop, hub.open("gateway1"), clock)
    await loop.stop()
    await maker.drain()


def names(tickets: Sequence[Ticket]) -> list[str]:
    return sorted(ticket.ticket_id for ticket in tickets)


async def test_two_waiting_players_are_matched_without_anyone_waking_the_loop(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    stage.loop.start()
    assert await stage.found() == names(pair)
    assert stage.loop.has_looked


async def test_a_wake_is_enough_to_match_those_who_came_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match_loop, "PASS_EVERY_S", 60.0)
    stage.loop.start()
    await stage.passes(2)
    pair = await queued(stage.tickets)
    stage.loop.wake()
    assert await stage.found() == names(pair)


async def test_a_full_arena_and_a_duel_are_formed_in_one_pass(stage: Stage) -> None:
    arena = await queued(stage.tickets, 4, mode="arena")
    duel = await queued(stage.tickets)
    stage.loop.start()
    assert sorted([await stage.found(), await stage.found()]) == sorted([names(arena), names(duel)])


async def test_only_as_many_matches_start_as_there_is_room_for_and_the_rest_follow(stage: Stage) -> None:
    stage.maker._max_in_flight = 2
    await queued(stage.tickets, 10)
    stage.loop.start()
    seated = {name for _ in range(5) for name in await stage.found()}
    assert len(seated) == 10


async def test_players_another_matcher_took_are_left_to_it(stage: Stage) -> None:
    taken, left, late = await queued(stage.tickets, 3)

    def rival() -> None:
        stage.tickets.guards[taken.player_id] = "match:other"

    stage.tickets.rivals.append(rival)
    stage.tickets.names["duel"] = {taken.ticket_id: 1, left.ticket_id: 2}
    stage.loop.start()
    await stage.passes(3)
    del stage.tickets.names["duel"][taken.ticket_id]
    stage.tickets.names["duel"][late.ticket_id] = late.joined_ms
    stage.loop.wake()
    assert await stage.found() == names([left, late])
    assert stage.tickets.guards[taken.player_id] == "match:other"


async def test_a_match_of_a_ticket_that_moved_meanwhile_is_told_to_its_new_owner(stage: Stage) -> None:
    """다른 인스턴스가 옮긴 표다: 기억이 낡은 claim은 물러나고, 다시 읽은 뒤에 잡는다."""
    moved, stays = await queued(stage.tickets)

    def rival() -> None:
        row = stage.tickets.rows[moved.ticket_id]
        row.ticket = replace(row.ticket, conn_id=9)

    stage.tickets.rivals.append(rival)
    stage.loop.start()
    event = await stage.told()
    assert {seat.player_id: seat.conn_id for seat in event.match_found.seats} == {
        moved.player_id: 9,
        stays.player_id: stays.conn_id,
    }


async def test_a_claim_whose_reply_was_lost_is_asked_again_and_not_made_twice(stage: Stage) -> None:
    stage.tickets.lost_replies = 2
    pair = await queued(stage.tickets)
    stage.loop.start()
    assert await stage.found() == names(pair)
    assert len(stage.tickets.claims) == 1


async def test_a_stopped_redis_is_survived_without_a_restart(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.tickets.failing = True
    stage.loop.start()
    await stage.passes(4)
    assert stage.loop.has_looked, "Redis가 없어도 준비됨이다"
    stage.tickets.failing = False
    pair = await queued(stage.tickets)
    assert await stage.found() == names(pair)
    printed = capsys.readouterr().out
    assert printed.count("match_loop.unavailable") == 1
    assert "match_loop.healthy" in printed


async def test_a_bug_does_not_end_the_loop(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(match_loop, "BACKOFF", RetryPolicy(base_ms=1, cap_ms=1))
    real_look, failures = stage.mirror.look, [ZeroDivisionError()]

    async def look() -> object:
        if failures:
            raise failures.pop()
        return await real_look()

    monkeypatch.setattr(stage.mirror, "look", look)
    pair = await queued(stage.tickets)
    stage.loop.start()
    assert await stage.found() == names(pair)
    assert "match_loop.failed" in capsys.readouterr().out


async def test_nobody_is_reaped_before_the_gateways_had_time_to_come_back(stage: Stage) -> None:
    await queued(stage.tickets, 1)
    stage.tickets.leases.clear()
    stage.loop.start()
    await stage.passes(3)
    assert len(stage.tickets.names["duel"]) == 1
    stage.clock.now_s += match_loop.REAP_AFTER_HEALTHY_S + 1
    assert (await stage.told()).HasField("queue_timeout")
    assert keys.GATEWAY_LEASE_MS / 1000 < match_loop.REAP_AFTER_HEALTHY_S


async def test_the_claims_of_a_dead_matchmaker_are_recovered_by_the_loop(stage: Stage) -> None:
    pair = await queued(stage.tickets)
    await claimed_plan(stage.tickets, pair)
    stage.tickets.now_ms += RECOVER_AFTER_MS
    stage.loop.start()
    assert await stage.found() == names(pair)


async def test_a_long_line_is_formed_off_the_loop(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match_loop, "THREAD_FROM_TICKETS", 1)
    pair = await queued(stage.tickets)
    stage.loop.start()
    assert await stage.found() == names(pair)
