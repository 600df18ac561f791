"""번호의 앞부분과 화면에 보이는 짧은 꼴로 찾는다: 판과 선수, 도는 것과 끝난 것, 색인의 한 범위만 읽으며."""

from __future__ import annotations

import pytest
from django.test import Client

from kernel.ids import new_id
from matches.models import MatchResult
from ops.queries.ids import id_part, match_candidates, matches_with, player_candidates, players_with
from ops.templatetags.ops_format import short_id
from players.models import Player
from redisstore import keys
from redisstore.client import SyncRedis
from tests.it.database.query_plans import plan_of
from tests.it.fleet.conftest import Register
from tests.it.matches.histories import store_matches
from tests.it.matches.outcomes import make_players

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]


def test_the_short_form_of_a_page_leads_to_the_match(viewer: Client) -> None:
    matches = store_matches(20, make_players(2))
    for match_id in (matches[0], matches[-1]):
        for text in (short_id(match_id), short_id(match_id).replace("…", "..."), match_id[:30]):
            found = viewer.get("/ops/matches/", {"q": text})
            if found.status_code == 302:
                assert found.headers["Location"] == f"/ops/matches/{match_id}/"
            else:
                assert match_id in found.content.decode()


def test_the_short_form_of_a_player_leads_to_the_player(viewer: Client) -> None:
    player = Player.objects.create(id=new_id(1_600_000_000_000), name="가람")
    response = viewer.get("/ops/players/", {"q": short_id(str(player.pk))})
    assert response.headers["Location"] == f"/ops/players/{player.pk}/"
    assert (
        viewer.get("/ops/matches/", {"q": short_id(str(player.pk))})
        .headers["Location"]
        .endswith(str(player.pk))
    )


def test_several_that_begin_alike_are_asked_about(viewer: Client) -> None:
    rows = [Player.objects.create(id=new_id(1_600_000_000_000 + n), name=f"이름{n}") for n in range(3)]
    text = viewer.get("/ops/players/", {"q": str(rows[0].pk)[:8]}).content.decode()
    assert all(str(row.pk) in text for row in rows)


def test_a_running_match_is_found_by_its_beginning(
    viewer: Client, redis: SyncRedis, register: Register
) -> None:
    register("session1")
    match_id = new_id(1_500_000_000_000)
    redis.sadd(keys.held_matches("local", "session1"), match_id)
    response = viewer.get("/ops/matches/", {"q": match_id[:13]})
    assert response.headers["Location"] == f"/ops/matches/{match_id}/"


@pytest.mark.usefixtures("stopped_redis")
def test_without_redis_finished_matches_are_still_found(viewer: Client) -> None:
    (match_id,) = store_matches(1, make_players(2))
    part = id_part(match_id[:20])
    assert part is not None
    assert [found.identifier for found in matches_with(part)] == [match_id]


@pytest.mark.parametrize(
    "text", ["abcde", "0123456-", "01234567x", "0123456789", "가나다라마바", "01234567-89ab-c-", "%%%%%%%%"]
)
def test_a_text_that_is_no_beginning_of_an_id_is_not_taken_for_one(text: str) -> None:
    assert id_part(text) is None


@pytest.mark.django_db(transaction=True)
def test_only_the_range_of_the_index_is_read() -> None:
    players = [new_id(1_600_000_000_000 + 100_000 * n) for n in range(50)]
    Player.objects.bulk_create(Player(id=each, name="가") for each in players)
    store_matches(200, make_players(2))
    part = id_part(players[7][:11])
    assert part is not None
    assert [found.identifier for found in players_with(part)] == [players[7]]
    for rows in (
        Player.objects.filter(pk__range=(part.lowest, part.highest)).order_by("pk")[:10],
        MatchResult.objects.filter(match_id__range=(part.lowest, part.highest)).order_by("match_id")[:10],
    ):
        (step,) = plan_of(rows)
        assert step["type"] == "range", step
        assert "filesort" not in (step["Extra"] or ""), step
    assert len(player_candidates(part)) == 1
    assert match_candidates(part) == []
