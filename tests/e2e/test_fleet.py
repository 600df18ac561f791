"""플릿의 운영: 판이 도는 서버를 드레인하고, 죽이고, 차례로 갈아 끼워도 판은 하나도 잃지 않는다."""

from __future__ import annotations

import asyncio

import pytest

from hanpan_client import (
    HanpanApiError,
    HanpanClient,
    MatchAborted,
)
from stack.errors import StackError
from stack.runtime import Runtime
from tests.e2e.fleet_desk import FleetDesk
from tests.e2e.players import MATCH_WAIT_S, WAIT_S, Lobby, ended, found_together, meet, refused


@pytest.mark.smoke
async def test_matches_of_a_drained_server_end_well_and_new_ones_land_on_the_other(fleet: FleetDesk) -> None:
    async with Lobby() as lobby:
        one, two = await lobby.client(), await lobby.client()
        found = (await meet(one, two, mode="arena"))[0]
        before = await fleet.until_known(found.session)
        receipt = await fleet.drain(found.session)
        assert (receipt["changed"], receipt["applied"], receipt["preview"]["matches"]) == (True, True, 1)
        assert 0 < receipt["preview"]["at_most_ms"] <= 10_000
        draining = await fleet.until_state(found.session, "draining")
        assert draining["running"] == 1
        for _ in range(3):
            three, four = await lobby.client(), await lobby.client()
            other = (await meet(three, four))[0]
            assert other.session != found.session
        result = await ended(one, found.match_id)
        assert result.status == "finalized"
        assert result.results == (await ended(two, found.match_id)).results
        reborn = await fleet.until_reborn(before)
        assert reborn["state"] in {"starting", "drained"}
        await fleet.until_state(found.session, "drained")
        await fleet.undrain(found.session)
        await fleet.until_state(found.session, "ready")


async def test_a_match_that_outlives_the_grace_is_void_and_touches_no_rating(fleet: FleetDesk) -> None:
    async with Lobby() as lobby:
        accounts = [await lobby.guest(), await lobby.guest()]
        clients = [await lobby.client(account) for account in accounts]
        found = (await meet(*clients, mode="arena"))[0]
        await fleet.until_known(found.session)
        receipt = await fleet.drain(found.session, grace_ms=500)
        assert receipt["preview"]["cuts_matches"]
        for client in clients:
            aborted = await client.wait_for(MatchAborted, timeout_s=MATCH_WAIT_S)
            assert (aborted.match_id, aborted.code) == (found.match_id, "SESSION_DRAINING")
        stored = await lobby.http.match(found.match_id)
        assert (stored.status, list(stored.results)) == ("aborted", [])
        for account in accounts:
            assert list((await lobby.http.me(account.access_token)).ratings) == []


async def test_a_server_killed_while_draining_loses_its_match_once_and_comes_back_drained(
    fleet: FleetDesk, faults: Runtime
) -> None:
    async with Lobby() as lobby:
        one, two = await lobby.client(), await lobby.client()
        found = (await meet(one, two, mode="arena"))[0]
        await fleet.drain(found.session)
        await fleet.until_state(found.session, "draining")
        await asyncio.to_thread(faults.kill, found.session)
        for client in (one, two):
            aborted = await client.wait_for(MatchAborted, timeout_s=MATCH_WAIT_S)
            assert (aborted.match_id, aborted.code) == (found.match_id, "SESSION_LOST")
        await asyncio.to_thread(faults.start, found.session)
        await fleet.until_state(found.session, "drained")
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


async def test_without_a_server_players_keep_their_place_until_one_is_opened(fleet: FleetDesk) -> None:
    async with Lobby() as lobby:
        for server_id in ("session1", "session2"):
            await fleet.drain(server_id)
            await fleet.until_state(server_id, "drained")
        one, two = await lobby.client(), await lobby.client()
        tickets = [await client.join("duel") for client in (one, two)]
        assert [(await refused(client.join("duel"))).code for client in (one, two)] == ["ALREADY_QUEUED"] * 2
        await fleet.undrain("session2")
        found = await found_together(one, two)
        assert {push.session for push in found} == {"session2"}
        assert len({ticket.ticket_id for ticket in tickets}) == 2
        await asyncio.gather(*(ended(client, found[0].match_id) for client in (one, two)))


async def test_commands_tell_what_they_did_and_refuse_what_is_not_there(fleet: FleetDesk) -> None:
    before = await fleet.until_state("session2", "ready")
    told = await asyncio.to_thread(fleet.manage, "drain", "session2", "--grace-ms", "1000", "--wait")
    assert "session2 서버를 드레인합니다: 도는 판이 없습니다" in told
    assert "session2 서버가 비었습니다" in told
    await fleet.until_reborn(before)  # 드레인된 프로세스는 나가고, 다시 뜨기까지 목록에 없다
    await fleet.until_state("session2", "drained")
    listing = await asyncio.to_thread(fleet.manage, "fleet")
    assert [line.split("\t")[:2] for line in listing.splitlines()[-2:]] == [
        ["session1", "ready"], ["session2", "drained"],
    ]  # fmt: skip
    refusals = {
        ("drain", "nowhere"): "NOT_FOUND",
        ("drain", "session1", "--grace-ms", "-1"): "INVALID_ARGUMENT",
        ("roll", "session1"): "새 판을 받을 다른 서버가 없습니다",
    }
    answers = await asyncio.gather(
        *(asyncio.to_thread(fleet.manage, *arguments) for arguments in refusals), return_exceptions=True
    )
    for answer, complaint in zip(answers, refusals.values(), strict=True):
        assert isinstance(answer, StackError)
        assert complaint in str(answer)
    with pytest.raises(StackError, match="NOT_FOUND"):  # 위의 roll이 끝난 뒤라야 그만둘 것이 없다
        await asyncio.to_thread(fleet.manage, "roll", "--abort")
    assert "거두었습니다" in await asyncio.to_thread(fleet.manage, "undrain", "session2")
    await fleet.until_state("session2", "ready")
