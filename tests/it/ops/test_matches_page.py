"""판의 목록: 차례, 거르기, 찾기, 흔들리지 않는 쪽, 색인만 읽는 질의."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from kernel.ids import new_id
from matches.models import AbortedSeat, MatchResult, RatingChange
from ops.paging import ID_MAX, PAGE_ROWS
from ops.queries.matches import (
    MatchFilter,
    known_modes,
    listing_sql,
    mode_rows,
    player_rows,
    read_matches,
)
from players.models import Player
from redisstore import keys
from redisstore.client import SyncRedis
from tests.it.database.query_plans import assert_reads_in_order, plan, plan_of
from tests.it.matches.histories import store_matches
from tests.it.matches.outcomes import make_players

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]

QueryBudget = Callable[[int], AbstractContextManager[None]]


def walk(wanted: MatchFilter, between: Callable[[], object] = lambda: None) -> list[str]:
    """첫 쪽부터 끝까지의 판들. 쪽 사이마다 `between`을 부른다."""
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = read_matches(wanted, after)
        seen += [row.match_id for row in page.rows]
        after = page.following
        between()
    return seen


def test_the_newest_matches_come_first_with_their_players(viewer: Client) -> None:
    players = make_players(3)
    stored = store_matches(3, players)
    rows = read_matches(MatchFilter()).rows
    assert [row.match_id for row in rows] == stored[::-1]
    names = dict(Player.objects.values_list("id", "name"))
    assert {seat.name for seat in rows[0].seats} <= set(names.values())
    assert rows[0].duration_ms == 20_000
    text = viewer.get("/ops/matches/").content.decode()
    assert text.index(stored[2]) < text.index(stored[0])


def test_pages_join_into_one_list_while_matches_are_being_finished() -> None:
    players = make_players(4)
    stored = store_matches(2 * PAGE_ROWS + 7, players)
    seen = walk(MatchFilter(), between=lambda: store_matches(3, players, first=1000))
    assert seen == stored[::-1]


@pytest.mark.parametrize("status", ["", "finalized", "aborted"])
@pytest.mark.parametrize("mode", ["", "duel", "arena"])
@pytest.mark.parametrize("by_player", [False, True])
def test_every_filter_walks_exactly_the_matches_it_means(mode: str, status: str, by_player: bool) -> None:
    players = make_players(4)
    stored: list[tuple[str, str, str, set[str]]] = []
    for round_number in range(3):
        for a_mode in ("duel", "arena"):
            for aborted in (False, True):
                ids = store_matches(30, players, mode=a_mode, aborted=aborted, first=round_number * 100)
                for index, match_id in enumerate(ids):
                    seated = {players[index % 4], players[(index + 1) % 4]}
                    stored.append((match_id, a_mode, "aborted" if aborted else "finalized", seated))
    player = players[0] if by_player else ""
    wanted = MatchFilter(mode=mode, status=status, player_id=player)
    expected = [
        match_id
        for match_id, a_mode, a_status, seated in stored
        if mode in {"", a_mode} and status in {"", a_status} and (not player or player in seated)
    ]
    assert walk(wanted, between=lambda: store_matches(2, players, first=900)) == expected[::-1]


def test_an_aborted_match_shows_why_and_no_places(viewer: Client) -> None:
    store_matches(1, make_players(2), aborted=True)
    text = viewer.get("/ops/matches/").content.decode()
    assert "SESSION_LOST" in text
    assert 'class="place' not in text


def test_the_filters_stay_in_the_address_of_the_next_page(viewer: Client) -> None:
    players = make_players(2)
    store_matches(PAGE_ROWS + 1, players)
    page = viewer.get("/ops/matches/", {"mode": "duel", "status": "finalized", "player": players[0]})
    (following,) = re.findall(r'rel="next" href="([^"]+)"', page.content.decode())
    query = parse_qs(urlsplit(following.replace("&amp;", "&")).query)
    assert (query["mode"], query["status"], query["player"]) == (["duel"], ["finalized"], [players[0]])
    assert viewer.get(following.replace("&amp;", "&")).status_code == 200


def test_a_match_id_leads_to_the_match(viewer: Client) -> None:
    (match_id,) = store_matches(1, make_players(2))
    for text in (match_id, match_id.upper(), f" {match_id} "):
        response = viewer.get("/ops/matches/", {"q": text})
        assert response.headers["Location"] == f"/ops/matches/{match_id}/"


def test_a_running_match_is_found_by_its_id(viewer: Client, redis: SyncRedis) -> None:
    match_id = new_id()
    row = {"status": "running", "mode": "duel", "region": "local", "server_id": "session1", "players": "[]",
           "queued_at_ms": 1, "created_at_ms": 2, "started_at_ms": 3, "ended_at_ms": 0}  # fmt: skip
    redis.hset(keys.match(match_id), mapping=row)  # type: ignore[arg-type]
    response = viewer.get("/ops/matches/", {"q": match_id})
    assert response.headers["Location"] == f"/ops/matches/{match_id}/"


def test_a_player_id_filters_by_the_player_and_keeps_the_other_filters(viewer: Client) -> None:
    (player,) = make_players(1)
    response = viewer.get("/ops/matches/", {"q": player, "mode": "duel"})
    assert response.headers["Location"] == f"/ops/matches/?mode=duel&player={player}"


def test_the_start_of_a_name_leads_to_the_one_player_or_asks_which(viewer: Client) -> None:
    rows = [Player(id=new_id(), name=name) for name in ("Sky-1", "sky-2", "노을", "100%")]
    Player.objects.bulk_create(rows)
    assert viewer.get("/ops/matches/", {"q": "노"}).headers["Location"].endswith(f"?player={rows[2].pk}")
    text = viewer.get("/ops/matches/", {"q": "SKY"}).content.decode()
    assert "어느 것을 찾으십니까" in text
    assert "Sky-1" in text
    assert "sky-2" in text
    assert "노을" not in text


@pytest.mark.parametrize(
    "query", ["nobody", "%", "_", "x' OR 1=1 --", "\\", "\x00", "가" * 100, new_id(0, bytes(10))]
)
def test_a_search_that_means_nothing_says_so_and_lists_nothing(viewer: Client, query: str) -> None:
    (match_id,) = store_matches(1, make_players(2))
    text = viewer.get("/ops/matches/", {"q": query}).content.decode()
    assert "그런 판도 선수도 없습니다" in text
    assert match_id not in text


@pytest.mark.usefixtures("stopped_redis")
def test_without_redis_the_list_is_shown_and_an_unknown_id_says_it_cannot_be_read(viewer: Client) -> None:
    (match_id,) = store_matches(1, make_players(2))
    assert match_id in viewer.get("/ops/matches/").content.decode()
    response = viewer.get("/ops/matches/", {"q": new_id()})
    assert response.status_code == 503
    assert response.headers["Retry-After"]


# ---- 질의


def fill() -> list[str]:
    """최적화기가 색인을 견줄 만큼의 판: 흔한 모드와 드문 모드, 드문 중단."""
    players = make_players(20)
    store_matches(1500, players)
    store_matches(40, players, mode="arena")
    store_matches(30, players, aborted=True)
    return players


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        (MatchFilter(), "PRIMARY"),
        (MatchFilter(mode="duel"), "match_result_mode_idx"),
        (MatchFilter(mode="arena"), "match_result_mode_idx"),
        (MatchFilter(mode="never"), "match_result_mode_idx"),
        (MatchFilter(status="aborted"), "match_result_status_idx"),
        (MatchFilter(status="finalized"), "match_result_status_idx"),
        (MatchFilter(mode="duel", status="aborted"), "match_result_status_idx"),
        (MatchFilter(mode="arena", status="finalized"), "match_result_mode_idx"),
    ],
)
def test_the_list_is_read_from_an_index_without_sorting(wanted: MatchFilter, key: str) -> None:
    fill()
    middle_id = MatchResult.objects.order_by("-pk").values_list("pk", flat=True)[800]
    for before_id in (ID_MAX, middle_id):
        assert_reads_in_order(plan(*listing_sql(wanted, before_id)), key)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ["", "duel"])
def test_the_matches_of_a_player_are_read_from_the_players_index(mode: str) -> None:
    players = fill()
    wanted = MatchFilter(player_id=players[0], mode=mode)
    for model in (RatingChange, AbortedSeat):
        (step,) = plan_of(player_rows(model, wanted, ID_MAX))
        assert "player_id" in step["key"], step
        assert step["type"] in {"ref", "range"}, step
        assert "filesort" not in (step["Extra"] or ""), step


@pytest.mark.django_db(transaction=True)
def test_the_known_modes_are_read_by_hopping_over_the_index() -> None:
    fill()
    assert known_modes() == ["arena", "duel"]
    (step,) = plan_of(mode_rows())
    assert "Using index for group-by" in step["Extra"], step


@pytest.mark.parametrize("count", [1, PAGE_ROWS + 1])
def test_the_list_costs_the_same_few_queries_for_one_match_or_a_full_page(
    viewer: Client, count: int, django_assert_max_num_queries: QueryBudget
) -> None:
    players = make_players(count + 1)
    store_matches(count, players)
    with django_assert_max_num_queries(8):  # 세션, 직원, 권한 둘, 역할, 모드, 판, 이름
        assert viewer.get("/ops/matches/").status_code == 200
    with django_assert_max_num_queries(11):  # 더해서 줄기 둘, 판, 고른 선수
        assert viewer.get("/ops/matches/", {"player": players[0]}).status_code == 200
