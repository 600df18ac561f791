"""finalize: 몇 번을, 몇 곳에서, 어떤 순서로 불러도 효과는 한 번이다."""

from __future__ import annotations

import dataclasses
import math
import threading
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from prometheus_client import REGISTRY
from pytest_django import DjangoAssertNumQueries

from kernel.errors import FinalizeConflict, InvalidArgument, Unavailable
from kernel.ids import new_id
from matches.models import MatchResult, Rating, RatingChange
from matches.outcome import MatchOutcome, PlayerOutcome, StoredMatch
from matches.queries import read_ratings, stored_match
from matches.ratings.rating import NEWCOMER, decide
from matches.ratings.rating import RatingValue as PureRating
from matches.results.finalize import finalize_match
from tests.it.database.racing import at_once
from tests.it.matches.outcomes import aborted, finished, make_players

pytestmark = pytest.mark.django_db(transaction=True)


def counted(result: str) -> float:
    return REGISTRY.get_sample_value("finalize_total", {"result": result}) or 0.0


def test_a_finished_match_becomes_one_result_and_a_change_for_each_player() -> None:
    winner, loser = make_players(2)
    outcome = finished([winner, loser])
    report = finalize_match(outcome)
    assert (report.status, report.already_finalized, report.abort_code) == ("finalized", False, "")
    assert [(r.player_id, r.place, r.score) for r in report.results] == [(winner, 1, 99), (loser, 2, 98)]
    assert report.results[0].rating_before == 1500
    assert report.results[0].rating_after == pytest.approx(1658.12337)

    row = MatchResult.objects.get(match_id=outcome.match_id)
    assert (row.status, row.mode, row.server_id, row.ticks, row.seed) == (
        "finalized",
        "duel",
        "session1",
        400,
        7,
    )
    assert row.trace_id == "0af7651916cd43dd8448eb211c80319c"
    assert row.ended_at.timestamp() * 1000 == outcome.ended_at_ms
    assert RatingChange.objects.filter(match=row).count() == 2
    ratings = {str(r.player_id): r for r in Rating.objects.filter(mode="duel")}
    assert ratings[winner].mu == report.results[0].rating_after
    assert ratings[loser].games == 1


def test_a_second_finalize_changes_nothing_and_tells_what_is_stored() -> None:
    players = make_players(3)
    outcome = finished(players)
    first = finalize_match(outcome)
    before = list(Rating.objects.order_by("id").values())
    second = finalize_match(outcome)
    assert second.already_finalized
    assert second.results == first.results
    assert list(Rating.objects.order_by("id").values()) == before
    assert RatingChange.objects.count() == 3


def test_the_same_result_told_by_another_server_later_is_the_same_match() -> None:
    players = make_players(2)
    outcome = finished(players)
    finalize_match(outcome)
    again = finished(players, match_id=outcome.match_id, server_id="session2", ended_at_ms=1_700_000_099_000)
    assert finalize_match(again).already_finalized
    assert MatchResult.objects.get().server_id == "session1"


def test_the_same_result_told_without_who_conceded_is_the_same_match_and_what_was_stored_stays() -> None:
    players = make_players(2)
    outcome = finished(players)
    winner, loser = outcome.players
    loser = replace(loser, conceded=True)
    conceded = replace(outcome, players=(winner, loser))
    assert [row.conceded for row in finalize_match(conceded).results] == [False, True]
    again = finalize_match(outcome)
    assert again.already_finalized
    assert [row.conceded for row in again.results] == [False, True]


def test_another_result_for_a_final_match_is_refused_and_counted() -> None:
    winner, loser = make_players(2)
    outcome = finished([winner, loser])
    finalize_match(outcome)
    before, conflicts = list(Rating.objects.order_by("id").values()), counted("conflict")
    with pytest.raises(FinalizeConflict):
        finalize_match(finished([loser, winner], match_id=outcome.match_id))
    assert list(Rating.objects.order_by("id").values()) == before
    assert counted("conflict") == conflicts + 1


def test_an_aborted_match_is_kept_and_never_rated() -> None:
    players = make_players(2)
    outcome = aborted(players, code="SESSION_DRAINING")
    report = finalize_match(outcome)
    assert (report.status, report.abort_code, report.results) == ("aborted", "SESSION_DRAINING", ())
    assert not Rating.objects.exists()
    assert not RatingChange.objects.exists()
    again = finalize_match(aborted(players, match_id=outcome.match_id, code="SESSION_LOST"))
    assert again.already_finalized
    assert again.abort_code == "SESSION_DRAINING"


def test_a_match_its_players_left_behind_is_counted_apart_from_our_failures() -> None:
    before = counted("aborted"), counted("abandoned")
    finalize_match(aborted(make_players(2), code="ABANDONED"))
    assert (counted("aborted"), counted("abandoned")) == (before[0], before[1] + 1)


def test_an_abort_after_the_end_and_an_end_after_the_abort_both_lose() -> None:
    players = make_players(2)
    ended, stopped = finished(players), aborted(players)
    finalize_match(ended)
    finalize_match(stopped)
    with pytest.raises(FinalizeConflict):
        finalize_match(aborted(players, match_id=ended.match_id))
    with pytest.raises(FinalizeConflict):
        finalize_match(finished(players, match_id=stopped.match_id))


@pytest.mark.parametrize("callers", [2, 16, 64])
def test_many_callers_at_once_have_one_effect(callers: int) -> None:
    outcome = finished(make_players(2))
    answers = at_once([partial(finalize_match, outcome)] * callers)
    reports = [answer for answer in answers if isinstance(answer, StoredMatch)]
    assert len(reports) == callers, answers
    assert sum(not report.already_finalized for report in reports) == 1
    assert len({report.results for report in reports}) == 1
    assert MatchResult.objects.count() == 1
    assert RatingChange.objects.count() == 2
    assert set(Rating.objects.values_list("games", flat=True)) == {1}


def test_an_abort_and_an_end_at_once_let_exactly_one_win() -> None:
    for _ in range(5):
        players = make_players(2)
        match_id = new_id()
        ended, stopped = finished(players, match_id=match_id), aborted(players, match_id=match_id)
        answers = at_once([partial(finalize_match, ended), partial(finalize_match, stopped)])
        winners = [answer for answer in answers if isinstance(answer, StoredMatch)]
        losers = [answer for answer in answers if isinstance(answer, FinalizeConflict)]
        assert (len(winners), len(losers)) == (1, 1), answers
        assert RatingChange.objects.filter(match__match_id=match_id).count() == (
            2 if winners[0].results else 0
        )


def test_matches_that_share_players_lose_no_change() -> None:
    # 모두의 첫 판이 겹친다: 아직 없는 레이팅 행을 서로 덮어쓰면 여기서 드러난다.
    players = make_players(4)
    pairs = [(a, b) for a in players for b in players if a != b]
    answers = at_once([partial(finalize_match, finished(list(pair))) for pair in pairs])
    assert all(isinstance(answer, StoredMatch) for answer in answers), answers
    assert RatingChange.objects.count() == 2 * len(pairs)
    for player_id in players:
        mine = list(RatingChange.objects.filter(player_id=player_id).order_by("id"))
        rating = Rating.objects.get(player_id=player_id, mode="duel")
        assert (mine[0].mu_before, mine[0].sigma_before) == (1500, 500)
        for earlier, later in pairwise(mine):
            assert (later.mu_before, later.sigma_before) == (earlier.mu_after, earlier.sigma_after)
        assert (rating.mu, rating.sigma, rating.games) == (mine[-1].mu_after, mine[-1].sigma_after, len(mine))


def test_an_unknown_player_is_refused_and_nothing_is_left() -> None:
    (known,) = make_players(1)
    with pytest.raises(InvalidArgument):
        finalize_match(finished([known, new_id()]))
    assert not MatchResult.objects.exists()
    assert not Rating.objects.exists()


def test_a_result_outside_the_rules_never_reaches_the_database() -> None:
    (known,) = make_players(1)
    with pytest.raises(InvalidArgument):
        finalize_match(finished([known], mode="Not A Mode"))
    assert not MatchResult.objects.exists()


def test_the_whole_transaction_is_five_round_trips_after_begin(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    players = make_players(2)
    finalize_match(finished(players))
    with django_assert_num_queries(6):  # BEGIN, 결과, 잠금, 변화, 레이팅, COMMIT
        finalize_match(finished(players))


def test_a_hundred_players_finish_together() -> None:
    players = make_players(100)
    report = finalize_match(finished(players, mode="arena"))
    assert [result.place for result in report.results] == list(range(1, 101))
    assert Rating.objects.filter(mode="arena", games=1).count() == 100


def test_shared_places_are_stored_in_player_order() -> None:
    players = make_players(3)
    tied = tuple(PlayerOutcome(player_id=player_id, place=1, score=5) for player_id in reversed(players))
    report = finalize_match(finished(players, players=tied))
    assert [result.player_id for result in report.results] == players
    assert finalize_match(finished(players, match_id=report.match_id, players=tied)).results == report.results


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(-5000, 5000), st.floats(1e-6, 600))
def test_the_database_gives_every_rating_back_to_the_last_bit(mu: float, sigma: float) -> None:
    first, second = make_players(2)
    Rating.objects.create(player_id=first, mode="duel", mu=mu, sigma=sigma, games=3)
    outcome = finished([first, second])
    report = finalize_match(outcome)
    decided = decide({first: PureRating(mu, sigma, 3), second: NEWCOMER}, outcome)
    assert [result.rating_after for result in report.results] == [change.after.mu for change in decided]
    stored = read_ratings([first], "duel")[first]
    assert (stored.mu, stored.sigma) == (decided[0].after.mu, decided[0].after.sigma)
    assert math.isfinite(stored.mu)


def test_a_lost_connection_is_retried_on_a_new_one() -> None:
    outcome = finished(make_players(2))
    with connection.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        (connection_id,) = cursor.fetchone()
    at_once([partial(_execute, f"KILL {connection_id}")])
    assert not finalize_match(outcome).already_finalized


def test_a_lock_held_too_long_is_unavailable_and_leaves_nothing() -> None:
    players = make_players(2)
    finalize_match(finished(players))
    _execute("SET SESSION innodb_lock_wait_timeout = 1")
    held, release = threading.Event(), threading.Event()

    def hold_the_rating() -> None:
        with connection.cursor() as cursor:
            cursor.execute("START TRANSACTION")
            cursor.execute("SELECT * FROM rating WHERE player_id = %s FOR UPDATE", [players[0]])
            held.set()
            release.wait(timeout=30)
            cursor.execute("ROLLBACK")
        connection.close()

    holder = threading.Thread(target=hold_the_rating)
    holder.start()
    assert held.wait(timeout=10)
    blocked = finished(players)
    retries = REGISTRY.get_sample_value("db_retry_total", {"reason": "lock_wait_timeout"}) or 0.0
    try:
        with pytest.raises(Unavailable):
            finalize_match(blocked)
    finally:
        release.set()
        holder.join(timeout=10)
    assert not MatchResult.objects.filter(match_id=blocked.match_id).exists()
    assert REGISTRY.get_sample_value("db_retry_total", {"reason": "lock_wait_timeout"}) == retries + 2
    assert not finalize_match(blocked).already_finalized


def test_the_ratings_of_strangers_are_the_first_ones() -> None:
    (known,) = make_players(1)
    stranger = new_id()
    Rating.objects.create(player_id=known, mode="duel", mu=1700, sigma=90, games=4)
    assert read_ratings([known, stranger], "duel") == {known: PureRating(1700, 90, 4), stranger: NEWCOMER}
    assert read_ratings([known], "arena") == {known: NEWCOMER}


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("make", [finished, aborted])
def test_what_finalize_tells_is_what_is_read_afterwards(make: Callable[[list[str]], MatchOutcome]) -> None:
    told = finalize_match(make(make_players(4)))
    assert not told.already_finalized
    assert dataclasses.replace(told, already_finalized=True) == stored_match(told.match_id)
