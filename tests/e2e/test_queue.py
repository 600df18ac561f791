"""줄서기: 한 선수는 한 번만 서고, 무르면 곧 다시 설 수 있고, 떠나면 표도 사라진다."""

from __future__ import annotations

import asyncio

from hanpan_client import HanpanApiError, HanpanClient, QueueJoined
from tests.e2e.players import WAIT_S, Lobby, ended, meet, refused


async def joined_at_last(client: HanpanClient, mode: str = "duel") -> QueueJoined:
    """앞선 표가 물러질 때까지 다시 해 본다."""
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                return await client.join(mode)
            except HanpanApiError as error:
                assert error.code == "ALREADY_QUEUED"
                await asyncio.sleep(0.05)


async def test_a_cancelled_ticket_can_be_taken_again() -> None:
    async with Lobby() as lobby:
        player = await lobby.client()
        first = await player.join("duel")
        assert (await player.cancel()).ticket_id == first.ticket_id
        second = await player.join("duel")
        assert second.ticket_id != first.ticket_id
        assert 0 < second.expires_in_ms <= 60_000
        await player.cancel()


async def test_cancelling_nothing_is_refused() -> None:
    async with Lobby() as lobby:
        player = await lobby.client()
        assert (await refused(player.cancel())).code == "NOT_QUEUED"


async def test_a_player_waits_only_once_even_on_two_sockets() -> None:
    async with Lobby() as lobby:
        account = await lobby.guest()
        player, elsewhere = await lobby.apart(account, account)
        await player.join("duel")
        assert (await refused(player.join("duel"))).code == "ALREADY_QUEUED"
        assert (await refused(player.join("arena"))).code == "ALREADY_QUEUED"
        assert (await refused(elsewhere.join("duel"))).code == "ALREADY_QUEUED"
        await player.cancel()


async def test_a_seated_player_cannot_wait_for_another_match() -> None:
    async with Lobby() as lobby:
        one, two = await lobby.client(), await lobby.client()
        found = await meet(one, two)
        assert (await refused(one.join("duel"))).code == "ALREADY_IN_MATCH"
        await two.leave(found[0].match_id)
        await ended(one, found[0].match_id)


async def test_the_ticket_of_a_player_who_left_is_gone() -> None:
    async with Lobby() as lobby:
        account = await lobby.guest()
        player = await lobby.client(account)
        await player.join("duel")
        await player.close()
        back = await lobby.client(account)
        assert (await joined_at_last(back)).mode == "duel"
        await back.cancel()


async def test_players_queue_again_right_after_a_result() -> None:
    async with Lobby() as lobby:
        players = [await lobby.client() for _ in range(4)]
        matches = [await meet(*players[:2]), await meet(*players[2:])]
        for pair, found in zip((players[:2], players[2:]), matches, strict=True):
            await pair[0].leave(found[0].match_id)
            for player in pair:
                await ended(player, found[0].match_id)
                assert (await player.join("arena")).mode == "arena"
                await player.cancel()


async def test_an_unknown_mode_is_refused() -> None:
    async with Lobby() as lobby:
        player = await lobby.client()
        assert (await refused(player.join("chess"))).code == "INVALID_ARGUMENT"
        assert (await player.join("duel")).mode == "duel"
        await player.cancel()
