"""플릿의 운영: 판이 도는 서버를 비우고, 죽이고, 차례로 갈아 끼워도 판은 하나도 잃지 않는다."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator

import pytest

from hanpan_client import (
    ClientOptions,
    HanpanApiError,
    HanpanClient,
    HeaderView,
    MatchAborted,
    MatchFound,
    MatchResult,
)
from stack.runtime import Runtime
from tests.e2e.fleet_desk import FleetDesk
from tests.e2e.players import MATCH_WAIT_S, WAIT_S, Lobby, ended, meet, refused

PAIRS = 50
CROWD_OPTIONS = ClientOptions(call_timeout_s=WAIT_S, view=lambda _: HeaderView())


@pytest.fixture
def desk(faults: Runtime) -> Iterator[FleetDesk]:
    """운영자. 시험이 어떻게 끝나든 플릿을 열어 놓는다."""
    made = FleetDesk(faults)
    yield made
    made.open_everything()


@pytest.mark.smoke
async def test_matches_of_a_drained_server_end_well_and_new_ones_land_on_the_other(desk: FleetDesk) -> None:
    async with Lobby() as lobby:
        one, two = await lobby.client(), await lobby.client()
        found = (await meet(one, two, mode="arena"))[0]
        before = await desk.until_known(found.session)
        receipt = await desk.drain(found.session)
        assert (receipt["changed"], receipt["applied"], receipt["preview"]["matches"]) == (True, True, 1)
        assert 0 < receipt["preview"]["at_most_ms"] <= 10_000
        draining = await desk.until_state(found.session, "draining")
        assert draining["running"] == 1
        for _ in range(3):
            three, four = await lobby.client(), await lobby.client()
            other = (await meet(three, four))[0]
            assert other.session != found.session
        result = await ended(one, found.match_id)
        assert result.status == "finalized"
        assert result.results == (await ended(two, found.match_id)).results
        reborn = await desk.until(
            found.session, lambda row: row is not None and row["boot_id"] != before["boot_id"]
        )
        assert reborn["state"] in {"starting", "drained"}
        await desk.until_state(found.session, "drained")
        await desk.undrain(found.session)
        await desk.until_state(found.session, "ready")


async def test_a_match_that_outlives_the_grace_is_void_and_touches_no_rating(desk: FleetDesk) -> None:
    async with Lobby() as lobby:
        accounts = [await lobby.guest(), await lobby.guest()]
        clients = [await lobby.client(account) for account in accounts]
        found = (await meet(*clients, mode="arena"))[0]
        await desk.until_known(found.session)
        receipt = await desk.drain(found.session, grace_ms=500)
        assert receipt["preview"]["cuts_matches"]
        for client in clients:
            aborted = await client.wait_for(MatchAborted, timeout_s=MATCH_WAIT_S)
            assert (aborted.match_id, aborted.code) == (found.match_id, "SESSION_DRAINING")
        stored = await lobby.http.match(found.match_id)
        assert (stored.status, list(stored.results)) == ("aborted", [])
        for account in accounts:
            assert list((await lobby.http.me(account.access_token)).ratings) == []


async def test_a_server_killed_while_draining_loses_its_match_once_and_comes_back_drained(
    desk: FleetDesk, faults: Runtime
) -> None:
    async with Lobby() as lobby:
        one, two = await lobby.client(), await lobby.client()
        found = (await meet(one, two, mode="arena"))[0]
        await desk.drain(found.session)
        await desk.until_state(found.session, "draining")
        await asyncio.to_thread(faults.kill, found.session)
        for client in (one, two):
            aborted = await client.wait_for(MatchAborted, timeout_s=MATCH_WAIT_S)
            assert (aborted.match_id, aborted.code) == (found.match_id, "SESSION_LOST")
        await asyncio.to_thread(faults.start, found.session)
        await desk.until_state(found.session, "drained")
        three, four = await lobby.client(), await lobby.client()
        assert (await meet(three, four))[0].session != found.session
        # 무효로 쓰이면 선수가 풀린다: 다시 줄에 설 수 있을 때가 그때다.
        await rejoined(one)
        stored = await lobby.http.match(found.match_id)
        assert (stored.status, list(stored.results)) == ("aborted", [])


async def rejoined(client: HanpanClient) -> None:
    """판에서 풀릴 때까지 줄에 서 본다."""
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                await client.join("duel")
            except HanpanApiError as error:
                assert error.code == "ALREADY_IN_MATCH"
                await asyncio.sleep(0.1)
            else:
                return


async def test_without_a_server_players_keep_their_place_until_one_is_opened(desk: FleetDesk) -> None:
    async with Lobby() as lobby:
        for server_id in ("session1", "session2"):
            await desk.drain(server_id)
            await desk.until_state(server_id, "drained")
        one, two = await lobby.client(), await lobby.client()
        tickets = [await client.join("duel") for client in (one, two)]
        assert [(await refused(client.join("duel"))).code for client in (one, two)] == ["ALREADY_QUEUED"] * 2
        await desk.undrain("session2")
        found = [await client.wait_for(MatchFound, timeout_s=MATCH_WAIT_S) for client in (one, two)]
        assert {push.session for push in found} == {"session2"}
        assert len({push.match_id for push in found}) == 1
        assert len({ticket.ticket_id for ticket in tickets}) == 2


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
async def test_a_rolling_restart_under_fifty_playing_pairs_loses_nothing(desk: FleetDesk) -> None:
    async with Lobby() as lobby:
        regulars = [Regular(client) for client in await lobby.crowd(2 * PAIRS, CROWD_OPTIONS)]
        stop = asyncio.Event()
        playing = [asyncio.create_task(each.play(stop)) for each in regulars]
        before = await asyncio.to_thread(desk.servers)
        await desk.until("session1", lambda row: row is not None and row["running"] > PAIRS // 4)
        told = await asyncio.to_thread(desk.manage, "roll", "--reason", "e2e", timeout_s=200.0)
        assert "2대를 모두 갈았습니다" in told
        after = await asyncio.to_thread(desk.servers)
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


async def test_commands_tell_what_they_did_and_refuse_what_is_not_there(desk: FleetDesk) -> None:
    told = await asyncio.to_thread(desk.manage, "drain", "session2", "--grace-ms", "1000", "--wait")
    assert "session2 서버를 비웁니다: 도는 판이 없습니다" in told
    assert "session2 서버가 비었습니다" in told
    await desk.until_state("session2", "drained")
    listing = await asyncio.to_thread(desk.manage, "fleet")
    assert [line.split("\t")[:2] for line in listing.splitlines()[-2:]] == [
        ["session1", "ready"], ["session2", "drained"],
    ]  # fmt: skip
    refusals = {
        ("drain", "nowhere"): "NOT_FOUND",
        ("drain", "session1", "--grace-ms", "-1"): "INVALID_ARGUMENT",
        ("roll", "session1"): "새 판을 받을 다른 서버가 없습니다",
        ("roll", "--abort"): "NOT_FOUND",
    }
    for arguments, complaint in refusals.items():
        with pytest.raises(Exception, match=complaint):
            await asyncio.to_thread(desk.manage, *arguments)
    assert "거두었습니다" in await asyncio.to_thread(desk.manage, "undrain", "session2")
    await desk.until_state("session2", "ready")
