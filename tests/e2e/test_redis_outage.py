"""Redis가 죽거나 얼어붙어도 도는 판은 끝까지 가고 결과가 쓰인다. 새 청은 곧바로 거절되고, 돌아오면 된다."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from load.crowd import join_patiently
from stack.runtime import Runtime
from tests.e2e.players import WAIT_S, Lobby, RawSocket, found_together, meet, play_out

# 예산은 250 ms다. 느린 기계와 LB의 몫을 더해도 멈춰 있는 것(수 초)과는 가려진다.
FAST_S = 1.0


async def refused_fast(socket: RawSocket, request: str, answer: str, **fields: Any) -> None:
    """곧바로 UNAVAILABLE과 다시 물을 때를 듣는다."""
    began_s = time.monotonic()
    error = await socket.ask(request, answer, **fields)
    took_s = time.monotonic() - began_s
    assert (error["t"], error.get("code")) == ("error", "UNAVAILABLE"), error
    assert error["retry_after_ms"] > 0
    assert took_s < FAST_S, f"{request}가 {took_s:.2f}초 걸렸다"


async def step_down(socket: RawSocket) -> None:
    """줄에 없음이 확실해질 때까지 물러난다. 얼어 있던 Redis에는 늦은 청이 반영되었을 수 있다."""
    async with asyncio.timeout(WAIT_S):
        while (answer := await socket.ask("queue.cancel", "queue.cancelled"))["t"] == "error":
            if answer["code"] == "NOT_QUEUED":
                return
            assert answer["code"] == "UNAVAILABLE"
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("how", ["kill", "pause"])
async def test_running_matches_end_and_new_calls_are_refused_at_once_while_redis_is_away(
    faults: Runtime, how: str
) -> None:
    async with Lobby() as lobby:
        one, two = await lobby.apart()
        idle, waiting, returning = await lobby.greeted(), await lobby.greeted(), await lobby.raw()
        match_id = (await meet(one, two))[0].match_id
        await waiting.ask("queue.join", "queue.joined", mode="duel")
        resume_token = one.resume_token
        await one.wait_state(lambda world: world.tick > 0)
        await asyncio.to_thread(faults.kill if how == "kill" else faults.pause, "redis")

        results = asyncio.create_task(play_out(one, two))
        for _ in range(3):
            await refused_fast(idle, "queue.join", "queue.joined", mode="duel")
            await refused_fast(waiting, "queue.cancel", "queue.cancelled")
        await refused_fast(returning, "resume", "resumed", resume_token=resume_token, last_tick=0)
        assert await returning.close_code() == 4503
        assert await idle.is_alive()
        first, second = await results
        assert first.results == second.results
        assert (first.match_id, first.status) == (match_id, "finalized")
        assert (one.reconnects, two.reconnects) == (0, 0)

        await asyncio.to_thread(faults.start if how == "kill" else faults.unpause, "redis")
        await asyncio.gather(step_down(idle), step_down(waiting))
        three, four = await lobby.client(), await lobby.client()
        async with asyncio.timeout(WAIT_S):  # 막 살아난 Redis는 느릴 수 있다
            await asyncio.gather(join_patiently(three, "duel"), join_patiently(four, "duel"))
        await found_together(three, four)
        await play_out(three, four)
        await until_nothing_is_pending(faults)


async def until_nothing_is_pending(stack: Runtime) -> None:
    """일지의 결과가 모두 쓰일 때까지 기다린다."""
    command = ["python", "manage.py", "pending_results", "--json"]
    async with asyncio.timeout(WAIT_S):
        while True:
            if not json.loads(await asyncio.to_thread(stack.execute, "platform", command))["count"]:
                return
            await asyncio.sleep(0.2)
