"""CSV와 선수의 지금: 거른 것만, 쪽을 넘어, 식으로 읽히지 않게."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client

from accounts.permissions import StaffPermission
from kernel.ids import new_id
from matches.models import Rating
from ops.queries.exports import EXPORT_MATCHES, MATCH_COLUMNS, PLAYER_COLUMNS, seat_lines
from ops.queries.matches import MatchFilter
from players.models import Player
from redisstore import keys
from redisstore.client import SyncRedis
from tests.it.matches.histories import store_matches
from tests.it.matches.outcomes import make_players
from tests.it.ops.conftest import SignIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]

QueryBudget = Callable[[int], AbstractContextManager[None]]
MADE_MS = 1_700_000_000_000  # 새것부터 나온다: 같은 밀리초의 번호는 차례가 없다


def rows_of(client: Client, path: str) -> list[dict[str, str]]:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/csv")
    assert re.search(
        r"attachment; filename.*hanpan-(matches|players)-", response.headers["Content-Disposition"]
    )
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def test_the_filtered_matches_are_exported_over_the_pages_with_every_seat(viewer: Client) -> None:
    players = make_players(2)
    duels = store_matches(EXPORT_MATCHES + 5, players)
    store_matches(3, players, mode="arena")
    rows = rows_of(viewer, "/ops/matches/?mode=duel&format=csv")
    assert list(rows[0]) == list(MATCH_COLUMNS)
    assert [(row["match_id"], row["seat"]) for row in rows] == [
        (match_id, seat) for match_id in duels[::-1] for seat in ("1", "2")
    ]
    assert {row["player_id"] for row in rows[:2]} == set(players)
    first = rows[0]
    assert (first["status"], first["duration_ms"], first["server_id"], first["players"]) == (
        "finalized", "20000", "session1", "2",
    )  # fmt: skip
    assert (first["place"], first["score"], first["mu_before"], first["mu_after"]) == (
        "1",
        "9",
        "1500.0",
        "1510.0",
    )
    assert first["ended_at"].endswith("+00:00")
    assert "/ops/matches/?mode=duel&amp;format=csv" in viewer.get("/ops/matches/?mode=duel").content.decode()


def test_an_aborted_match_is_exported_without_places_and_ratings(viewer: Client) -> None:
    store_matches(1, make_players(2), aborted=True)
    rows = rows_of(viewer, "/ops/matches/?status=aborted&format=csv")
    assert [(row["abort_code"], row["place"], row["mu_after"]) for row in rows] == [
        ("SESSION_LOST", "", "")
    ] * 2


def test_the_matches_of_one_player_are_exported_over_the_pages(viewer: Client) -> None:
    players = make_players(4)
    stored = store_matches(2 * EXPORT_MATCHES, players) + store_matches(10, players, aborted=True)
    rows = rows_of(viewer, f"/ops/matches/?player={players[0]}&format=csv")
    mine = [row["match_id"] for row in rows if row["player_id"] == players[0]]
    assert len(rows) == 2 * len(mine)
    assert mine == [
        match_id for index, match_id in reversed(list(enumerate(stored))) if match_id in set(mine)
    ]
    assert len(mine) == EXPORT_MATCHES + 5


def test_a_page_of_the_export_costs_the_same_however_many_sit(
    viewer: Client, django_assert_max_num_queries: QueryBudget
) -> None:
    store_matches(EXPORT_MATCHES, make_players(30))
    with django_assert_max_num_queries(3):
        assert len(seat_lines(MatchFilter(), "").rows) == 2 * EXPORT_MATCHES


def test_the_players_found_are_exported_and_no_name_is_a_formula(viewer: Client) -> None:
    Player.objects.create(id=new_id(MADE_MS), name="=1+1")
    second = Player.objects.create(id=new_id(MADE_MS + 1), name="가람")
    for mode in ("arena", "duel"):
        Rating.objects.create(player=second, mode=mode, mu=1512.5, sigma=300, games=3)
    rows = rows_of(viewer, "/ops/players/?format=csv")
    assert list(rows[0]) == list(PLAYER_COLUMNS)
    assert [(row["player_name"], row["mode"], row["mu"]) for row in rows] == [
        ("가람", "arena", "1512.5"), ("가람", "duel", "1512.5"), ("'=1+1", "", ""),
    ]  # fmt: skip
    assert {row["player_name"] for row in rows_of(viewer, "/ops/players/?q=가&format=csv")} == {"가람"}


def test_an_export_needs_the_right_to_look(sign_in: SignIn) -> None:
    someone = sign_in(StaffPermission.SERVER_VIEW)
    for path in ("/ops/matches/?format=csv", "/ops/players/?format=csv"):
        assert someone.get(path).status_code == 403


def test_a_player_is_shown_where_he_is_now(viewer: Client, redis: SyncRedis) -> None:
    (player,) = make_players(1)
    page = f"/ops/players/{player}/"
    guard, match_id = keys.player_guard("local", player), new_id()
    assert "대기열에도 판에도 없음" in viewer.get(page).content.decode()
    redis.set(guard, f"ticket:{new_id()}")
    assert "대기열에서 기다림" in viewer.get(page).content.decode()
    redis.set(guard, f"match:{match_id}")
    text = viewer.get(page).content.decode()
    assert "판에 있음" in text
    assert f"/ops/matches/{match_id}/" in text


@pytest.mark.usefixtures("stopped_redis")
def test_without_redis_the_player_page_opens_and_does_not_guess(viewer: Client) -> None:
    (player,) = make_players(1)
    assert "Redis가 답하지 않음" in viewer.get(f"/ops/players/{player}/").content.decode()
