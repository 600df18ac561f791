"""gateway를 잃어도 판은 이어진다: 200명이 한꺼번에 옮기고, 얼어붙은 gateway는 LB가 끊는다.

200명이 duel의 순위표를 채우므로 순위표를 보는 화면의 시험(test_play_page)보다 뒤에 온다.
옮기는 동안의 틈과 잃거나 겹친 통지는 `-o log_cli=true -o log_cli_level=INFO`로 보인다.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, defaultdict
from itertools import pairwise

from websockets.exceptions import ConnectionClosed

from hanpan_client import (
    ClientOptions,
    Disconnected,
    HanpanClient,
    HeaderView,
    MatchAborted,
    MatchFound,
    MatchResult,
    MatchStart,
    Reconnected,
    StateView,
)
from load.figures import Spread
from stack.runtime import Runtime
from tests.e2e.players import MATCH_WAIT_S, WAIT_S, Lobby, ended, meet

log = logging.getLogger(__name__)

PLAYERS = 200
STATES_BEFORE = 5
# 목표는 1초다(reports/v1.3.0.md의 값). 시험은 다른 일로 바쁜 기계의 몫을 더해 본다.
GAP_LIMIT_S = 2.0
CUT_LIMIT_S = 3.5  # LB가 아는 데 많아야 2.8초
NEWCOMER_EVERY_S = 0.1
CROWD_OPTIONS = ClientOptions(call_timeout_s=WAIT_S, view=lambda _: HeaderView())


class Witness:
    """선수 하나가 본 것: 프레임마다의 때와 틱, 온 차례의 통지."""

    def __init__(self, client: HanpanClient) -> None:
        self.client = client
        self.states: list[tuple[float, int]] = []
        self.events: list[object] = []
        client.on_state = self._see

    def _see(self, view: StateView) -> None:
        self.states.append((time.monotonic(), view.tick))

    async def play(self) -> MatchResult:
        """줄을 서서 결과를 들을 때까지의 통지를 모두 적는다."""
        await self.client.join("duel")
        async for event in self.client.events():
            self.events.append(event)
            if isinstance(event, MatchResult):
                return event
            assert not isinstance(event, MatchAborted), event
        raise AssertionError("결과를 듣지 못하고 닫혔다")

    async def sees(self, count: int) -> None:
        """상태를 그만큼 볼 때까지."""
        while len(self.states) < count:
            await self.client.next_state(timeout_s=MATCH_WAIT_S)

    def gap_s(self, cut_at_s: float) -> float:
        """끊긴 무렵의 두 프레임 사이 가운데 가장 긴 것. 프레임은 50 ms마다 온다."""
        return max(
            after - before
            for (before, _), (after, _) in pairwise(self.states)
            if before < cut_at_s + GAP_LIMIT_S and after > cut_at_s
        )

    def kinds(self) -> list[type]:
        """온 통지의 종류들."""
        return [type(event) for event in self.events]


async def test_two_hundred_players_of_a_killed_gateway_are_back_and_miss_nothing(faults: Runtime) -> None:
    async with Lobby() as lobby:
        await asyncio.to_thread(faults.stop, "gateway2")
        crowd = [Witness(client) for client in await lobby.crowd(PLAYERS, CROWD_OPTIONS)]
        assert {each.client.gateway for each in crowd} == {"gateway1"}
        await asyncio.to_thread(faults.start, "gateway2")
        await until_served_by(lobby, "gateway2")

        playing = [asyncio.create_task(each.play()) for each in crowd]
        await asyncio.gather(*(each.sees(STATES_BEFORE) for each in crowd))
        cut_at_s = time.monotonic()
        await asyncio.to_thread(faults.kill, "gateway1")
        async with asyncio.timeout(MATCH_WAIT_S):
            results = await asyncio.gather(*playing)

    assert {each.client.gateway for each in crowd} == {"gateway2"}
    doubled = lost = 0
    for each in crowd:
        seen = Counter(each.kinds())
        for kind in (MatchFound, MatchStart, MatchResult):
            doubled += max(0, seen[kind] - 1)
            lost += not seen[kind]
        assert [event.resumed for event in each.events if isinstance(event, Reconnected)] == [True]
        assert seen[Disconnected] == 1
        ticks = [tick for _, tick in each.states]
        assert ticks == sorted(set(ticks)), "틱이 되돌아갔다"
    assert (lost, doubled) == (0, 0)
    by_match = defaultdict(list)
    for result in results:
        by_match[result.match_id].append(result.results)
    assert all(rows == same[0] for same in by_match.values() for rows in same)
    gaps_s = Spread.of(each.gap_s(cut_at_s) for each in crowd)
    log.info("옮기는 동안의 틈(초): %s", gaps_s)
    assert gaps_s.p99 <= GAP_LIMIT_S


async def until_served_by(lobby: Lobby, name: str) -> None:
    """LB가 그 gateway로 보낼 때까지 붙어 본다."""
    async with asyncio.timeout(WAIT_S):
        while (await lobby.client()).gateway != name:
            pass


async def test_a_frozen_gateway_is_cut_off_and_nobody_new_is_turned_away(faults: Runtime) -> None:
    async with Lobby() as lobby:
        one, two = await lobby.apart()
        match_id = (await meet(one, two, mode="arena"))[0].match_id
        await one.wait_state(lambda world: world.tick > 0)
        frozen, living = one.gateway, two.gateway
        newcomer = await lobby.guest()
        is_frozen = asyncio.Event()

        async def keep_coming() -> None:
            """LB로 계속 새로 붙는다. 하나라도 실패하면 시험이 진다.

            멈추는 순간에 이미 붙어 인사하던 이는 새로 온 이가 아니다: 그 소켓은 옛 gateway와 함께 끊긴다.
            """
            while True:
                was_here = not is_frozen.is_set()
                try:
                    socket = await lobby.greeted(newcomer)
                except ConnectionClosed:
                    if not was_here:
                        raise
                else:
                    await socket.close()
                await asyncio.sleep(NEWCOMER_EVERY_S)

        coming = asyncio.create_task(keep_coming())
        began_s = time.monotonic()
        await asyncio.to_thread(faults.pause, frozen)
        is_frozen.set()
        await one.wait_for(Disconnected)
        cut_s = time.monotonic() - began_s
        assert (await one.wait_for(Reconnected)).resumed
        log.info("얼어붙은 gateway의 소켓은 %.2f초 뒤에 끊겼다", cut_s)
        assert cut_s <= CUT_LIMIT_S
        assert one.gateway == living
        assert not coming.done(), coming
        coming.cancel()
        assert (await ended(one, match_id)).results == (await ended(two, match_id)).results
