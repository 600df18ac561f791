"""finalize가 잠금을 다툰다: 같은 판을 부르는 여럿, 거꾸로 잠그는 이, 오래 쥔 이, 되돌리는 앞선 이."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from random import Random

import pytest
from django.db import connection, transaction

from kernel.errors import FinalizeConflict
from matches.models import Rating, RatingChange
from matches.outcome import EndTimes, MatchOutcome, StoredMatch
from matches.results import statements
from matches.results.finalize import finalize_match
from tests.faults.finalize_probes import (
    DUPLICATES,
    ROUNDS,
    administering,
    assert_counted_once,
    before_statement,
    deadlocks,
    retried,
    wait_for_lock_waiters,
    written,
)
from tests.faults.ledger import assert_exact
from tests.it.database.racing import at_once
from tests.it.matches.outcomes import aborted, finished, make_players

pytestmark = pytest.mark.django_db(transaction=True)

WAIT_S = 20.0


class Rival(threading.Thread):
    """다른 연결의 트랜잭션 하나: `first`까지 하고, 허락을 받으면 `then`을 하고 끝낸다."""

    def __init__(self, first: Callable[[], None], then: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._first, self._then = first, then
        self.ready, self.go = threading.Event(), threading.Event()
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            with transaction.atomic():
                self._first()
                self.ready.set()
                assert self.go.wait(WAIT_S)
                self._then()
        except BaseException as failure:  # noqa: BLE001 - 시험의 스레드가 이어받아 던진다
            self.failure = failure
        finally:
            self.ready.set()
            connection.close()


@contextmanager
def rival(first: Callable[[], None], then: Callable[[], None] = lambda: None) -> Iterator[Rival]:
    """`first`를 마친 적수. 나갈 때 끝까지 갔는지 본다."""
    thread = Rival(first, then)
    thread.start()
    assert thread.ready.wait(WAIT_S)
    try:
        yield thread
    finally:
        thread.go.set()
        thread.join(WAIT_S)
    if thread.failure is not None:
        raise thread.failure


def execute(statement: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def lock(player_id: str) -> None:
    execute("SELECT id FROM rating WHERE player_id = %s FOR UPDATE", player_id)


def test_a_deadlock_by_the_opposite_lock_order_is_run_again_and_counts_once(known_players: list[str]) -> None:
    first, second = known_players
    heavy = make_players(40)  # 더 많이 바꾼 쪽이 살아남는다: 되돌려지는 것은 우리다
    Rating.objects.bulk_create(
        Rating(player_id=player, mode="arena", mu=1500, sigma=500, games=0) for player in heavy
    )

    def weigh_and_lock_the_second() -> None:
        execute("UPDATE rating SET games = games + 1 WHERE mode = 'arena'")
        lock(second)

    outcome, before = finished(known_players), retried("deadlock")
    with administering() as ask, rival(weigh_and_lock_the_second, partial(lock, first)) as other:
        solved = deadlocks(ask)

        def release_when_blocked() -> None:
            with administering() as watch:
                wait_for_lock_waiters(watch, 1)
            other.go.set()

        watcher = threading.Thread(target=release_when_blocked)
        watcher.start()
        report = finalize_match(outcome)
        watcher.join(WAIT_S)
        assert deadlocks(ask) == solved + 1
    assert not report.already_finalized
    assert written(outcome) == (1, 2)
    assert set(Rating.objects.filter(mode="duel").values_list("games", flat=True)) == {2}
    assert retried("deadlock") == before + 1


def test_a_lock_that_is_let_go_after_one_timeout_is_taken_by_the_next_try(known_players: list[str]) -> None:
    execute("SET SESSION innodb_lock_wait_timeout = 1")
    outcome, before = finished(known_players), retried("lock_wait_timeout")

    with rival(partial(lock, known_players[0])) as other:

        def let_go() -> None:
            other.go.set()
            other.join(WAIT_S)

        # 첫 시도의 둘째 문장이 1205를 만나면, 셋째로 나가는 문장은 다음 시도의 첫 문장이다.
        with before_statement(3, let_go):
            assert not finalize_match(outcome).already_finalized
    # 1205는 그 문장만 되돌린다. 앞 시도의 결과 줄이 남았다면 이 판은 이미 쓰인 것으로 보였다.
    assert_counted_once(outcome, games=2)
    assert retried("lock_wait_timeout") == before + 1


def test_waiters_of_a_leader_that_rolls_back_agree_within_their_tries(known_players: list[str]) -> None:
    waiters = 4
    with administering() as ask:
        for number in range(1, ROUNDS + 1):
            outcome = finished(known_players)

            def lead(leading: MatchOutcome = outcome) -> None:
                with connection.cursor() as cursor:
                    statements.insert_result(
                        cursor, leading, digest=leading.digest(), times=EndTimes.of(leading), trace_id=""
                    )

            def roll_back() -> None:
                wait_for_lock_waiters(ask, waiters)
                transaction.set_rollback(True)

            with rival(lead, roll_back) as leader:
                leader.go.set()
                answers = at_once([partial(finalize_match, outcome)] * waiters)
            reports = [answer for answer in answers if isinstance(answer, StoredMatch)]
            assert len(reports) == waiters, answers
            assert sum(not report.already_finalized for report in reports) == 1
            assert_counted_once(outcome, games=1 + number)


def test_sixteen_callers_of_every_match_leave_one_row_each_without_a_deadlock() -> None:
    players, random = make_players(12), Random(7)
    outcomes = [finished(random.sample(players, random.choice((2, 2, 3, 4)))) for _ in range(DUPLICATES)]
    before = retried("deadlock")
    with administering() as ask:
        solved = deadlocks(ask)
        answers = at_once([partial(finalize_in_turn, outcomes, Random(seed)) for seed in range(16)])
        assert deadlocks(ask) == solved
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert sum(answer for answer in answers if isinstance(answer, int)) == DUPLICATES
    assert_exact(outcomes)
    assert retried("deadlock") == before


def finalize_in_turn(outcomes: list[MatchOutcome], random: Random) -> int:
    """모든 판을 제 순서로 부른다. 처음으로 쓴 판의 수를 준다."""
    shuffled = random.sample(outcomes, len(outcomes))
    return sum(not finalize_match(outcome).already_finalized for outcome in shuffled)


def test_an_abort_that_races_the_end_never_wins_with_it(known_players: list[str]) -> None:
    ended = 0
    for _ in range(ROUNDS * 5):
        end = finished(known_players)
        abort = aborted(known_players, match_id=end.match_id)
        answers = at_once([partial(finalize_match, wish) for wish in (end, abort, end, abort)])
        reports = [answer for answer in answers if isinstance(answer, StoredMatch)]
        refused = [answer for answer in answers if isinstance(answer, FinalizeConflict)]
        assert (len(reports), len(refused)) == (2, 2), answers
        assert len({report.status for report in reports}) == 1
        is_end = reports[0].status == "finalized"
        assert written(end) == (1, 2 if is_end else 0)
        ended += is_end
    assert RatingChange.objects.count() == 2 * (1 + ended)
    assert set(Rating.objects.values_list("games", flat=True)) == {1 + ended}
