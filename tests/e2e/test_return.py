"""돌아오기: 새 소켓의 hello도, 토큰의 resume도, 끊긴 망도 같은 자리로 데려온다. 자리에는 한 소켓만 앉는다."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from hanpan_client import (
    Account,
    ConnectionLostError,
    Disconnected,
    HanpanClient,
    MatchFound,
    MatchStart,
    Reconnected,
)
from tests.e2e.players import WS_URL, Lobby, ended, meet, refused


@dataclass(frozen=True)
class Duel:
    """도는 판: 돌아올 선수와 그 상대."""

    account: Account
    player: HanpanClient
    rival: HanpanClient
    match_id: str


async def playing(lobby: Lobby) -> Duel:
    """둘이 앉아 틱이 도는 판."""
    account = await lobby.guest()
    player, rival = await lobby.client(account), await lobby.client()
    match_id = (await meet(player, rival))[0].match_id
    await player.wait_state(lambda world: world.tick > 0)
    return Duel(account, player, rival, match_id)


async def superseded(client: HanpanClient) -> int:
    """이 소켓이 밀려난 닫힘 코드."""
    return (await client.wait_for(Disconnected)).close_code


@pytest.mark.smoke
async def test_hello_on_a_new_socket_brings_the_player_back() -> None:
    async with Lobby() as lobby:
        duel = await playing(lobby)
        old_token = duel.player.resume_token

        new = await lobby.client(duel.account)
        found = await new.wait_for(MatchFound)
        start = await new.wait_for(MatchStart)
        world = await new.wait_state(lambda world: world.tick > 0)
        assert (found.match_id, start.match_id) == (duel.match_id, duel.match_id)
        assert start.entity_of(duel.account.player_id) in world.entities
        assert await superseded(duel.player) == 4409
        assert found.resume_token != old_token

        seq = await new.send_input(0, 1)
        await new.wait_state(lambda world: world.last_input_seq >= seq)
        assert (await ended(new, duel.match_id)).results == (await ended(duel.rival, duel.match_id)).results


@pytest.mark.smoke
async def test_a_token_resumes_the_seat_on_another_gateway() -> None:
    async with Lobby() as lobby:
        account = await lobby.guest()
        old, rival = await lobby.client(account), await lobby.client()
        match_id = (await meet(old, rival))[0].match_id
        world = await old.wait_state(lambda world: world.tick > 2)
        assert old.resume_token is not None
        await old.send_input(1, 0)

        new = HanpanClient(WS_URL, account.access_token)
        await new.connect_with(old.resume_token, last_tick=world.tick)
        try:
            assert new.match_id == match_id
            assert new.resume_token != old.resume_token
            assert await superseded(old) == 4409
            await new.wait_for(MatchStart)
            await new.wait_state(lambda world: world.tick > 2)
            seq = await new.send_input(0, 1)
            await new.wait_state(lambda world: world.last_input_seq >= seq)
            assert (await ended(new, match_id)).results == (await ended(rival, match_id)).results
        finally:
            await new.close()


async def test_a_severed_client_comes_back_by_itself() -> None:
    async with Lobby() as lobby:
        player, rival = await lobby.client(), await lobby.client()
        match_id = (await meet(player, rival))[0].match_id
        before = await player.wait_state(lambda world: world.tick > 2)
        tick, token = before.tick, player.resume_token
        player.sever()
        assert (await player.wait_for(Reconnected)).resumed
        assert player.resume_token != token
        await player.wait_state(lambda world: world.tick > tick)
        seq = await player.send_input(-1, 0)
        await player.wait_state(lambda world: world.last_input_seq >= seq)
        assert (await ended(player, match_id)).results == (await ended(rival, match_id)).results


async def test_an_absent_player_idles_and_still_gets_a_result() -> None:
    async with Lobby() as lobby:
        duel = await playing(lobby)
        await duel.player.close()
        result = await ended(duel.rival, duel.match_id)
        assert {row.player_id for row in result.results} >= {duel.account.player_id}
        back = await lobby.client(duel.account)
        assert (await back.finalize(duel.match_id)).results == result.results


async def test_a_used_token_is_dead_after_the_first_frame_on_the_new_socket() -> None:
    async with Lobby() as lobby:
        token = (await playing(lobby)).player.resume_token

        new = await lobby.raw()
        resumed = await new.ask("resume", "resumed", resume_token=token, last_tick=0)
        assert resumed["t"] == "resumed"
        assert await new.is_alive()

        late = await lobby.raw()
        refusal = await late.ask("resume", "resumed", resume_token=token, last_tick=0)
        assert refusal["code"] == "RESUME_INVALID"
        assert await late.close_code() == 4410


async def test_a_lost_reply_locks_nobody_out() -> None:
    async with Lobby() as lobby:
        token = (await playing(lobby)).player.resume_token
        # 첫 resume의 답을 읽지 못한 셈 친다: 새 소켓은 아무 프레임도 보내지 않았다.
        first = await lobby.raw()
        await first.ask("resume", "resumed", resume_token=token, last_tick=0)
        second = await lobby.raw()
        again = await second.ask("resume", "resumed", resume_token=token, last_tick=0)
        assert again["t"] == "resumed"
        assert await first.close_code() == 4409


@pytest.mark.parametrize("token", ["", "rs1.x", "rs1.a.b.c", "전혀 다른 것", "x" * 500])
async def test_a_made_up_token_is_refused(token: str) -> None:
    async with Lobby() as lobby:
        socket = await lobby.raw()
        refusal = await socket.ask("resume", "resumed", resume_token=token, last_tick=0)
        assert refusal["code"] == "RESUME_INVALID"
        assert await socket.close_code() == 4410


async def test_a_resume_with_the_access_token_of_another_is_denied() -> None:
    async with Lobby() as lobby:
        account, stranger = await lobby.guest(), await lobby.guest()
        player, rival = await lobby.client(account), await lobby.client()
        await meet(player, rival)
        socket = await lobby.raw()
        fields = {"resume_token": player.resume_token, "last_tick": 0, "token": stranger.access_token}
        assert (await socket.ask("resume", "resumed", **fields))["code"] == "PERMISSION_DENIED"
        assert await socket.close_code() == 4410
        assert (await refused(player.join("duel"))).code == "ALREADY_IN_MATCH", "자리는 그대로다"


async def test_a_resume_after_the_end_tells_the_result() -> None:
    async with Lobby() as lobby:
        duel = await playing(lobby)
        token = duel.player.resume_token
        await duel.player.close()
        await ended(duel.rival, duel.match_id)
        socket = await lobby.raw()
        answer = await socket.ask("resume", "match.result", "resumed", resume_token=token, last_tick=1)
        assert (answer["t"], answer["match_id"]) == ("match.result", duel.match_id)


async def test_a_superseded_client_does_not_fight_for_the_seat() -> None:
    async with Lobby() as lobby:
        account = await lobby.guest()
        old, rival = await lobby.client(account), await lobby.client()
        match_id = (await meet(old, rival))[0].match_id
        new = await lobby.client(account)
        await new.wait_for(MatchFound)
        assert await superseded(old) == 4409
        with pytest.raises(ConnectionLostError):
            await old.wait_for(Reconnected)
        await rival.leave(match_id)
        await ended(new, match_id)
