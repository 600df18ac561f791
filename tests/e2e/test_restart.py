"""프로세스가 떠나도 판은 남는다: gateway가 떠나면 다른 gateway로 잇고, session은 판을 끝내고 내려간다."""

from __future__ import annotations

import asyncio

import pytest

from hanpan_client import Bye, Disconnected, Reconnected
from stack.runtime import Runtime
from tests.e2e.players import Lobby, ended, meet, play_out

NEWCOMERS_AT_ONCE = 4


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_a_match_goes_on_when_its_gateway_leaves(faults: Runtime, how: str) -> None:
    async with Lobby() as lobby:
        one, two = await lobby.apart()
        leaving, staying = one.gateway, two.gateway
        match_id = (await meet(one, two, mode="arena"))[0].match_id
        await one.wait_state(lambda world: world.tick > 0)
        end_gateway = faults.stop if how == "stop" else faults.kill
        await asyncio.to_thread(end_gateway, leaving)

        lost = await one.wait_for(Disconnected)
        assert (await one.wait_for(Reconnected)).resumed
        assert (one.gateway, one.match_id) == (staying, match_id)
        if how == "stop":
            assert lost.close_code == 4900
            assert (await one.wait_for(Bye)).reconnect
        seq = await one.send_input(0, 1)
        await one.wait_state(lambda world: world.last_input_seq >= seq)
        assert two.reconnects == 0
        assert (await ended(one, match_id)).results == (await ended(two, match_id)).results


@pytest.mark.parametrize("has_players", [True, False])
async def test_a_gateway_that_leaves_turns_no_newcomer_away(faults: Runtime, has_players: bool) -> None:
    async with Lobby() as lobby:
        if has_players:
            await lobby.apart()
        newcomer = await lobby.guest()
        has_left = False

        async def keep_coming() -> int:
            """LB로 계속 새로 붙는다. 하나라도 실패하면 시험이 진다."""
            came = 0
            while not has_left:
                await (await lobby.greeted(newcomer)).close()
                came += 1
            return came

        coming = [asyncio.create_task(keep_coming()) for _ in range(NEWCOMERS_AT_ONCE)]
        await asyncio.to_thread(faults.stop, "gateway2")
        has_left = True
        assert all(came > 1 for came in await asyncio.gather(*coming))


async def test_a_session_server_finishes_its_match_before_it_leaves(faults: Runtime) -> None:
    async with Lobby() as lobby:
        one, two = await lobby.client(), await lobby.client()
        found = (await meet(one, two))[0]
        await one.wait_state(lambda world: world.tick > 0)
        stopping = asyncio.create_task(asyncio.to_thread(faults.stop, found.session))
        results = await play_out(one, two)
        assert results[0].results == results[1].results
        assert results[0].status == "finalized"
        await stopping

        again = await meet(one, two, mode="arena")
        assert again[0].session != found.session
        await two.leave(again[0].match_id)
        await ended(one, again[0].match_id)
