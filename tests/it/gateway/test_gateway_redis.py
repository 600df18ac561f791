"""gateway가 진짜 Redis로 하는 일: 주소 제한, 자리의 토큰, 그리고 Redis가 얼었을 때."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from websockets.exceptions import InvalidStatus

from gateway.seats.session_links import SERVERS_FRESH_S
from kernel.ids import new_id
from redisstore import keys
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.seats import SeatStore
from redisstore.servers.registry import ServerRegistry, ServerReport
from tests.fakes.gateway_stage import Stage, gateway_stage
from tests.fakes.redis_process import RedisProcess
from tests.fakes.session_server import SNAPSHOT
from tests.it.redisstore.match_making import opening

REGION = "local"
CROWD = 12


async def live_match(stage: Stage, redis_client: AsyncRedis, player_id: str) -> tuple[str, str]:
    """이 선수가 매인 도는 판. 판의 번호와 첫 토큰을 준다."""
    match_id = new_id()
    stage.session.open_match(match_id, [player_id])
    seats = SeatStore(RedisGate(redis_client))
    grants = await seats.open_match(opening(match_id, [player_id], address=stage.session.address))
    await redis_client.set(keys.player_guard(REGION, player_id), f"match:{match_id}")
    return match_id, grants[player_id].resume_token


async def test_an_address_that_knocks_too_often_is_refused(redis_client: AsyncRedis, stage: Stage) -> None:
    app = stage.gateway.app
    app.connect_limit._burst = 3
    app.connect_limit._rate_per_s = 0.01
    headers = {"X-Forwarded-For": "198.51.100.20"}
    statuses = []
    for _ in range(4):
        try:
            async with stage.gateway.connect(additional_headers=headers):
                statuses.append(101)
        except InvalidStatus as refused:
            statuses.append(refused.response.status_code)
    assert statuses == [101, 101, 101, 429]
    async with stage.gateway.connect(additional_headers={"X-Forwarded-For": "198.51.100.21"}):
        pass


async def test_hello_and_resume_pass_the_seat_on_with_growing_epochs(
    redis_client: AsyncRedis, stage: Stage
) -> None:
    player_id = new_id()
    match_id, first_token = await live_match(stage, redis_client, player_id)
    async with stage.gateway.player(player_id) as one:
        token = (await one.until("match.found"))["resume_token"]
        await one.until_state()
        async with stage.gateway.client() as two:
            resumed = await two.ask("resume", resume_token=token, last_tick=0)
            assert resumed["match_id"] == match_id
            assert await two.until_state() == SNAPSHOT
            assert await one.close_code() == 4409
            assert stage.session.matches[match_id].epochs[player_id] == 3
    async with stage.gateway.client() as late:
        answer = await late.ask("resume", resume_token=first_token, last_tick=0)
        assert answer["code"] == "RESUME_INVALID"


async def test_a_lost_reply_locks_nobody_out_until_the_first_frame(
    redis_client: AsyncRedis, stage: Stage
) -> None:
    _, token = await live_match(stage, redis_client, new_id())
    async with stage.gateway.client() as lost:
        await lost.send("resume", resume_token=token, last_tick=0)
        await lost.until("resumed")
    async with stage.gateway.client() as again:
        second = await again.ask("resume", resume_token=token, last_tick=0)
        assert second["t"] == "resumed"
        await again.send("input", seq=1, dx=0, dy=0)
        await stage.session.wait_for(lambda: bool(stage.session.items("input")))
        async with stage.gateway.client() as late:
            answer = await late.ask("resume", resume_token=token, last_tick=0)
            assert answer["code"] == "RESUME_INVALID"


async def test_of_many_racing_resumes_one_seat_is_left(redis_client: AsyncRedis, stage: Stage) -> None:
    player_id = new_id()
    match_id, token = await live_match(stage, redis_client, player_id)

    async def race() -> str:
        async with stage.gateway.client() as client:
            answer = await client.ask("resume", resume_token=token, last_tick=0)
            return str(answer.get("code", answer["t"]))

    answers = await asyncio.gather(*(race() for _ in range(8)))
    assert "resumed" in answers
    assert set(answers) <= {"resumed", "SUPERSEDED", "RESUME_INVALID"}
    seat = stage.session.matches[match_id]
    epoch = int((await redis_client.hget(keys.resume(match_id, player_id), "epoch")) or 0)
    assert seat.epochs[player_id] == epoch


async def test_the_registry_finds_the_server_that_knows_the_result(
    redis_client: AsyncRedis, stage: Stage
) -> None:
    async with stage.gateway.player(new_id()) as client:
        match_id = new_id()
        assert (await client.ask("finalize", match_id=match_id))["code"] == "UNAVAILABLE"
        report = ServerReport(
            server_id="session1",
            address=stage.session.address,
            state="ready",
            capacity=10,
            running=0,
            version="1",
        )
        await ServerRegistry(RedisGate(redis_client), REGION).heartbeat(report)
        await asyncio.sleep(SERVERS_FRESH_S)  # 기억한 목록이 낡기를 기다린다
        assert (await client.ask("finalize", match_id=match_id))["code"] == "NOT_FOUND"


async def test_while_redis_is_frozen_sockets_open_and_resume_is_unavailable_at_once(
    redis_client: AsyncRedis, private_redis: RedisProcess, stage: Stage
) -> None:
    _, token = await live_match(stage, redis_client, new_id())
    private_redis.freeze()
    try:
        asked_at_s = time.monotonic()
        async with stage.gateway.player(new_id()) as client:
            assert (await client.until("error"))["code"] == "UNAVAILABLE"
            assert (await client.ask("ping", ts=1))["t"] == "pong"
        async with stage.gateway.client() as returning:
            answer = await returning.ask("resume", resume_token=token, last_tick=0)
            assert answer["code"] == "UNAVAILABLE"
            assert await returning.close_code() == 4503
        assert time.monotonic() - asked_at_s < 3.0
    finally:
        private_redis.thaw()


async def test_a_running_match_goes_on_while_redis_is_frozen(
    redis_client: AsyncRedis, private_redis: RedisProcess, stage: Stage
) -> None:
    player_id = new_id()
    match_id, _ = await live_match(stage, redis_client, player_id)
    async with stage.gateway.player(player_id) as client:
        await client.until_state()
        private_redis.freeze()
        try:
            for number in range(30):
                stage.session.push(match_id, SNAPSHOT + bytes([number]))
                assert await client.until_state() == SNAPSHOT + bytes([number])
                await client.send("input", seq=number + 1, dx=0, dy=0)
                await asyncio.sleep(0.05)
        finally:
            private_redis.thaw()
        await stage.session.wait_for(lambda: len(stage.session.items("input")) == 30)


async def test_a_crowd_plays_and_nobody_hears_anothers_match(redis_client: AsyncRedis) -> None:
    async with gateway_stage() as stage:
        contexts = {
            player_id: stage.gateway.player(player_id) for player_id in (new_id() for _ in range(CROWD))
        }
        clients = {player_id: await context.__aenter__() for player_id, context in contexts.items()}
        ids = list(clients)
        matches = {}
        for one, two in zip(ids[::2], ids[1::2], strict=True):
            match_id = await stage.play({one: clients[one], two: clients[two]})
            matches[one] = matches[two] = match_id
        for match_id in set(matches.values()):
            stage.session.push(match_id, bytes([1, 1]) + match_id.encode())
        for player_id, client in clients.items():
            assert (await client.until_state())[2:].decode() == matches[player_id]
        for context in contexts.values():
            await context.__aexit__(None, None, None)


@pytest.mark.parametrize("body", [{"t": "hello"}, {"t": "resume", "resume_token": "rs1.x"}])
async def test_refusals_do_not_need_redis(
    stage: Stage, private_redis: RedisProcess, body: dict[str, str]
) -> None:
    private_redis.freeze()
    try:
        async with stage.gateway.client() as client:
            await client.socket.send(json.dumps(body))
            assert (await client.until("error"))["code"] in {"UNAUTHENTICATED", "RESUME_INVALID"}
    finally:
        private_redis.thaw()
