"""내 판들: 두 줄기를 엮은 새것부터의 쪽, 도는 판, 남의 쪽 표시, 그리고 색인만 읽는 것."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kernel.ids import new_id
from matches.history import STREAMS, Stream, stream_rows
from matches.results.finalize import finalize_match
from players.wiring import token_issuer
from redisstore import keys
from redisstore.client import RedisSettings, SyncRedis, make_async_client
from redisstore.gate import RedisGate
from redisstore.live_matches import LiveMatch, LiveMatchStore
from tests.it.database.query_plans import assert_reads_in_order, plan_of
from tests.it.matches.histories import store_matches
from tests.it.matches.outcomes import aborted, finished, make_players

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]


def ask(client: Client, player_id: str, query: str = "") -> Any:
    token = token_issuer().issue(player_id, "나")
    return client.get(f"/api/v1/me/matches{query}", headers={"Authorization": f"Bearer {token}"})


def walk(client: Client, player_id: str, limit: int) -> list[dict[str, Any]]:
    matches: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = ask(client, player_id, f"?limit={limit}{cursor}").json()
        matches += page["matches"]
        if page["next_cursor"] is None:
            return matches
        assert len(page["matches"]) == limit
        cursor = f"&cursor={page['next_cursor']}"


def play(me: str, others: list[str], count: int) -> list[str]:
    """셋에 하나는 중단된 판들. 둔 차례의 번호를 준다."""
    played = []
    for number in range(count):
        outcome = (aborted if number % 3 == 1 else finished)([me, others[number % len(others)]])
        finalize_match(outcome)
        finalize_match(finished(others[:2]))
        played.append(outcome.match_id)
    return played


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_pages_join_into_one_list_newest_first(client: Client, limit: int) -> None:
    me, *others = make_players(4)
    played = play(me, others, 8)
    matches = walk(client, me, limit)
    assert [match["match_id"] for match in matches] == played[::-1]
    for match in matches:
        single = client.get(f"/api/v1/matches/{match['match_id']}").json()
        del single["rating_changes"]
        assert match == single


def test_a_match_that_ends_between_two_pages_moves_nothing(client: Client) -> None:
    me, *others = make_players(3)
    played = play(me, others, 5)
    first = ask(client, me, "?limit=2").json()
    play(me, others, 3)
    second = ask(client, me, f"?limit=9&cursor={first['next_cursor']}").json()
    assert [match["match_id"] for match in first["matches"] + second["matches"]] == played[::-1]


def test_a_newcomer_has_an_empty_list(client: Client) -> None:
    (me,) = make_players(1)
    assert ask(client, me).json() == {"live": None, "matches": [], "next_cursor": None}


def sit(redis: SyncRedis, redis_settings: RedisSettings, players: list[str]) -> LiveMatch:
    match = LiveMatch(
        match_id=new_id(), status="running", mode="duel", region="local", server_id="session1",
        player_ids=tuple(players), queued_at_ms=900, created_at_ms=1000, started_at_ms=2000,
    )  # fmt: skip

    async def put() -> None:
        async with make_async_client(redis_settings) as client:
            await LiveMatchStore(RedisGate(client)).put(match, ttl_ms=60_000)

    asyncio.run(put())
    for player_id in players:
        redis.set(keys.player_guard("local", player_id), f"match:{match.match_id}", px=60_000)
    return match


def test_the_match_i_sit_in_is_told_apart(
    client: Client, redis: SyncRedis, redis_settings: RedisSettings
) -> None:
    me, other, third = make_players(3)
    play(me, [other, third], 1)
    match = sit(redis, redis_settings, [me, other])
    body = ask(client, me).json()
    assert (body["live"]["match_id"], body["live"]["status"]) == (match.match_id, "running")
    assert (body["live"]["results"], len(body["matches"])) == ([], 1)
    assert ask(client, third).json()["live"] is None
    redis.set(keys.player_guard("local", third), f"ticket:{new_id()}", px=60_000)
    assert ask(client, third).json()["live"] is None


def test_a_match_that_is_stored_is_no_longer_live(
    client: Client, redis: SyncRedis, redis_settings: RedisSettings
) -> None:
    players = make_players(2)
    match = sit(redis, redis_settings, players)
    finalize_match(finished(players, match_id=match.match_id))
    body = ask(client, players[0]).json()
    assert body["live"] is None
    assert [row["match_id"] for row in body["matches"]] == [match.match_id]


@pytest.mark.usefixtures("stopped_redis")
def test_it_is_unavailable_while_nobody_can_tell_what_is_live(client: Client) -> None:
    (me,) = make_players(1)
    assert ask(client, me).status_code == 503


def test_a_cursor_of_another_player_or_list_is_refused(client: Client) -> None:
    me, *others = make_players(3)
    play(me, others, 3)
    cursor = ask(client, me, "?limit=1").json()["next_cursor"]
    assert ask(client, others[0], f"?cursor={cursor}").status_code == 422
    board = client.get("/api/v1/leaderboards/duel?limit=1").json()["next_cursor"]
    for wrong in (board, "broken", "A" * 60, "%00"):
        assert ask(client, me, f"?cursor={wrong}").status_code == 422


@pytest.mark.parametrize("query", ["?limit=0", "?limit=51", "?limit=x"])
def test_a_wrong_question_is_refused(client: Client, query: str) -> None:
    (me,) = make_players(1)
    assert ask(client, me, query).status_code == 422


def test_without_a_token_there_is_no_list(client: Client) -> None:
    assert client.get("/api/v1/me/matches").status_code == 401


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", STREAMS)
def test_a_stream_is_read_from_its_index_without_sorting(model: Stream) -> None:
    players = make_players(40)
    store_matches(2_000, players)
    store_matches(1_000, players, aborted=True, first=2_000)
    steps = plan_of(stream_rows(model, players[3], 10**9)[:21])
    assert_reads_in_order(steps, steps[0]["key"])
    assert "player" in steps[0]["key"]


def test_a_page_costs_the_same_few_reads_however_long_it_is(client: Client) -> None:
    me, *others = make_players(4)
    play(me, others, 9)
    with CaptureQueriesContext(connection) as seen:
        assert len(ask(client, me).json()["matches"]) == 9
    assert len(seen.captured_queries) <= 5
