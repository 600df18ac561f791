"""봇이라는 표시: 상대는 봇인 줄 알고, 순위표는 봇을 빼고 센다."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

from hanpan_client import MatchFound, MatchResult
from tests.e2e.ops_browser import bots
from tests.e2e.players import MATCH_WAIT_S, Lobby
from tests.e2e.test_duel import ranked


async def test_a_bot_is_told_to_its_opponent_and_takes_no_rank() -> None:
    async with Lobby() as lobby:
        account = await lobby.guest("사람")
        client = await lobby.client(account)
        with ExitStack() as crew:
            await asyncio.to_thread(crew.enter_context, bots(1))
            await client.join("duel")
            found = await client.wait_for(MatchFound, timeout_s=MATCH_WAIT_S)
            assert {player.player_id: player.is_bot for player in found.players}[account.player_id] is False
            (bot,) = (player for player in found.players if player.is_bot)
            await client.wait_for(MatchResult, timeout_s=MATCH_WAIT_S)
            await asyncio.to_thread(crew.close)
        assert await ranked(lobby.http, account.player_id, "duel") is not None
        assert await ranked(lobby.http, bot.player_id, "duel") is None
        entry = await ranked(lobby.http, bot.player_id, "duel", include_bots=True)
        assert entry is not None
        assert entry.is_bot
