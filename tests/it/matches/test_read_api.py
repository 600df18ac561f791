"""순위표와 판의 읽기."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kernel.ids import new_id
from matches import lookup
from matches.cursor import Cursor
from matches.models import MatchResult, Rating
from matches.ratings.leaderboard import read_page, rows_after, rows_before
from matches.results.finalize import finalize_match
from players.wiring import token_issuer
from redisstore.client import RedisSettings, make_async_client
from redisstore.gate import RedisGate, SyncRedisGate
from redisstore.live_matches import LiveMatch, LiveMatchStore
from tests.it.database.query_plans import assert_reads_in_order, plan_of
from tests.it.matches.outcomes import aborted, finished, make_players

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]


def rate(mus: list[float], mode: str = "duel", *, is_bot: bool = False) -> list[tuple[float, str]]:
    """레이팅이 `mus`인 선수들을 만들고 순위표의 차례로 준다."""
    player_ids = make_players(len(mus))
    rows = zip(mus, player_ids, strict=True)
    Rating.objects.bulk_create(
        Rating(player_id=player_id, mode=mode, mu=mu, sigma=100, games=1, is_bot=is_bot)
        for mu, player_id in rows
    )
    return sorted(zip(mus, player_ids, strict=True), key=lambda row: (-row[0], row[1]))


def walk(client: Client, mode: str, limit: int) -> list[dict[str, Any]]:
    """첫 쪽부터 끝까지."""
    entries: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = client.get(f"/api/v1/leaderboards/{mode}?limit={limit}{cursor}").json()
        entries += page["entries"]
        if page["next_cursor"] is None:
            return entries
        assert len(page["entries"]) == limit
        cursor = f"&cursor={page['next_cursor']}"


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_join_into_one_board_with_ties_in_player_order(client: Client, limit: int) -> None:
    expected = rate([1500.0, 1700.5, 1500.0, 1499.999999999, 1500.0, 900.25, 1700.5])
    rate([2000.0], mode="arena")
    entries = walk(client, "duel", limit)
    assert [(entry["rating"], entry["player_id"]) for entry in entries] == expected
    assert [entry["rank"] for entry in entries] == list(range(1, 8))
    assert {entry["games"] for entry in entries} == {1}
    assert all(entry["name"] for entry in entries)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([1500.0, 1500.1, 1400.0, 1 / 3]), max_size=12), st.integers(1, 5))
def test_no_page_size_skips_or_repeats_anyone(mus: list[float], limit: int) -> None:
    Rating.objects.all().delete()
    expected = rate(mus)
    seen: list[tuple[float, str]] = []
    after: Cursor | None = None
    while True:
        page = read_page("duel", limit, after)
        seen += [(entry.rating, entry.player_id) for entry in page.entries]
        if (after := page.following) is None:
            break
    assert seen == expected


def test_an_empty_mode_is_an_empty_board(client: Client) -> None:
    answer = client.get("/api/v1/leaderboards/nobody_played").json()
    assert answer == {"mode": "nobody_played", "entries": [], "next_cursor": None}


@pytest.mark.parametrize(
    "query",
    ["Duel", "no%20mode", "x" * 33, "duel?limit=0", "duel?limit=101", "duel?limit=many",
     "duel?include_bots=maybe",
     "duel?cursor=broken", "duel?cursor=%00", "duel?cursor=" + "A" * 56, "duel?cursor=" + "x" * 500],
)  # fmt: skip
def test_a_board_asked_wrongly_is_refused(client: Client, query: str) -> None:
    response = client.get(f"/api/v1/leaderboards/{query}")
    assert (response.status_code, response.json()["code"]) == (422, "INVALID_ARGUMENT")


def test_a_cursor_of_another_mode_is_refused(client: Client) -> None:
    rate([1500.0, 1400.0])
    cursor = client.get("/api/v1/leaderboards/duel?limit=1").json()["next_cursor"]
    assert client.get(f"/api/v1/leaderboards/arena?cursor={cursor}").status_code == 422


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_bot", [False, True])
@pytest.mark.parametrize("after", [None, Cursor(1500.0, new_id(), 1000)], ids=["first", "middle"])
def test_the_board_is_read_from_its_index_without_sorting(after: Cursor | None, is_bot: bool) -> None:
    rate([1500.0 + index % 97 for index in range(2000)])
    rate([1600.0 + index % 97 for index in range(1000)], is_bot=True)
    rate([1500.0 + index % 97 for index in range(300)], mode="arena")
    assert_reads_in_order(plan_of(rows_after("duel", is_bot, after)[:21]), "rating_board_idx")
    if after is not None:
        assert_reads_in_order(plan_of(rows_before("duel", is_bot, after)[:21]), "rating_board_idx")


def test_bots_take_no_rank_unless_they_are_asked_for(client: Client) -> None:
    [(_, best)] = rate([1600.0])
    [(_, bot)] = rate([1550.0], is_bot=True)
    [(_, last)] = rate([1500.0])

    def board(query: str) -> list[tuple[int, str, bool]]:
        entries = client.get(f"/api/v1/leaderboards/duel{query}").json()["entries"]
        return [(entry["rank"], entry["player_id"], entry["is_bot"]) for entry in entries]

    people = [(1, best, False), (2, last, False)]
    assert board("") == board("?include_bots=false") == people
    assert board("?include_bots=true") == [(1, best, False), (2, bot, True), (3, last, False)]


def test_a_cursor_of_the_board_with_bots_is_refused_by_the_one_without(client: Client) -> None:
    rate([1500.0, 1400.0])
    cursor = client.get("/api/v1/leaderboards/duel?limit=1&include_bots=true").json()["next_cursor"]
    assert client.get(f"/api/v1/leaderboards/duel?cursor={cursor}").status_code == 422
    again = client.get(f"/api/v1/leaderboards/duel?cursor={cursor}&include_bots=true")
    assert [entry["rank"] for entry in again.json()["entries"]] == [2]


def live(redis_settings: RedisSettings, status: str, **changed: Any) -> LiveMatch:
    """session이 적는 그대로 적은 살아 있는 판."""
    match = LiveMatch(
        match_id=new_id(), status=status, mode="duel", region="local", server_id="session1",
        player_ids=(new_id(), new_id()), queued_at_ms=900, created_at_ms=1000, **changed,
    )  # fmt: skip

    async def put() -> None:
        async with make_async_client(redis_settings) as client:
            await LiveMatchStore(RedisGate(client)).put(match, ttl_ms=60_000)

    asyncio.run(put())
    return match


@pytest.mark.parametrize(
    ("status", "shown", "times"),
    [
        ("created", "created", {}),
        ("running", "running", {"started_at_ms": 2000}),
        ("ended", "running", {"started_at_ms": 2000, "ended_at_ms": 3000}),
    ],
)
def test_a_live_match_is_read_from_redis(
    client: Client, redis_settings: RedisSettings, status: str, shown: str, times: dict[str, int]
) -> None:
    match = live(redis_settings, status, **times)
    body = client.get(f"/api/v1/matches/{match.match_id}").json()
    assert (body["status"], body["mode"], body["results"], body["rating_changes"]) == (shown, "duel", [], [])
    assert body["player_ids"] == list(match.player_ids)
    assert body["started_at_ms"] == times.get("started_at_ms")


def test_a_final_match_shows_results_and_changes(client: Client) -> None:
    players = make_players(2)
    report = finalize_match(finished(players))
    body = client.get(f"/api/v1/matches/{report.match_id}").json()
    assert (body["status"], body["abort_code"]) == ("finalized", "")
    assert body["results"] == [
        {
            "player_id": result.player_id, "place": result.place, "score": result.score,
            "rating_before": result.rating_before, "rating_after": result.rating_after, "conceded": False,
        }
        for result in report.results
    ]  # fmt: skip
    assert [change["player_id"] for change in body["rating_changes"]] == players
    assert (body["created_at_ms"], body["ended_at_ms"]) == (1_700_000_000_000, 1_700_000_021_000)


def test_a_final_match_shows_who_conceded(client: Client) -> None:
    outcome = finished(make_players(2))
    winner, loser = outcome.players
    loser = replace(loser, conceded=True)
    conceded = replace(outcome, players=(winner, loser))
    report = finalize_match(conceded)
    body = client.get(f"/api/v1/matches/{report.match_id}").json()
    assert [row["conceded"] for row in body["results"]] == [False, True]
    assert body["results"] == [asdict(result) for result in report.results]


def test_a_final_match_of_the_last_version_shows_that_nobody_conceded(client: Client) -> None:
    report = finalize_match(finished(make_players(2)))
    row = MatchResult.objects.get(match_id=report.match_id)
    for player in row.players:
        del player["conceded"]
    row.save()
    body = client.get(f"/api/v1/matches/{report.match_id}").json()
    assert [result["conceded"] for result in body["results"]] == [False, False]


def test_an_aborted_match_shows_why_and_no_results(client: Client) -> None:
    players = make_players(2)
    report = finalize_match(aborted(players, code="SESSION_DRAINING"))
    body = client.get(f"/api/v1/matches/{report.match_id}").json()
    assert (body["status"], body["abort_code"], body["results"]) == ("aborted", "SESSION_DRAINING", [])
    assert body["player_ids"] == players


def test_a_match_that_ends_between_the_two_reads_is_still_found(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = finished(make_players(2))

    def ends_just_now(_gate: SyncRedisGate, _match_id: str) -> None:
        finalize_match(outcome)

    monkeypatch.setattr(lookup, "get_sync", ends_just_now)
    assert client.get(f"/api/v1/matches/{outcome.match_id}").json()["status"] == "finalized"


def test_an_unknown_match_is_404(client: Client) -> None:
    response = client.get(f"/api/v1/matches/{new_id()}")
    assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("match_id", ["x", "01a209749a5f791799e2b09c38d22897", "%00", "1" * 36])
def test_a_match_id_that_is_not_ours_is_refused(client: Client, match_id: str) -> None:
    assert client.get(f"/api/v1/matches/{match_id}").status_code == 422


@pytest.mark.usefixtures("stopped_redis")
def test_without_redis_final_matches_are_read_and_live_ones_are_unavailable(client: Client) -> None:
    report = finalize_match(finished(make_players(2)))
    assert client.get(f"/api/v1/matches/{report.match_id}").status_code == 200
    refused = client.get(f"/api/v1/matches/{new_id()}")
    assert (refused.status_code, refused.json()["code"]) == (503, "UNAVAILABLE")
    assert refused["Retry-After"]


def test_me_lists_the_ratings_by_mode(client: Client) -> None:
    players = make_players(2)
    finalize_match(finished(players))
    finalize_match(finished(players, mode="arena"))
    token = token_issuer().issue(players[0], "나")
    body = client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).json()
    assert [(rating["mode"], rating["games"]) for rating in body["ratings"]] == [("arena", 1), ("duel", 1)]
    assert body["ratings"][0]["rating"] > 1500
