"""뜨거운 읽기들의 계획: 표가 커도 표 전체를 훑거나 정렬하지 않는다.

순위표(test_read_api.py)와 운영 목록(tests/it/ops)의 계획은 그 시험들이 본다.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kernel.ids import new_id
from matches.models import OutsideMatch, Rating
from matches.queries import ratings_of_player, read_ratings, stored_match
from matches.results import outside
from matches.results.finalize import finalize_match
from tests.it.database.query_plans import plan
from tests.it.matches.histories import store_matches
from tests.it.matches.outcomes import finished, make_players

pytestmark = pytest.mark.django_db(transaction=True)

PLAYERS, MATCHES = 1_000, 2_000
MODES = ("arena", "duel", "race", "siege")


@pytest.fixture
def players() -> list[str]:
    """큰 표들 속의 선수들."""
    made = make_players(PLAYERS)
    Rating.objects.bulk_create(
        Rating(player_id=player, mode=mode, mu=1500, sigma=300, games=3) for player in made for mode in MODES
    )
    store_matches(MATCHES, made)
    OutsideMatch.objects.bulk_create(
        OutsideMatch(match_id=new_id(), mode="duel", player_ids=made[:2], service="mine")
        for _ in range(PLAYERS)
    )
    return made


def read_match(players: list[str]) -> object:
    outcome = finished(players[:4])
    finalize_match(outcome)
    return stored_match(outcome.match_id)


def find_outside(players: list[str]) -> object:
    opened = OutsideMatch.objects.create(match_id=new_id(), mode="duel", player_ids=players, service="mine")
    return outside.find(str(opened.match_id))


@pytest.mark.parametrize(
    ("read", "keys"),
    [
        (read_match, {"PRIMARY", "match_id", "rating_change_match_player_uniq"}),
        (lambda players: ratings_of_player(players[7]), {"rating_player_mode_uniq"}),
        (lambda players: read_ratings(players[3:9], "duel"), {"rating_player_mode_uniq"}),
        (find_outside, {"PRIMARY"}),
    ],
    ids=["a-stored-match", "the-ratings-of-a-player", "the-ratings-of-a-match", "an-outside-match"],
)
def test_a_hot_read_touches_only_its_rows(
    players: list[str], read: Callable[[list[str]], object], keys: set[str]
) -> None:
    with CaptureQueriesContext(connection) as seen:
        assert read(players)
    reads = [query["sql"] for query in seen.captured_queries if query["sql"].startswith("SELECT")]
    assert reads
    for sql in reads:
        (step,) = plan(sql, [])
        assert step["key"] in keys, (sql, step)
        assert step["type"] in {"const", "eq_ref", "ref", "range"}, (sql, step)
        assert "filesort" not in (step["Extra"] or ""), (sql, step)


def test_the_transaction_writes_by_its_keys_and_reads_nothing(players: list[str]) -> None:
    with CaptureQueriesContext(connection) as seen:
        finalize_match(finished(players[10:12]))
    statements = [query["sql"].lstrip() for query in seen.captured_queries]
    assert [sql.split(" (")[0].split("\n")[0] for sql in statements if sql.startswith("INSERT")] == [
        "INSERT INTO match_result",
        "INSERT INTO rating",
        "INSERT INTO rating_change",
        "INSERT INTO rating",
    ]
    assert not [sql for sql in statements if sql.startswith(("SELECT", "UPDATE", "DELETE"))]
