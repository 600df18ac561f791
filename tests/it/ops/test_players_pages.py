"""선수의 목록과 선수 하나: 찾기, 쪽, 레이팅의 자취, 중단된 판까지의 이력."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import pairwise

import pytest
from django.test import Client

from accounts.roles import Role
from kernel.ids import new_id
from matches.results.finalize import finalize_match
from ops.paging import PAGE_ROWS
from ops.queries import name_search
from ops.queries.name_search import parts_sql, prefix_rows
from ops.queries.player import HISTORY_CHANGES, history_rows, rating_history
from ops.queries.players import namesakes, newest_rows, read_players
from players.models import Player
from tests.it.database.query_plans import assert_reads_in_order, plan, plan_of
from tests.it.matches.histories import store_matches
from tests.it.matches.outcomes import aborted, finished, make_players
from tests.it.ops.conftest import SignIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]

QueryBudget = Callable[[int], AbstractContextManager[None]]


def add(*names: str) -> list[str]:
    """이 이름의 선수들을 차례로 만든다."""
    rows = [Player(id=new_id(1_700_000_000_000 + index), name=name) for index, name in enumerate(names)]
    Player.objects.bulk_create(rows)
    return [str(row.pk) for row in rows]


def walk(prefix: str, between: Callable[[], object] = lambda: None) -> list[str]:
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = read_players(prefix, after)
        seen += [row.player_id for row in page.rows]
        after = page.following
        between()
    return seen


def test_the_newest_players_come_first_and_newcomers_do_not_move_the_pages() -> None:
    players = add(*(f"p{index}" for index in range(2 * PAGE_ROWS + 3)))
    assert walk("", between=lambda: make_players(2)) == players[::-1]


def test_namesakes_are_all_reached_over_the_pages_while_players_come() -> None:
    add("다른 이름")
    players = add(*(["같은이름"] * (PAGE_ROWS + 20)), *(f"같은이름{index:03}" for index in range(PAGE_ROWS)))
    assert walk("같은", between=lambda: add("갈래", "같자")) == players


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SKY", {"Sky", "sky fall"}),
        ("노", {"노을"}),
        ("노을", {"노을"}),
        ("\u1102\u1169\u110b\u1173\u11af", {"노을"}),  # 풀어 쓴 글자(NFD)
        ("100%", {"100%"}),
        ("10", {"100%", "1000"}),
        ("%", {"100%", "x%y"}),
        ("_", {"a_b"}),
        ("\\", {"a\\b"}),
        ("Ä", {"ärger"}),
        ("RGER", {"ärger"}),
        ("fall", {"sky fall"}),
        ("을", {"노을"}),
        ("ПРИ", {"Привет"}),
        ("ВЕТ", {"Привет"}),
        ("ｓｋｙ", {"Sky", "sky fall"}),
        ("خواهم", {"می\u200cخواهم"}),
        ("میخواهم", {"می\u200cخواهم"}),
        ("STRASSE", {"Große Straße"}),
        ("❤", {"❤\ufe0f"}),
        ("\u200b", set()),
    ],
)
def test_a_player_is_found_by_any_part_of_the_name_in_any_case(query: str, found: set[str]) -> None:
    add("Sky", "sky fall", "노을", "100%", "1000", "ärger", "x%y", "a_b", "a\\b", "Привет", "Große Straße")
    add("می\u200cخواهم", "❤\ufe0f")
    assert {row.name for row in read_players(query).rows} == found
    assert {row.name for row in namesakes(query).rows} == found


def test_names_that_start_so_come_before_those_that_hold_it() -> None:
    add("xmin", "amin", "minb", "min", "MINA")
    assert [row.name for row in read_players("min").rows] == ["min", "MINA", "minb", "amin", "xmin"]


def test_parts_are_all_reached_over_the_pages_while_players_come() -> None:
    starts = add(*(f"가나{index:03}" for index in range(PAGE_ROWS + 7)))
    holds = add(*(f"{head}가나" for head in [f"a{index:03}" for index in range(PAGE_ROWS + 20)]))
    add("가 나", "나가")
    assert walk("가나", between=lambda: add("다가가")) == starts + holds


def test_a_search_that_is_cut_short_says_so(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    add(*(f"이름{index:04}" for index in range(300)), "힣끝")
    assert [row.name for row in read_players("끝").rows] == ["힣끝"]
    assert "끝까지 찾지 못했습니다" not in viewer.get("/ops/players/", {"q": "끝"}).content.decode()
    monkeypatch.setattr(name_search, "SCANNED_MAX", 50)
    page = read_players("끝")
    assert (page.rows, page.is_complete) == ((), False)
    for path in ("/ops/players/", "/ops/matches/"):
        assert "끝까지 찾지 못했습니다" in viewer.get(path, {"q": "끝"}).content.decode()


def test_the_admin_finds_parts_of_names_in_any_case(sign_in: SignIn) -> None:
    (player,) = add("Große Straße")
    admin = sign_in(Role.ADMIN)
    for query in ("STRASSE", "große", player.upper()):
        assert "Große Straße" in admin.get("/admin/players/player/", {"q": query}).content.decode()
    for query in ("gross\u200be", "\u200b", "%"):
        found = "Große Straße" in admin.get("/admin/players/player/", {"q": query}).content.decode()
        assert found == (query == "gross\u200be")


def test_every_way_to_write_a_player_makes_the_search_key() -> None:
    Player.objects.create(name="ÄRGER")
    Player(name="Sky").save(force_insert=True)
    Player.objects.bulk_create([Player(name="ＡＢＣ")])
    assert set(Player.objects.values_list("name_key", flat=True)) == {"ärger", "sky", "abc"}


def test_a_player_id_leads_to_the_player(viewer: Client) -> None:
    (player,) = add("노을")
    assert viewer.get("/ops/players/", {"q": player.upper()}).headers["Location"] == f"/ops/players/{player}/"
    assert "그런 선수가 없습니다" in viewer.get("/ops/players/", {"q": new_id()}).content.decode()


def test_the_search_stays_in_the_address_of_the_next_page(viewer: Client) -> None:
    add(*(f"봇 {index:03}" for index in range(PAGE_ROWS + 1)))
    text = viewer.get("/ops/players/", {"q": "봇"}).content.decode()
    (following,) = re.findall(r'rel="next" href="([^"]+)"', text)
    rest = viewer.get(following.replace("&amp;", "&")).content.decode()
    assert "봇 050" in rest
    assert "봇 049" not in rest


def test_the_list_shows_the_ratings_by_mode(viewer: Client) -> None:
    players = make_players(2)
    finalize_match(finished(players))
    finalize_match(finished(players, mode="arena"))
    (best, _) = (
        read_players("").rows
        if read_players("").rows[0].player_id == players[0]
        else read_players("").rows[::-1]
    )
    assert [(rating.mode, rating.games) for rating in best.ratings] == [("arena", 1), ("duel", 1)]
    text = viewer.get("/ops/players/").content.decode()
    assert f"<b>{best.ratings[1].mu:.0f}</b>" in text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("after", ["", "ffffffff-ffff-7fff-bfff-ffffffffffff"])
def test_the_list_is_read_from_the_primary_key(after: str) -> None:
    make_players(600)
    (step,) = plan_of(newest_rows(after))
    assert step["key"] == "PRIMARY", step
    assert "filesort" not in (step["Extra"] or ""), step
    assert int(step["rows"]) <= PAGE_ROWS + 1 or step["type"] == "range", step


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("after", [None, ("선수3", "01a20974-9a5f-7917-99e2-b09c38d22897")])
def test_a_name_is_searched_in_its_index_without_sorting(after: tuple[str, str] | None) -> None:
    make_players(600)
    # 작은 표의 어림은 표를 다 읽는 쪽으로 기운다. 많은 이름을 두어 색인을 고르는지 본다.
    add(*(f"다른 이름{index:04}" for index in range(3_000)))
    assert_reads_in_order(plan_of(prefix_rows("선수3", after, PAGE_ROWS + 1)), "player_name_key_idx")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("after", [None, ("선수3", "01a20974-9a5f-7917-99e2-b09c38d22897")])
def test_the_parts_of_names_are_searched_in_the_index_alone(after: tuple[str, str] | None) -> None:
    make_players(600)
    (step,) = plan(*parts_sql("수3", after, PAGE_ROWS + 1))
    assert step["key"] == "player_name_key_idx", step
    assert "Using index" in step["Extra"], step
    assert "filesort" not in step["Extra"], step


@pytest.mark.parametrize("count", [2, PAGE_ROWS + 1])
def test_the_list_costs_the_same_few_queries_for_one_player_or_a_full_page(
    viewer: Client, count: int, django_assert_max_num_queries: QueryBudget
) -> None:
    finalize_match(finished(make_players(count), mode="arena"))
    with django_assert_max_num_queries(7):  # 세션, 직원, 권한 둘, 역할, 선수, 레이팅
        assert viewer.get("/ops/players/").status_code == 200


# ---- 선수 하나


def test_a_player_shows_ratings_history_and_matches_even_aborted_ones(viewer: Client) -> None:
    players = make_players(2)
    reports = [finalize_match(finished(players)) for _ in range(3)]
    lost = finalize_match(aborted(players))
    text = viewer.get(f"/ops/players/{players[0]}/").content.decode()
    assert text.count('class="dot"') == 3
    assert all(f'href="/ops/matches/{report.match_id}/"' in text for report in [*reports, lost])
    assert "SESSION_LOST" in text
    assert "마지막 3판" in text
    assert 'class="delta up"' in text


def test_the_history_is_that_of_the_chosen_mode_from_old_to_new() -> None:
    players = make_players(2)
    for mode in ("duel", "arena", "duel"):
        finalize_match(finished(players, mode=mode))
    moves = rating_history(players[0], "duel")
    assert len(moves) == 2
    assert all(earlier.after == later.before for earlier, later in pairwise(moves))
    assert rating_history(players[0], "arena")[0].before == 1500


def test_a_mode_in_the_address_chooses_the_chart_and_an_unknown_one_does_not(viewer: Client) -> None:
    players = make_players(2)
    for mode in ("duel", "duel", "arena"):
        finalize_match(finished(players, mode=mode))
    page = f"/ops/players/{players[0]}/"
    assert "마지막 1판" in viewer.get(page, {"mode": "arena"}).content.decode()
    for query in ({}, {"mode": "nosuch"}):
        assert "마지막 2판" in viewer.get(page, query).content.decode()


def test_a_player_without_a_match_has_an_empty_page(viewer: Client) -> None:
    (player,) = add("새내기")
    text = viewer.get(f"/ops/players/{player}/").content.decode()
    assert "아직 레이팅이 바뀐 판이 없습니다" in text
    assert "아직 끝난 판이 없습니다" in text


def test_the_matches_of_a_player_are_paged(viewer: Client) -> None:
    players = make_players(2)
    stored = store_matches(PAGE_ROWS + 5, players)
    page = viewer.get(f"/ops/players/{players[0]}/", {"mode": "duel"}).content.decode()
    (following,) = re.findall(r'rel="next" href="([^"]+)"', page)
    assert "mode=duel" in following
    rest = viewer.get(following.replace("&amp;", "&").removesuffix("#matches")).content.decode()
    assert all(f'/ops/matches/{match_id}/"><code' in rest for match_id in stored[:5])
    assert f'/ops/matches/{stored[5]}/"><code' not in rest


@pytest.mark.django_db(transaction=True)
def test_the_history_is_read_from_the_players_index_without_sorting() -> None:
    players = make_players(20)
    store_matches(1500, players)
    (step,) = plan_of(history_rows(players[0], "duel"))
    assert "player_id" in step["key"], step
    assert step["type"] in {"ref", "range"}, step
    assert "filesort" not in (step["Extra"] or ""), step


@pytest.mark.parametrize("count", [1, HISTORY_CHANGES + 10])
def test_a_player_costs_the_same_few_queries_for_one_match_or_hundreds(
    viewer: Client, count: int, django_assert_max_num_queries: QueryBudget
) -> None:
    players = make_players(2)
    finalize_match(finished(players))
    store_matches(count, players)
    with django_assert_max_num_queries(13):
        assert viewer.get(f"/ops/players/{players[0]}/").status_code == 200
