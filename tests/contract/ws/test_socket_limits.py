"""소켓 수의 상한: 선수마다, 그리고 인사하지 않은 것은 주소마다. 누구도 남의 몫에 걸리지 않는다."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

import pytest
from websockets.exceptions import InvalidStatus

from kernel.ids import new_id
from tests.contract.ws.test_takeover import superseded, wait_in_line
from tests.fakes.gateway_process import Client
from tests.fakes.gateway_stage import Stage, gateway_stage

LIMIT = 5


async def answers(client: Client) -> bool:
    return bool((await client.ask("ping", ts=1))["t"] == "pong")


async def test_the_sixth_socket_of_a_player_sends_his_oldest_idle_one_away(stage: Stage) -> None:
    player_id = new_id()
    async with AsyncExitStack() as open_until:
        sockets = [
            await open_until.enter_async_context(stage.gateway.player(player_id)) for _ in range(LIMIT)
        ]
        other = await open_until.enter_async_context(stage.gateway.player(new_id()))
        assert all([await answers(client) for client in sockets])
        sockets.append(await open_until.enter_async_context(stage.gateway.player(player_id)))
        await superseded(sockets[0])
        assert all([await answers(client) for client in [*sockets[1:], other]])


async def test_the_socket_that_waits_in_the_line_is_not_the_one_that_goes(stage: Stage) -> None:
    player_id = new_id()
    async with AsyncExitStack() as open_until:
        idle = [await open_until.enter_async_context(stage.gateway.player(player_id)) for _ in range(LIMIT)]
        ticket_id = await wait_in_line(stage, idle[0], player_id)
        newest = await open_until.enter_async_context(stage.gateway.player(player_id))
        # 상한이 닫은 것은 빈손의 둘째이고, 첫째는 대기표를 넘겨주고서야 닫힌다.
        await superseded(idle[1])
        assert (await newest.until("queue.joined"))["ticket_id"] == ticket_id
        await superseded(idle[0])
        assert list(stage.matchmaking.tickets) == [ticket_id]
        assert all([await answers(client) for client in [*idle[2:], newest]])


async def test_a_crowd_of_one_players_sockets_neither_takes_his_seat_nor_bars_his_return(
    stage: Stage,
) -> None:
    player_id = new_id()
    async with AsyncExitStack() as open_until:
        playing = await open_until.enter_async_context(stage.gateway.player(player_id))
        match_id = await stage.play({player_id: playing})
        stage.redis.guards.pop(player_id)  # 뒤의 hello가 자리를 잇지 않게
        grant = await stage.redis.reissue(match_id, player_id)
        assert grant is not None
        for _ in range(3 * LIMIT):
            await open_until.enter_async_context(stage.gateway.player(player_id))
        assert await answers(playing)
        back = await open_until.enter_async_context(stage.gateway.client())
        resumed = await back.ask("resume", resume_token=grant.resume_token, last_tick=0)
        assert (resumed["t"], resumed["match_id"]) == ("resumed", match_id)
        await superseded(playing)


async def test_hundreds_of_sockets_at_once_leave_the_newest_few(stage: Stage) -> None:
    player_id, count = new_id(), 300
    async with AsyncExitStack() as open_until:
        other = await open_until.enter_async_context(stage.gateway.player(new_id()))
        gate = asyncio.Semaphore(32)

        async def one() -> Client:
            async with gate:
                return await open_until.enter_async_context(stage.gateway.player(player_id))

        await asyncio.gather(*(one() for _ in range(count)))
        await stage.until(lambda: len(stage.gateway.app.connections) == LIMIT + 1)
        assert await answers(other)
    await stage.until(lambda: not len(stage.gateway.app.connections))


async def test_sockets_that_never_say_hello_are_bounded_for_each_address() -> None:
    async with gateway_stage(greetings_per_address=3, hello_timeout_s=0.5) as stage:
        mine, theirs = ({"X-Forwarded-For": f"198.51.100.{last}"} for last in (7, 8))
        async with AsyncExitStack() as open_until:
            silent = [
                await open_until.enter_async_context(stage.gateway.client(additional_headers=mine))
                for _ in range(3)
            ]
            with pytest.raises(InvalidStatus) as refused:
                await open_until.enter_async_context(stage.gateway.client(additional_headers=mine))
            answer = refused.value.response
            assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
            assert b"RATE_LIMITED" in (answer.body or b"")
            await open_until.enter_async_context(stage.gateway.client(additional_headers=theirs))
            # 인사한 것도, 기한이 지나 닫힌 것도 자리를 돌려준다.
            await silent[0].hello(new_id())
            await open_until.enter_async_context(stage.gateway.client(additional_headers=mine))
            assert await silent[1].close_code() == 4401
            await stage.until(lambda: len(stage.gateway.app.connections) <= 2)
            late = await open_until.enter_async_context(stage.gateway.client(additional_headers=mine))
            await late.hello(new_id())
            assert await answers(silent[0])


async def test_sockets_that_come_at_the_same_moment_are_all_counted() -> None:
    async with gateway_stage(greetings_per_address=3) as stage, AsyncExitStack() as open_until:
        await stage.until(lambda: not len(stage.gateway.app.connections))

        async def knock() -> int:
            try:
                await open_until.enter_async_context(stage.gateway.client())
            except InvalidStatus as refused:
                return refused.response.status_code
            return 101

        answers_ = await asyncio.gather(*(knock() for _ in range(40)))
        assert Counter(answers_) == {101: 3, 429: 37}
