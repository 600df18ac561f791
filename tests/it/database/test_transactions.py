"""재시도하는 트랜잭션: 다시 할 것만, 세 번까지, 되돌린 뒤에. COMMIT의 답을 잃어도 효과는 한 번이다."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from database.transactions import run_transaction
from kernel.errors import Unavailable
from matches.models import MatchResult, Rating, RatingChange
from matches.results.finalize import finalize_match
from players.models import Player
from tests.it.database.connections import autocommit
from tests.it.matches.outcomes import finished, make_players

__all__ = ["autocommit"]

pytestmark = pytest.mark.django_db(transaction=True)


class Job:
    """선수 하나를 넣고, 정해 준 실패들을 차례로 던진 뒤 성공하는 일."""

    def __init__(self, *codes: int) -> None:
        self.codes = list(codes)
        self.runs = 0
        self.pauses_s: list[float] = []

    def __call__(self) -> str:
        self.runs += 1
        Player.objects.create(name=f"시도{self.runs}")
        if self.codes:
            raise OperationalError(self.codes.pop(0), "넣은 실패")
        return "done"

    def run(self, budget_s: float = 6.0) -> str:
        return run_transaction(self, sleep_s=self.pauses_s.append, budget_s=budget_s)


@pytest.mark.parametrize(
    "code", [1205, 1213, 2006, 2013, 2055, 1040, 1290, 1792, 1836, 1969, 2002, 2005, 1053]
)
def test_a_passing_failure_is_rolled_back_and_run_again(code: int) -> None:
    job = Job(code, code)
    assert job.run() == "done"
    assert job.runs == 3
    # 앞의 두 시도가 넣은 것은 남지 않는다.
    assert [player.name for player in Player.objects.all()] == ["시도3"]
    assert 0 <= job.pauses_s[0] <= 0.05
    assert 0 <= job.pauses_s[1] <= 0.1


def test_the_third_failure_is_unavailable_and_leaves_nothing() -> None:
    job = Job(1213, 1213, 1213, 1213)
    with pytest.raises(Unavailable):
        job.run()
    assert job.runs == 3
    assert not Player.objects.exists()


@pytest.mark.parametrize("code", [1142, 1064, 1317, 1406])
def test_a_failure_that_will_not_pass_is_raised_at_once(code: int) -> None:
    job = Job(code)
    with pytest.raises(OperationalError):
        job.run()
    assert (job.runs, job.pauses_s) == (1, [])
    assert not Player.objects.exists()


def test_no_attempt_starts_after_the_budget() -> None:
    job = Job(1213, 1213)
    with pytest.raises(Unavailable):
        job.run(budget_s=0.0)
    assert job.runs == 1


@pytest.fixture
def break_next_commit(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """다음 COMMIT 하나의 답을 잃게 한다. 참이면 서버는 COMMIT을 마친 뒤다."""
    commit = BaseDatabaseWrapper._commit  # type: ignore[attr-defined]

    def arm(reaches_server: bool) -> None:
        def lost(wrapper: BaseDatabaseWrapper) -> None:
            monkeypatch.setattr(BaseDatabaseWrapper, "_commit", commit)
            if reaches_server:
                commit(wrapper)
            wrapper.connection.close()
            raise OperationalError(2013, "Lost connection to server during query")

        monkeypatch.setattr(BaseDatabaseWrapper, "_commit", lost)

    return arm


@pytest.mark.parametrize("reaches_server", [True, False])
def test_a_commit_whose_answer_is_lost_has_one_effect(
    break_next_commit: Callable[[bool], None], reaches_server: bool
) -> None:
    players = run_transaction(lambda: make_players(2))
    outcome = finished(players)
    break_next_commit(reaches_server)
    report = finalize_match(outcome)
    assert report.already_finalized is reaches_server
    assert MatchResult.objects.count() == 1
    assert RatingChange.objects.count() == 2
    assert set(Rating.objects.values_list("games", flat=True)) == {1}
    stored = finalize_match(outcome)
    assert stored.results == report.results
