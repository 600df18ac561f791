"""토큰의 한살이를 LB를 지나: 갱신하고, 나가고, 나간 토큰은 HTTP도 소켓도 거절한다. 내 판들도 본다."""

from __future__ import annotations

import pytest

from hanpan_client import HanpanClient, PlayerSession, SignedOutError
from tests.e2e.players import OPTIONS, WS_URL, Lobby, meet, play_out, refused


@pytest.mark.smoke
async def test_a_session_refreshes_plays_and_logs_out() -> None:
    async with Lobby() as lobby:
        session = PlayerSession(lobby.http, await lobby.guest("하나"))
        first = session.account
        await session.refresh()
        assert session.account.refresh_token != first.refresh_token
        assert (await session.authorized(lobby.http.me)).player_id == first.player_id
        async with HanpanClient(WS_URL, session, OPTIONS) as client:
            assert client.player_id == first.player_id
            await client.logout()
        for token in (first.access_token, session.account.access_token):
            assert (await refused(lobby.http.me(token))).code == "UNAUTHENTICATED"
            hello = await refused(HanpanClient(WS_URL, token, OPTIONS).connect())
            assert hello.code == "UNAUTHENTICATED"
        with pytest.raises(SignedOutError):
            await session.refresh()


async def test_a_logout_everywhere_reaches_every_device_and_spares_who_comes_back() -> None:
    async with Lobby() as lobby:
        device = "e2e-device-of-the-logout-test"
        phone, tablet = [await lobby.http.guest(device_id=device) for _ in range(2)]
        assert phone.player_id == tablet.player_id
        assert await lobby.http.logout(phone.access_token, everywhere=True) >= 2
        for account in (phone, tablet):
            hello = await refused(HanpanClient(WS_URL, account.access_token, OPTIONS).connect())
            assert hello.code == "UNAUTHENTICATED"
            assert (await refused(lobby.http.refresh(account.refresh_token))).code == "UNAUTHENTICATED"
        again = await lobby.http.guest(device_id=device)
        client = await lobby.client(again)
        assert client.player_id == phone.player_id


async def test_a_player_finds_the_match_in_his_list_and_himself_on_the_board() -> None:
    async with Lobby() as lobby:
        account = await lobby.guest("목록")
        players = [await lobby.client(account), await lobby.client()]
        found = await meet(*players)
        live = (await lobby.http.my_matches(account.access_token)).live
        assert live is not None
        assert live.match_id == found[0].match_id
        results = await play_out(*players)
        mine = await lobby.http.my_matches(account.access_token)
        assert (mine.live, [match.match_id for match in mine.matches]) == (None, [found[0].match_id])
        assert mine.matches[0].results == results[0].results
        around = await lobby.http.around_me(account.access_token, "duel", limit=3)
        assert around.rank in {entry.rank for entry in around.entries if entry.player_id == account.player_id}
