"""session을 부르는 채널: 나눠 쓰고, 사라진 서버의 것은 부름이 끝난 뒤 닫는다."""

from __future__ import annotations

import asyncio

import pytest

from gameservices.matchmaking.director.session_calls import SessionCalls
from hanpan.v1.common_pb2 import MatchPlayer
from hanpan.v1.session_pb2 import CreateMatchRequest
from kernel.errors import SessionDraining, Unavailable
from kernel.ids import new_id
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.servers.registry import ServerRegistry
from tests.fakes.roomless_session import roomless_session
from tests.fakes.watching_gateway import eventually
from tests.it.matchmaking.conftest import REGION


def request() -> CreateMatchRequest:
    return CreateMatchRequest(
        match_id=new_id(), mode="duel", region=REGION, players=[MatchPlayer(player_id=new_id())]
    )


async def test_a_call_in_flight_outlives_the_registration_of_its_server(redis_client: AsyncRedis) -> None:
    calls, wanted = SessionCalls(), request()
    async with roomless_session(redis_client, REGION, "session1") as session:
        await ServerRegistry(RedisGate(redis_client), REGION).allocate(wanted.match_id)
        session.stuck.clear()
        asking = asyncio.create_task(calls.create(session.address, wanted))
        await eventually(lambda: bool(session.asked), "session에 묻지 않았다")
        await calls.keep_only([])
        session.stuck.set()
        assert (await asking).match_id == wanted.match_id
        await calls.keep_only([])
        assert (await calls.create(session.address, wanted)).match_id == wanted.match_id
    await calls.close()


async def test_a_refusal_keeps_its_name_and_silence_is_unavailable(redis_client: AsyncRedis) -> None:
    calls = SessionCalls(deadline_s=0.2)
    async with roomless_session(redis_client, REGION, "session1") as session:
        session.refusal = SessionDraining()
        with pytest.raises(SessionDraining):
            await calls.create(session.address, request())
        session.stuck.clear()
        with pytest.raises(Unavailable):
            await calls.create(session.address, request())
        address = session.address
        session.stuck.set()
    with pytest.raises(Unavailable):
        await calls.create(address, request())
    await calls.close()
