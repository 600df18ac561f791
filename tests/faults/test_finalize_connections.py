"""finalize의 연결을 끊는다: 문장 앞, COMMIT, 다시 뜨거나 얼거나 읽기 전용이거나 가득 찬 서버."""

from __future__ import annotations

import time
from collections.abc import Iterator

import MySQLdb
import pytest
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from database.transactions import DB_BUDGET_S
from environment.env import env
from kernel.errors import Unavailable
from matches.results.finalize import finalize_match
from stack.runtime import Runtime
from tests.fakes.mariadb_proxy import CutPoint, MariaDbProxy
from tests.fakes.tcp_proxy import proxying
from tests.faults.finalize_probes import (
    ROUNDS,
    STATEMENTS,
    administering,
    assert_counted_once,
    before_statement,
    kill_connection,
    retried,
    written,
)
from tests.it.database.connections import autocommit
from tests.it.matches.outcomes import finished

__all__ = ["autocommit"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone]


@pytest.mark.parametrize("number", range(1, len(STATEMENTS) + 1))
def test_a_connection_killed_before_any_statement_is_replaced_and_counts_once(
    known_players: list[str], number: int
) -> None:
    outcome, before = finished(known_players), retried("connection_lost")
    with administering() as admin, before_statement(number, lambda: kill_connection(admin, victim)):
        victim = _current_id()
        report = finalize_match(outcome)
    assert not report.already_finalized
    assert_counted_once(outcome, games=2)
    assert retried("connection_lost") == before + 1


def _current_id() -> int:
    """execute_wrapper를 거치지 않고 읽은 연결의 번호."""
    connection.ensure_connection()
    return int(connection.connection.thread_id())


def test_a_connection_killed_before_its_commit_counts_once(
    known_players: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = BaseDatabaseWrapper._commit  # type: ignore[attr-defined]
    outcome = finished(known_players)
    with administering() as admin:

        def killed(wrapper: BaseDatabaseWrapper) -> None:
            monkeypatch.setattr(BaseDatabaseWrapper, "_commit", commit)
            kill_connection(admin, wrapper.connection.thread_id())
            commit(wrapper)

        monkeypatch.setattr(BaseDatabaseWrapper, "_commit", killed)
        assert not finalize_match(outcome).already_finalized
    assert_counted_once(outcome, games=2)


@pytest.fixture
def proxy() -> Iterator[MariaDbProxy]:
    """이 시험의 연결이 지나는 중계."""
    settings = connection.settings_dict
    host, port = settings["HOST"], settings["PORT"]
    with proxying(MariaDbProxy((host, int(port)))) as made:
        connection.close()
        settings.update(HOST="127.0.0.1", PORT=made.port)
        try:
            yield made
        finally:
            connection.close()
            settings.update(HOST=host, PORT=port)


@pytest.mark.parametrize("cut", CutPoint)
def test_a_commit_whose_line_is_cut_is_resolved_by_the_guard(
    known_players: list[str], proxy: MariaDbProxy, cut: CutPoint
) -> None:
    fresh = 0
    for number in range(1, ROUNDS + 1):
        outcome = finished(known_players)
        proxy.cut_next(cut)
        report = finalize_match(outcome)
        assert proxy.cuts == number
        assert_counted_once(outcome, games=1 + number)
        fresh += not report.already_finalized
        assert finalize_match(outcome).results == report.results
    if cut is CutPoint.BEFORE:
        assert fresh == ROUNDS  # 닿지 않은 COMMIT은 없던 일이다
    elif cut is CutPoint.AFTER_REPLY:
        assert fresh == 0  # 서버가 마친 COMMIT은 가드가 알린다


def test_a_server_that_restarts_between_statements_counts_the_match_once(
    known_players: list[str], faults: Runtime
) -> None:
    outcome = finished(known_players)

    def restart() -> None:
        faults.kill("mariadb")
        faults.start("mariadb")
        faults.wait_ready()

    with before_statement(3, restart):
        assert not finalize_match(outcome).already_finalized
    assert_counted_once(outcome, games=2)


def test_a_frozen_server_is_unavailable_within_the_budget_and_nothing_is_lost(
    known_players: list[str], faults: Runtime
) -> None:
    outcome = finished(known_players)
    connection.ensure_connection()
    faults.pause("mariadb")
    started_s = time.monotonic()
    try:
        with pytest.raises(Unavailable):
            finalize_match(outcome)
        took_s = time.monotonic() - started_s
    finally:
        faults.unpause("mariadb")
    assert env.db_read_timeout_s < DB_BUDGET_S
    assert took_s <= DB_BUDGET_S + 0.1, took_s
    connection.close()
    # 얼어 있던 서버는 깨어나 그 문장을 마칠 수도 있다. 다시 부르면 가드가 하나로 만든다.
    finalize_match(outcome)
    assert_counted_once(outcome, games=2)


def test_a_read_only_server_is_unavailable_until_it_is_writable(known_players: list[str]) -> None:
    outcome, before = finished(known_players), retried("read_only")
    with administering() as admin:
        admin("SET GLOBAL read_only = 1")
        try:
            with pytest.raises(Unavailable):
                finalize_match(outcome)
        finally:
            admin("SET GLOBAL read_only = 0")
    assert retried("read_only") == before + 2
    assert written(outcome) == (0, 0)
    assert not finalize_match(outcome).already_finalized


def test_a_server_without_room_for_a_connection_is_unavailable_until_it_has(
    known_players: list[str],
) -> None:
    outcome, before = finished(known_players), retried("too_many_connections")
    connection.close()
    database = connection.settings_dict
    with administering() as admin:
        crowd = []
        admin("SET GLOBAL max_connections = 10")
        try:
            with pytest.raises(MySQLdb.OperationalError):
                while True:
                    crowd.append(
                        MySQLdb.connect(
                            host=database["HOST"], port=int(database["PORT"]), user=database["USER"],
                            password=database["PASSWORD"],
                        )
                    )  # fmt: skip
            with pytest.raises(Unavailable):
                finalize_match(outcome)
        finally:
            admin("SET GLOBAL max_connections = 300")
            for each in crowd:
                each.close()
    assert retried("too_many_connections") == before + 2
    assert written(outcome) == (0, 0)
    assert not finalize_match(outcome).already_finalized


def test_a_failure_of_our_own_is_tried_once_and_leaves_nothing(known_players: list[str]) -> None:
    outcome = finished(known_players)
    attempts = 0

    def fail() -> None:
        nonlocal attempts
        attempts += 1
        raise OperationalError(1064, "문법")

    with before_statement(3, fail), pytest.raises(OperationalError):
        finalize_match(outcome)
    assert attempts == 1
    assert written(outcome) == (0, 0)
