"""닫힌 소켓은 순환 수집기를 기다리지 않고 사라진다: 수집기를 드물게 돌려도 메모리가 쌓이지 않는다."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from gateway.websocket.connection import Connection
from gateway.websocket.wire import PlayerSocketProtocol
from kernel.errors import Unavailable
from kernel.ids import new_id
from tests.fakes.gateway_stage import Stage


@pytest.fixture
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def refuse_in_every_way(stage: Stage) -> None:
    """짝짓기, 포기, 자리, 저장소가 거절한 소켓들."""
    async with stage.gateway.player(new_id()) as refused:
        stage.matchmaking.refusal = Unavailable()
        assert (await refused.ask("queue.join", mode="duel"))["code"] == "UNAVAILABLE"
        stage.matchmaking.refusal = None
        assert (await refused.ask("queue.cancel"))["code"] == "NOT_QUEUED"
    async with stage.gateway.client() as returning:
        token = f"rs1.{new_id()}.{new_id()}.secret"
        assert (await returning.ask("resume", resume_token=token, last_tick=0))["code"] == "RESUME_INVALID"
    match_id, player_id = new_id(), new_id()
    token = stage.redis.open_match(match_id, [player_id], stage.session.address)[player_id].resume_token
    async with stage.gateway.client() as returning:  # session이 모르는 판이라 앉지 못한다
        assert (await returning.ask("resume", resume_token=token, last_tick=0))["code"] == "SESSION_LOST"


async def displace_one_of_many(stage: Stage) -> None:
    """상한을 넘어 물러난 소켓과 남은 소켓들."""
    player_id = new_id()
    async with AsyncExitStack() as open_until:
        sockets = [await open_until.enter_async_context(stage.gateway.player(player_id)) for _ in range(6)]
        assert await sockets[0].close_code() == 4409


def alive(kind: type) -> int:
    return sum(type(each) is kind for each in gc.get_objects())


@pytest.mark.usefixtures("_no_collector")
@pytest.mark.parametrize("kind", [PlayerSocketProtocol, Connection])
async def test_a_closed_socket_is_freed_without_the_collector(stage: Stage, kind: type) -> None:
    async with stage.gateway.player(new_id()) as idle, stage.gateway.player(new_id()) as waiting:
        await waiting.ask("queue.join", mode="duel")
        await idle.ask("ping")
        await stage.until(lambda: alive(kind) == 2)
    async with stage.gateway.client() as stranger:
        await stranger.send("hello", token="틀린 토큰")
        await stranger.close_code()
    await refuse_in_every_way(stage)
    await displace_one_of_many(stage)
    players = [new_id(), new_id()]
    async with stage.gateway.player(players[0]) as one, stage.gateway.player(players[1]) as two:
        await stage.play(dict(zip(players, (one, two), strict=True)))
    await stage.until(lambda: alive(kind) == 0)
