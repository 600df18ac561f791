"""CSV와 선수의 지금: 거른 것만, 쪽을 넘어, 식으로 읽히지 않게."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client

from accounts.permissions import StaffPermission
from kernel.ids import new_id
from ops.paging import PAGE_ROWS
from players.models import Player
from redisstore import keys
from redisstore.client import SyncRedis
from tests.it.ops.conftest import SignIn
from tests.it.ops.histories import store_matches
from tests.it.platform.outcomes import make_players

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]

MADE_MS = 1_700_000_000_000  # 새것부터 나온다: 같은 밀리초의 번호는 차례가 없다


def rows_of(client: Client, path: str) -> list[dict[str, str]]:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in response.headers["Content-Disposition"]
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def test_the_filtered_matches_are_exported_over_the_pages(viewer: Client) -> None:
    players = make_players(2)
    duels = store_matches(PAGE_ROWS + 5, players)
    store_matches(3, players, mode="arena")
    rows = rows_of(viewer, "/ops/matches/?mode=duel&format=csv")
    assert [row["match_id"] for row in rows] == duels[::-1]
    assert (rows[0]["status"], rows[0]["duration_ms"], rows[0]["server_id"]) == (
        "finalized",
        "20000",
        "session1",
    )
    assert rows[0]["players"].count(";") == 1
    assert "/ops/matches/?mode=duel&amp;format=csv" in viewer.get("/ops/matches/?mode=duel").content.decode()


def test_the_players_found_are_exported_and_no_name_is_a_formula(viewer: Client) -> None:
    Player.objects.create(id=new_id(MADE_MS), name="=1+1")
    Player.objects.create(id=new_id(MADE_MS + 1), name="가람")
    assert [row["name"] for row in rows_of(viewer, "/ops/players/?format=csv")] == ["가람", "'=1+1"]
    assert [row["name"] for row in rows_of(viewer, "/ops/players/?q=가&format=csv")] == ["가람"]


def test_an_export_needs_the_right_to_look(sign_in: SignIn) -> None:
    someone = sign_in(StaffPermission.SERVER_VIEW)
    for path in ("/ops/matches/?format=csv", "/ops/players/?format=csv"):
        assert someone.get(path).status_code == 403


def test_a_player_is_shown_where_he_is_now(viewer: Client, redis: SyncRedis) -> None:
    (player,) = make_players(1)
    page = f"/ops/players/{player}/"
    guard, match_id = keys.player_guard("local", player), new_id()
    assert "줄에도 판에도 없음" in viewer.get(page).content.decode()
    redis.set(guard, f"ticket:{new_id()}")
    assert "줄에서 기다림" in viewer.get(page).content.decode()
    redis.set(guard, f"match:{match_id}")
    text = viewer.get(page).content.decode()
    assert "판에 있음" in text
    assert f"/ops/matches/{match_id}/" in text


@pytest.mark.usefixtures("stopped_redis")
def test_without_redis_the_player_page_opens_and_does_not_guess(viewer: Client) -> None:
    (player,) = make_players(1)
    assert "Redis가 답하지 않음" in viewer.get(f"/ops/players/{player}/").content.decode()
