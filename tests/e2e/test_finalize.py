"""판의 끝: 물어볼 수 있는 이만, 끝난 뒤에만, 몇 번을 물어도 같은 답이다. 기권은 판을 끝낸다."""

from __future__ import annotations

import uuid

import pytest

from tests.e2e.players import Lobby, ended, meet, refused


@pytest.mark.smoke
async def test_finalize_answers_the_players_of_a_finished_match_only() -> None:
    async with Lobby() as lobby:
        one, two = await lobby.client(), await lobby.client()
        stranger = await lobby.client()
        match_id = (await meet(one, two))[0].match_id
        assert (await refused(one.finalize(match_id))).code == "MATCH_NOT_OVER"
        assert (await refused(stranger.finalize(match_id))).code in {"PERMISSION_DENIED", "MATCH_NOT_OVER"}

        result = await ended(one, match_id)
        for player in (one, two, one):
            answer = await player.finalize(match_id)
            assert answer.already_finalized
            assert answer.results == result.results
        assert (await refused(stranger.finalize(match_id))).code == "PERMISSION_DENIED"
        assert len((await lobby.http.match(match_id)).rating_changes) == 2


async def test_a_result_can_be_asked_for_on_another_socket_later() -> None:
    async with Lobby() as lobby:
        account = await lobby.guest()
        one, two = await lobby.client(account), await lobby.client()
        match_id = (await meet(one, two))[0].match_id
        await two.leave(match_id)
        result = await ended(one, match_id)
        await one.close()
        later = await lobby.client(account)
        assert (await later.finalize(match_id)).results == result.results


async def test_an_unknown_match_is_not_found() -> None:
    async with Lobby() as lobby:
        player = await lobby.client()
        assert (await refused(player.finalize(str(uuid.uuid4())))).code == "NOT_FOUND"


async def test_leaving_concedes_and_ends_a_duel_at_once() -> None:
    async with Lobby() as lobby:
        accounts = [await lobby.guest(), await lobby.guest()]
        one, two = [await lobby.client(account) for account in accounts]
        match_id = (await meet(one, two))[0].match_id
        await two.leave(match_id)
        result = await ended(one, match_id)
        assert [row.player_id for row in result.results] == [accounts[0].player_id, accounts[1].player_id]
        assert [row.place for row in result.results] == [1, 2]
        assert (await ended(two, match_id)).results == result.results


async def test_an_arena_goes_on_without_the_one_who_left() -> None:
    async with Lobby() as lobby:
        accounts = [await lobby.guest() for _ in range(3)]
        players = [await lobby.client(account) for account in accounts]
        match_id = (await meet(*players, mode="arena"))[0].match_id
        await players[1].wait_state(lambda world: world.tick > 0)
        await players[0].leave(match_id)
        gone = players[0].my_entity
        tick = (await players[1].wait_state(lambda world: gone not in world.entities)).tick
        await players[1].wait_state(lambda world: world.tick > tick)
        result = await ended(players[1], match_id)
        assert result.results[-1].player_id == accounts[0].player_id
        assert result.results[-1].place == 3
