"""hello가 선수의 것을 잇는 고리: 무엇을 먼저 잇고, 모를 때 어떻게 다시 묻는가. 그리고 들은 결과를 적는 일."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from gateway import takeover as module
from gateway.queueing.tickets import Adoption
from gateway.takeover import GIVE_UP_AFTER_S, Takeover, ToldResults
from gateway.websocket.connection import Connection
from gateway.websocket.player_phase import ConnectedPlayer
from kernel.errors import HanpanError, NotInMatch, Superseded, Unavailable
from redisstore.tickets.rows import PlayerHold
from resilience.retry import RetryPolicy
from tests.fakes.manual_clock import ManualClock
from tests.unit.gateway.conftest import SentConnection, make_connection

PLAYER = ConnectedPlayer("p1", "가람")


class World:
    """바깥의 대답들. 차례로 쓰고 마지막 것은 남는다."""

    def __init__(self, clock: ManualClock) -> None:
        self.holds: list[PlayerHold | HanpanError] = [PlayerHold(None)]
        self.adoptions: list[Adoption | HanpanError] = [Adoption.DONE]
        self.rejoins: list[bool | HanpanError] = [True]
        self.results: list[bool | HanpanError] = [True]
        self.did: list[str] = []
        self.conn: SentConnection = make_connection(clock, player_id="p1")
        self.takeover = Takeover(holds=self, seats=self, endings=self, tickets=self, clock=clock)

    async def player_hold(self, player_id: str) -> PlayerHold:
        return _next(self.holds)

    async def told(self, player_id: str, match_id: str) -> bool:
        raise AssertionError

    async def rejoin(self, conn: Connection, player_id: str, match_id: str) -> bool:
        self.did.append(f"rejoin {match_id}")
        return _next(self.rejoins)

    async def tell_result(self, conn: Connection, player_id: str, match_id: str) -> bool:
        self.did.append(f"result {match_id}")
        return _next(self.results)

    def tell_lost(self, conn: Connection, match_id: str) -> None:
        self.did.append(f"lost {match_id}")

    async def adopt(self, conn: Connection, player: ConnectedPlayer, ticket_id: str) -> Adoption:
        self.did.append(f"adopt {ticket_id}")
        return _next(self.adoptions)

    async def run(self) -> list[str]:
        async with asyncio.timeout(5):
            await self.takeover.run(self.conn, PLAYER)
        return self.did


def _next(answers: list[Any]) -> Any:
    answer = answers.pop(0) if len(answers) > 1 else answers[0]
    if isinstance(answer, HanpanError):
        raise answer
    return answer


@pytest.fixture
def world(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> World:
    for name in ("SETTLING", "UNAVAILABLE"):
        monkeypatch.setattr(module, name, RetryPolicy(base_ms=0.1, cap_ms=0.1))
    return World(clock)


async def test_a_free_player_takes_nothing_over(world: World) -> None:
    assert await world.run() == []
    assert world.conn.sent() == []


async def test_a_ticket_comes_before_the_result_that_was_missed(world: World) -> None:
    world.holds = [PlayerHold("ticket:t1", "m0")]
    assert await world.run() == ["adopt t1", "result m0"]


async def test_a_missed_result_comes_alone_to_a_free_player(world: World) -> None:
    world.holds = [PlayerHold(None, "m0")]
    world.results = [False]
    assert await world.run() == ["result m0"]


async def test_a_live_match_comes_before_everything(world: World) -> None:
    world.holds = [PlayerHold("match:m1", "m0")]
    assert await world.run() == ["rejoin m1"]


async def test_a_match_in_the_making_is_asked_about_until_it_is_there(world: World) -> None:
    world.holds = [PlayerHold("match:m1")]
    world.rejoins = [False, False, True]
    world.adoptions = [Adoption.FORMING]
    assert await world.run() == ["rejoin m1", "adopt ", "rejoin m1", "adopt ", "rejoin m1"]


async def test_a_match_that_came_to_nothing_leaves_the_ticket(world: World) -> None:
    world.holds = [PlayerHold("match:m1"), PlayerHold("ticket:t1")]
    world.rejoins = [False]
    world.adoptions = [Adoption.FORMING, Adoption.DONE]
    assert await world.run() == ["rejoin m1", "adopt ", "adopt t1"]


async def test_a_ticket_claimed_between_the_question_and_the_adoption_leads_to_its_match(
    world: World,
) -> None:
    world.holds = [PlayerHold("ticket:t1"), PlayerHold("match:m1")]
    world.adoptions = [Adoption.FORMING]
    assert await world.run() == ["adopt t1", "rejoin m1"]


async def test_a_match_that_nobody_makes_or_holds_is_lost(world: World) -> None:
    world.holds = [PlayerHold("match:m1")]
    world.rejoins = [False]
    world.adoptions = [Adoption.NOTHING]
    assert await world.run() == ["rejoin m1", "adopt ", "lost m1"]


@pytest.mark.parametrize("where", ["holds", "adoptions", "rejoins", "results"])
async def test_what_is_down_is_told_once_and_asked_again(world: World, where: str) -> None:
    guard = {"adoptions": "ticket:t1", "rejoins": "match:m1"}.get(where)
    good = PlayerHold(guard, "m0" if where == "results" else "")
    world.holds = [good]
    answers = getattr(world, where)
    setattr(world, where, [Unavailable(), Unavailable(), *answers])
    await world.run()
    assert [frame["code"] for frame in world.conn.sent()] == ["UNAVAILABLE"]
    assert world.did == [] if where == "holds" else len(world.did) == 3


async def test_the_loser_of_a_race_for_the_seat_hears_bye(world: World) -> None:
    world.holds = [PlayerHold("match:m1")]
    world.rejoins = [Superseded()]
    await world.run()
    assert [frame["t"] for frame in world.conn.sent()] == ["bye", "close"]


async def test_a_match_the_player_left_is_not_returned_to(world: World) -> None:
    world.holds = [PlayerHold("match:m1"), PlayerHold(None)]
    world.rejoins = [NotInMatch()]
    assert await world.run() == ["rejoin m1"]
    assert world.conn.sent() == []


async def test_a_guard_that_never_settles_is_left_to_the_next_hello(world: World, clock: ManualClock) -> None:
    world.holds = [PlayerHold("ticket:t1")]
    world.adoptions = [Adoption.NOTHING]
    asked = asyncio.create_task(world.run())
    await until(lambda: len(world.did) >= 2)
    clock.now_s += GIVE_UP_AFTER_S
    assert set(await asked) == {"adopt t1"}


async def test_a_closing_socket_takes_nothing_more(world: World) -> None:
    world.conn.close(4900, "GOING_AWAY")
    world.holds = [PlayerHold("match:m1")]
    assert await world.run() == []


async def until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_true():  # noqa: ASYNC110 - 알려 줄 이가 없다
            await asyncio.sleep(0.001)


# ---- 들은 결과


class NotedHolds:
    """적힌 것들."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, str]] = []
        self.is_down = False

    async def player_hold(self, player_id: str) -> PlayerHold:
        return PlayerHold(None)

    async def told(self, player_id: str, match_id: str) -> bool:
        self.noted.append((player_id, match_id))
        if self.is_down:
            raise Unavailable
        return True


async def test_the_player_of_the_socket_has_heard_the_result(clock: ManualClock) -> None:
    holds = NotedHolds()
    told = ToldResults(holds)
    told.heard(make_connection(clock, player_id="p1"), "m1")
    told.heard(make_connection(clock), "m1")
    await asyncio.sleep(0)
    assert holds.noted == [("p1", "m1")]


async def test_what_cannot_be_noted_is_left_to_the_next_hello(clock: ManualClock) -> None:
    holds = NotedHolds()
    holds.is_down = True
    told = ToldResults(holds)
    told.heard(make_connection(clock, player_id="p1"), "m1")
    await asyncio.sleep(0)
    await told.stop()
    assert holds.noted == [("p1", "m1")]


async def test_a_socket_that_was_displaced_while_it_asked_takes_nothing_from_the_newer_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hold_while_it_closes(_player_id: str) -> PlayerHold:
        world.conn.close_superseded()
        return PlayerHold("ticket:t1", "m1")

    monkeypatch.setattr(world, "player_hold", hold_while_it_closes)
    assert await world.run() == []
