"""봇 무리를 진짜 소켓 위에서: 몫을 두고, 실패하면 다시 오고, 멈추라면 기권하고 나온다."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bots import swarm as crew_module
from bots.swarm import Swarm, SwarmPlan, SwarmRefusedError
from tests.fakes.game_server import FakeGateway, fake_gateway, found, in_turn, refusal, result, start
from tests.fakes.http_server import FakeHttp, answer, fake_http

ACCOUNT = {"player_id": "p1", "name": "봇", "access_token": "token", "expires_in_s": 60}
GUEST = answer("201 Created", ACCOUNT, "Content-Type: application/json")
WAIT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPlan(SwarmPlan):
    """HTTP와 소켓의 주소가 다른 계획."""

    gateway_url: str = ""

    @property
    def ws_url(self) -> str:
        return self.gateway_url


@dataclass
class Server:
    """가짜 LB의 두 얼굴."""

    http: FakeHttp
    gateway: FakeGateway

    def crew(self, *, matches: int | None = None, count: int = 1) -> Swarm:
        self.http.answers.extend([GUEST] * 10)
        return Swarm(
            SplitPlan(
                base_url=self.http.base_url, gateway_url=self.gateway.url, count=count, mode="duel",
                matches=matches, seed=7,
            )
        )  # fmt: skip

    async def seat(self, number: int) -> None:
        """`number`째 join을 기다려 판에 앉힌다."""
        await self.gateway.wait_received("queue.join", count=number)
        await self.gateway.push(found(f"m{number}"), start(f"m{number}"))


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew_module, "PAUSE_BASE_S", 0.01)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with fake_http() as http, fake_gateway() as gateway:
        yield Server(http, gateway)


async def finish(running: asyncio.Task[None]) -> None:
    async with asyncio.timeout(WAIT_S):
        await running


async def test_a_bot_plays_its_share_and_leaves(server: Server) -> None:
    crew = server.crew(matches=2)
    running = asyncio.create_task(crew.run())
    for number in (1, 2):
        await server.seat(number)
        await server.gateway.push(result(f"m{number}"))
    await finish(running)
    assert (crew.tally.finished, crew.tally.errors.total()) == (2, 0)
    assert (crew.tally.waiting, crew.tally.playing) == (0, 0)


async def test_a_stopped_bot_concedes_its_match_and_hears_its_end(server: Server) -> None:
    crew = server.crew()
    running = asyncio.create_task(crew.run())
    await server.seat(1)
    async with asyncio.timeout(WAIT_S):
        while crew.tally.playing == 0:  # noqa: ASYNC110 - 셈이 바뀌기를 기다린다
            await asyncio.sleep(0.01)
    crew.stop()
    (leave,) = await server.gateway.wait_received("leave")
    assert leave["match_id"] == "m1"
    await server.gateway.push(result("m1"))
    await finish(running)
    assert (crew.tally.finished, crew.tally.errors.total()) == (1, 0)


async def test_a_bot_stopped_while_waiting_just_goes(server: Server) -> None:
    crew = server.crew()
    running = asyncio.create_task(crew.run())
    await server.gateway.wait_received("queue.join")
    crew.stop()
    await finish(running)
    assert (crew.tally.finished, crew.tally.errors.total()) == (0, 0)


async def test_a_ticket_that_timed_out_is_asked_for_again(server: Server) -> None:
    crew = server.crew(matches=1)
    running = asyncio.create_task(crew.run())
    await server.gateway.wait_received("queue.join")
    await server.gateway.push({"t": "queue.timeout", "ticket_id": "t1"})
    await server.seat(2)
    await server.gateway.push(result("m2"))
    await finish(running)
    assert crew.tally.finished == 1


async def test_a_bot_that_is_still_in_a_match_plays_that_one(server: Server) -> None:
    server.gateway.answers["queue.join"] = refusal("ALREADY_IN_MATCH")
    crew = server.crew(matches=1)
    running = asyncio.create_task(crew.run())
    await server.seat(1)
    await server.gateway.push(result("m1"))
    await finish(running)
    assert (crew.tally.finished, crew.tally.errors.total()) == (1, 0)


async def test_a_refused_bot_is_counted_and_comes_back(server: Server) -> None:
    joined = server.gateway.answers["queue.join"]
    server.gateway.answers["queue.join"] = in_turn(refusal("UNAVAILABLE"), joined)
    crew = server.crew(matches=1)
    running = asyncio.create_task(crew.run())
    await server.seat(2)
    await server.gateway.push(result("m2"))
    await finish(running)
    assert crew.tally.finished == 1
    assert crew.tally.errors == {"UNAVAILABLE": 1}


async def test_a_mode_the_server_does_not_know_ends_the_whole_crew(server: Server) -> None:
    server.gateway.answers["queue.join"] = refusal("INVALID_ARGUMENT")
    with pytest.raises(SwarmRefusedError, match="duel"):
        await asyncio.wait_for(server.crew(count=3).run(), WAIT_S)


async def test_the_same_seed_brings_the_same_bots(server: Server) -> None:
    for times in (1, 2):
        crew = server.crew(matches=1)
        running = asyncio.create_task(crew.run())
        await server.gateway.wait_received("queue.join", count=times)
        crew.stop()
        await finish(running)
    bodies = {body for _, _, body in server.http.requests}
    assert (len(server.http.requests), len(bodies)) == (2, 1)
    assert b'"device_id":"bot-7-duel-0"' in bodies.pop()
