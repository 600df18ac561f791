"""떠나기와 비운 자리: 떠난 선수는 곧바로 자유롭고, 남은 이는 이어 두며, 버려진 판은 무효가 된다."""

from __future__ import annotations

import asyncio
import struct

import pytest

from hanpan_client import HanpanApiError, HanpanClient, MatchStart
from tests.e2e.players import MATCH_WAIT_S, WS_URL, Lobby, ended, meet, refused

HEAD = struct.Struct("<BBHIII")


async def arena(lobby: Lobby, count: int = 3) -> tuple[list[HanpanClient], str]:
    """셋이 두는 판. 모두 시작을 들었다."""
    players = [await lobby.client() for _ in range(count)]
    match_id = (await meet(*players, mode="arena"))[0].match_id
    for player in players:
        await player.wait_for(MatchStart)
    return players, match_id


@pytest.mark.smoke
async def test_one_who_left_an_arena_is_free_at_once_and_the_others_play_on() -> None:
    async with Lobby() as lobby:
        account = await lobby.guest()
        leaver = await lobby.client(account)
        others = [await lobby.client(), await lobby.client()]
        match_id = (await meet(leaver, *others, mode="arena"))[0].match_id
        await leaver.wait_for(MatchStart)
        await leaver.next_state()
        token = leaver.resume_token
        assert token is not None
        await leaver.leave(match_id)
        assert (leaver.match_id, leaver.resume_token) == (None, None)
        ticket = await leaver.join("duel")
        assert ticket.mode == "duel"

        tick = others[0].world.tick
        await others[0].wait_state(lambda world: world.tick > tick)
        assert (await refused(leaver.finalize(match_id))).code == "MATCH_NOT_OVER"
        raw = await lobby.greeted(account)
        for request in (
            {"request": "input", "seq": 9, "dx": 1, "dy": 0},
            {"request": "leave", "match_id": match_id},
        ):
            kind = request.pop("request")
            assert (await raw.ask(str(kind), "match.left", **request))["code"] == "NOT_IN_MATCH"
        assert raw.states == 0, "떠난 판의 프레임은 오지 않는다"

        stale = HanpanClient(WS_URL, account.access_token)
        with pytest.raises(HanpanApiError) as caught:
            await stale.connect_with(token)
        assert caught.value.code == "RESUME_INVALID"

        result = await ended(others[0], match_id)
        assert [row.conceded for row in result.results] == [False, False, True]
        assert result.results[-1].player_id == account.player_id


async def test_one_who_left_a_duel_hears_its_result_and_may_play_the_next() -> None:
    async with Lobby() as lobby:
        one, two = await lobby.client(), await lobby.client()
        match_id = (await meet(one, two))[0].match_id
        await two.leave(match_id)
        for player in (one, two):
            assert [row.conceded for row in (await ended(player, match_id)).results] == [False, True]
        assert (await meet(one, two))[0].match_id != match_id


async def test_one_who_leaves_before_the_start_is_free_and_the_other_has_won() -> None:
    async with Lobby() as lobby:
        account = await lobby.guest()
        one, raw = await lobby.client(), await lobby.greeted(account)
        await raw.ask("queue.join", "queue.joined", mode="duel")
        await one.join("duel")
        match_id = (await raw.next("match.found"))["match_id"]
        assert (await raw.ask("leave", "match.left", match_id=match_id))["t"] == "match.left"
        assert (await raw.ask("queue.join", "queue.joined", mode="duel"))["t"] == "queue.joined"
        result = await ended(one, match_id)
        assert [row.player_id for row in result.results if row.conceded] == [account.player_id]


async def test_a_match_start_tells_how_long_until_the_first_tick() -> None:
    async with Lobby() as lobby:
        one, two = await lobby.client(), await lobby.client()
        await meet(one, two)
        start = await one.wait_for(MatchStart)
        assert 0 < start.starts_in_ms <= 10_000
        await one.wait_state(lambda world: world.tick > 0)


async def test_a_match_that_everybody_left_behind_is_abandoned_and_moves_no_rating() -> None:
    async with Lobby() as lobby:
        players, match_id = await arena(lobby)
        await asyncio.gather(*(player.close() for player in players[1:]))
        await players[0].leave(match_id)
        match = await lobby.http.match(match_id)
        async with asyncio.timeout(MATCH_WAIT_S):
            while match.status in {"created", "running"}:
                await asyncio.sleep(0.2)
                match = await lobby.http.match(match_id)
        assert (match.status, match.abort_code) == ("aborted", "ABANDONED")
        assert (match.results, match.rating_changes) == ((), ())


async def test_one_who_is_gone_from_a_duel_concedes_and_both_are_told() -> None:
    async with Lobby() as lobby:
        account = await lobby.guest()
        one, two = await lobby.client(), await lobby.client(account)
        match_id = (await meet(one, two))[0].match_id
        await two.wait_for(MatchStart)
        token = two.resume_token
        await two.close()
        result = await ended(one, match_id)
        assert [(row.player_id, row.conceded) for row in result.results] == [
            (one.player_id, False),
            (account.player_id, True),
        ]
        back = await lobby.client(account)
        assert token is not None
        assert (await back.finalize(match_id)).results == result.results


async def test_a_new_socket_is_told_where_to_count_on_and_is_heard_from_one_or_after_an_absurd_number() -> (
    None
):
    async with Lobby() as lobby:
        account = await lobby.guest()
        await lobby.client()
        one = await lobby.client(account)
        others = [await lobby.client(), await lobby.client()]
        await meet(one, *others, mode="arena")
        await one.wait_for(MatchStart)
        for _ in range(20):
            seq = await one.send_input(1, 0)
        await one.wait_state(lambda world: world.last_input_seq == seq)

        raw = await lobby.greeted(account)
        assert await _header_seq(raw) == seq, "이 자리에 적용된 마지막 번호"
        for sent in (1, 3_000_000_000, 2):
            await raw.send({"t": "input", "seq": sent, "dx": -1, "dy": 0})
            async with asyncio.timeout(5):
                while await _header_seq(raw) != sent:
                    pass


async def _header_seq(raw: object) -> int:
    """다음 상태 프레임의 머리가 말하는 seq."""
    async with asyncio.timeout(5):
        while not isinstance(data := await raw.socket.recv(), bytes):  # type: ignore[attr-defined]
            pass
    return int(HEAD.unpack_from(data)[4])
