"""50쌍이 잇따라 두는 동안 서버를 차례로 갈아 끼운다: 잃은 결과도, 중단된 판도, 두 서버에서 돈 판도 없다.

100명이 duel의 순위표를 채우므로 순위표를 보는 화면의 시험(test_play_page)보다 뒤에 온다.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

import pytest

from hanpan_client import ClientOptions, HanpanClient, HeaderView, MatchAborted, MatchFound, MatchResult
from tests.e2e.fleet_desk import FleetDesk
from tests.e2e.players import MATCH_WAIT_S, WAIT_S, Lobby

PAIRS = 50
CROWD_OPTIONS = ClientOptions(call_timeout_s=WAIT_S, view=lambda _: HeaderView())


class Regular:
    """판을 잇따라 두는 선수와 그가 들은 것."""

    def __init__(self, client: HanpanClient) -> None:
        self.client = client
        self.found: dict[str, str] = {}
        self.results: dict[str, MatchResult] = {}

    async def play(self, stop: asyncio.Event) -> None:
        """그만하랄 때까지 두고, 두던 판은 끝까지 둔다. 중단된 판이 하나라도 있으면 진다."""
        await self.client.join("duel")
        async for event in self.client.events():
            assert not isinstance(event, MatchAborted), event
            if isinstance(event, MatchFound):
                self.found[event.match_id] = event.session
            elif isinstance(event, MatchResult):
                self.results[event.match_id] = event
                if stop.is_set():
                    return
                await self.client.join("duel")


async def self_paired(playing: list[asyncio.Task[None]], regulars: list[Regular]) -> None:
    """모두 마지막 판을 둘 때까지. 그만하라는 말에 홀로 줄에 남은 한 사람은 그만두게 한다."""
    async with asyncio.timeout(MATCH_WAIT_S):
        while True:
            _, waiting = await asyncio.wait(playing, timeout=0.2)
            alone = [each for each, task in zip(regulars, playing, strict=True) if task in waiting]
            if len(alone) <= 1 and all(each.client.match_id is None for each in alone):
                break
    for task in waiting:
        task.cancel()
    await asyncio.gather(*(task for task in playing if task not in waiting))


@pytest.mark.timeout(300)
async def test_a_rolling_restart_under_fifty_playing_pairs_loses_nothing(fleet: FleetDesk) -> None:
    async with Lobby() as lobby:
        regulars = [Regular(client) for client in await lobby.crowd(2 * PAIRS, CROWD_OPTIONS)]
        stop = asyncio.Event()
        playing = [asyncio.create_task(each.play(stop)) for each in regulars]
        before = await asyncio.to_thread(fleet.servers)
        await fleet.until("session1", lambda row: row is not None and row["running"] > PAIRS // 4)
        told = await asyncio.to_thread(fleet.manage, "roll", "--all", "--reason", "e2e", timeout_s=200.0)
        assert "2대를 모두 갈았습니다" in told
        after = await asyncio.to_thread(fleet.servers)
        stop.set()
        await self_paired(playing, regulars)

        servers = defaultdict(set)
        for each in regulars:
            assert each.found.keys() == each.results.keys(), "결과를 듣지 못한 판이 있다"
            for match_id, server_id in each.found.items():
                servers[match_id].add(server_id)
        assert {len(names) for names in servers.values()} == {1}, "판 하나는 서버 하나에서만 돈다"
        assert {name for names in servers.values() for name in names} == {"session1", "session2"}
        assert len(servers) > PAIRS
        assert {result.status for each in regulars for result in each.results.values()} == {"finalized"}
        assert all(after[name]["boot_id"] != before[name]["boot_id"] for name in before)
        stored = await asyncio.gather(*(lobby.http.match(match_id) for match_id in list(servers)[:100]))
        assert {row.status for row in stored} == {"finalized"}
