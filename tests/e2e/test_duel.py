"""한 판 전체: 다른 gateway의 두 선수가 만나 두고, 결과와 레이팅이 어디서나 하나다."""

from __future__ import annotations

import pytest

from hanpan_client import HanpanClient, HanpanHttp, LeaderboardEntry, MatchResult
from tests.e2e.players import Lobby, ended, meet, play_out

START_RATING = 1500.0


async def ranked(
    http: HanpanHttp, player_id: str, mode: str, *, include_bots: bool = False
) -> LeaderboardEntry | None:
    """순위표를 끝까지 넘기며 찾는다."""
    cursor: str | None = None
    while True:
        page = await http.leaderboard(mode, limit=100, cursor=cursor, include_bots=include_bots)
        found = next((entry for entry in page.entries if entry.player_id == player_id), None)
        if found is not None or page.next_cursor is None:
            return found
        cursor = page.next_cursor


def rating_change(result: MatchResult, player_id: str) -> tuple[float, float]:
    row = next(row for row in result.results if row.player_id == player_id)
    assert row.rating_before is not None
    assert row.rating_after is not None
    return row.rating_before, row.rating_after


@pytest.mark.smoke
async def test_a_duel_across_gateways_ends_once_for_both() -> None:
    async with Lobby() as lobby:
        accounts = [await lobby.guest("하나"), await lobby.guest("둘")]
        players = await lobby.apart(*accounts)
        assert players[0].gateway != players[1].gateway

        found = await meet(*players)
        match_id = found[0].match_id
        assert found[0].session == found[1].session
        assert {player.name for player in found[0].players} == {"하나", "둘"}
        results = await play_out(*players)

        assert results[0].results == results[1].results
        assert (results[0].status, results[0].match_id) == ("finalized", match_id)
        ids = {account.player_id for account in accounts}
        assert {row.player_id for row in results[0].results} == ids

        record = await lobby.http.match(match_id)
        assert (record.status, record.mode) == ("finalized", "duel")
        assert record.results == results[0].results
        assert {change.player_id for change in record.rating_changes} == ids
        assert len(record.rating_changes) == 2
        assert [
            (change.player_id, change.mu_before, change.mu_after) for change in record.rating_changes
        ] == [
            (row.player_id, row.rating_before, row.rating_after)
            for row in sorted(record.results, key=lambda row: row.player_id)
        ]
        assert all(change.sigma_after < change.sigma_before for change in record.rating_changes)

        for account, client in zip(accounts, players, strict=True):
            before, after = rating_change(results[0], account.player_id)
            assert before == START_RATING
            mine = (await lobby.http.me(account.access_token)).rating("duel")
            assert mine is not None
            assert (mine.rating, mine.games) == (after, 1)
            entry = await ranked(lobby.http, account.player_id, "duel")
            assert entry is not None
            assert (entry.rating, entry.games) == (after, 1)
            again = await client.finalize(match_id)
            assert again.already_finalized
            assert again.results == results[0].results


async def test_the_better_score_places_first_and_gains() -> None:
    async with Lobby() as lobby:
        one, two = await lobby.client(), await lobby.client()
        await meet(one, two)
        result = (await play_out(one, two))[0]
    first, second = result.results
    assert first.score >= second.score
    gains = [rating_change(result, row.player_id) for row in (first, second)]
    if first.score == second.score:
        assert (first.place, second.place) == (1, 1)
    else:
        assert (first.place, second.place) == (1, 2)
        assert gains[0][1] > gains[0][0]
        assert gains[1][1] < gains[1][0]
    assert sum(after - before for before, after in gains) == pytest.approx(0, abs=1e-6)


async def test_two_matches_in_a_row_add_up() -> None:
    async with Lobby() as lobby:
        accounts = [await lobby.guest(), await lobby.guest()]
        one, two = [await lobby.client(account) for account in accounts]
        matches = []
        for _ in range(2):
            # 결과를 받자마자 다시 선다. 레이팅이 벌어졌으면 창이 넓어질 때까지 기다린다.
            found = await meet(one, two)
            results = [await ended(client, found[0].match_id) for client in (one, two)]
            assert results[0].results == results[1].results
            matches.append(results[0])
        assert matches[0].match_id != matches[1].match_id
        for account in accounts:
            first, second = (rating_change(match, account.player_id) for match in matches)
            assert first[1] == second[0]
            mine = (await lobby.http.me(account.access_token)).rating("duel")
            assert mine is not None
            assert (mine.rating, mine.games) == (second[1], 2)


@pytest.mark.smoke
async def test_inputs_are_applied_and_acknowledged() -> None:
    async with Lobby() as lobby:
        one, two = await lobby.apart()
        await meet(one, two)
        world = await one.wait_state(lambda world: world.tick > 0)
        me = one.my_entity
        assert me is not None
        here = tuple(world.entities[me][:2])
        center = max(row[0] for row in world.entities.values()) // 2
        seq = await one.send_input(1 if here[0] < center else -1, 0)
        moved = await one.wait_state(
            lambda world: world.last_input_seq >= seq and tuple(world.entities[me][:2]) != here
        )
        assert not moved.is_stale
        await two.wait_state(lambda world: tuple(world.entities[me][:2]) != here)


async def test_the_record_follows_the_match_from_running_to_finalized() -> None:
    async with Lobby() as lobby:
        one, two = await lobby.client(), await lobby.client()
        found = await meet(one, two)
        await one.wait_state(lambda world: world.tick > 0)
        running = await lobby.http.match(found[0].match_id)
        assert (running.status, running.results, running.rating_changes) == ("running", (), ())
        await ended(one, found[0].match_id)
        assert (await lobby.http.match(found[0].match_id)).status == "finalized"


@pytest.mark.smoke
async def test_arena_takes_five_players_to_one_result() -> None:
    async with Lobby() as lobby:
        players: list[HanpanClient] = [await lobby.client() for _ in range(5)]
        found = await meet(*players, mode="arena")
        assert {len(push.players) for push in found} == {5}
        results = await play_out(*players)
        assert all(result.results == results[0].results for result in results)
        record = await lobby.http.match(found[0].match_id)
        assert len(record.results) == len(record.rating_changes) == 5
        places = [row.place for row in record.results]
        assert places == sorted(places)
        assert places[0] == 1
