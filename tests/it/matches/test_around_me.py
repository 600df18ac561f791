"""순위표에서 내 둘레: 비긴 사람들, 봇, 표의 양 끝, 그리고 표가 커도 제 줄만 읽는 것."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matches.models import Rating
from matches.ratings.leaderboard import Around, read_around, read_page
from players.models import Player
from players.wiring import token_issuer
from tests.it.matches.outcomes import make_players

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]


def rate(rows: list[tuple[float, bool]], mode: str = "duel") -> list[str]:
    """(레이팅, 봇인가)마다 선수를 하나씩 만든다. 비긴 이들도 있다."""
    player_ids = make_players(len(rows))
    Rating.objects.bulk_create(
        Rating(player_id=player_id, mode=mode, mu=mu, sigma=100, games=1, is_bot=is_bot)
        for player_id, (mu, is_bot) in zip(player_ids, rows, strict=True)
    )
    return player_ids


def ask(client: Client, player_id: str, query: str = "", mode: str = "duel") -> Any:
    token = token_issuer().issue(player_id, "나")
    return client.get(
        f"/api/v1/leaderboards/{mode}/around-me{query}", headers={"Authorization": f"Bearer {token}"}
    )


ROWS = st.lists(st.tuples(st.sampled_from([1500.0, 1500.1, 1400.0, 1 / 3]), st.booleans()), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.integers(1, 14), st.booleans())
def test_it_is_always_a_piece_of_the_board_with_me_near_its_middle(
    rows: list[tuple[float, bool]], limit: int, include_bots: bool
) -> None:
    Rating.objects.all().delete()
    player_ids = rate(rows)
    board = read_page("duel", 100, None, include_bots=include_bots).entries
    for player_id in player_ids:
        place = next((at for at, entry in enumerate(board) if entry.player_id == player_id), None)
        around = read_around("duel", player_id, limit, include_bots=include_bots)
        if place is None:
            assert around == Around(None, ())
            continue
        first = max(0, min(place - (limit - 1) // 2, len(board) - limit))
        assert around == Around(place + 1, board[first : first + limit])


def test_a_player_without_a_match_has_no_rank_and_no_neighbours(client: Client) -> None:
    rate([(1500.0, False)] * 3)
    (newcomer,) = make_players(1)
    answer = ask(client, newcomer)
    assert (answer.status_code, answer.json()) == (200, {"mode": "duel", "rank": None, "entries": []})


def test_the_rank_of_a_mode_is_of_that_mode(client: Client) -> None:
    first, second = rate([(1600.0, False), (1500.0, False)])
    Rating.objects.create(player_id=second, mode="arena", mu=1700, sigma=100, games=2)
    assert ask(client, second).json()["rank"] == 2
    arena = ask(client, second, mode="arena").json()
    assert (arena["rank"], [entry["games"] for entry in arena["entries"]]) == (1, [2])
    assert ask(client, first, mode="arena").json()["rank"] is None


@pytest.mark.parametrize("query", ["?limit=0", "?limit=101", "?limit=x", "?include_bots=2"])
def test_a_wrong_question_is_refused(client: Client, query: str) -> None:
    (me,) = rate([(1500.0, False)])
    assert ask(client, me, query).status_code == 422
    assert ask(client, me, mode="No%20mode").status_code == 422


def test_without_a_token_nobody_has_a_place(client: Client) -> None:
    answer = client.get("/api/v1/leaderboards/duel/around-me")
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(("query", "budget"), [("", 6), ("?include_bots=true", 9)])
def test_it_costs_the_same_few_reads_however_large_the_board(client: Client, query: str, budget: int) -> None:
    player_ids = rate([(1500.0 + index % 97, index % 3 == 0) for index in range(1, 401)])
    with CaptureQueriesContext(connection) as seen:
        answer = ask(client, player_ids[0], query).json()
    assert len(answer["entries"]) == 11
    assert len(seen.captured_queries) <= budget
    assert Player.objects.count() == 400
