"""session이 드레인하거나 죽는 동안의 resume: 그 서버의 판은 이어지고, 사라진 서버의 판은 곧 무효다."""

from __future__ import annotations

import asyncio
import time

from hanpan_client import MatchAborted, Reconnected
from stack.runtime import Runtime
from tests.e2e.players import Lobby, ended, meet

# 2초 안에 정한다. 기계가 바쁜 몫을 더한다.
DECIDED_WITHIN_S = 3.0


async def test_a_severed_player_resumes_into_a_match_of_a_draining_server(faults: Runtime) -> None:
    async with Lobby() as lobby:
        one, two = await lobby.client(), await lobby.client()
        found = (await meet(one, two, mode="arena"))[0]
        await one.wait_state(lambda world: world.tick > 0)
        stopping = asyncio.create_task(asyncio.to_thread(faults.stop, found.session))
        three, four = await lobby.client(), await lobby.client()
        async with asyncio.timeout(20):
            while (other := (await meet(three, four))[0]).session == found.session:  # 아직 드레인 전이다
                await three.leave(other.match_id)
                await asyncio.gather(ended(three, other.match_id), ended(four, other.match_id))

        one.sever()
        assert (await one.wait_for(Reconnected)).resumed
        assert one.match_id == found.match_id
        seq = await one.send_input(1, 0)
        await one.wait_state(lambda world: world.last_input_seq >= seq)
        result = await ended(one, found.match_id)
        assert (result.status, result.results) == ("finalized", (await ended(two, found.match_id)).results)
        await stopping


async def test_the_match_of_a_dead_server_is_lost_within_two_seconds_for_those_there_and_those_who_return(
    faults: Runtime,
) -> None:
    async with Lobby() as lobby:
        one, two = await lobby.client(), await lobby.client()
        found = (await meet(one, two, mode="arena"))[0]
        await one.wait_state(lambda world: world.tick > 0)
        token = two.resume_token
        await two.close()
        returning = await lobby.raw()
        await asyncio.to_thread(faults.kill, found.session)
        killed_s = time.monotonic()
        refused = await returning.ask("resume", "resumed", resume_token=token, last_tick=0)
        assert (refused["t"], refused.get("code")) == ("error", "SESSION_LOST")
        assert await returning.close_code() == 4410
        aborted = await one.wait_for(MatchAborted)
        assert (aborted.match_id, aborted.code) == (found.match_id, "SESSION_LOST")
        assert time.monotonic() - killed_s < DECIDED_WITHIN_S
