"""스키마: SQL 글이 마이그레이션과 같고, 응용 계정은 스키마를 못 바꾸고, 표가 엉뚱한 값을 거절한다."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import MySQLdb
import pytest
from django.core.management import CommandError, call_command
from django.db import Error as DatabaseFailure
from django.db import IntegrityError, connection, transaction

from database.codes import error_code
from database.management.commands.render_sql import SQL_DIR, rendered_migrations
from environment.env import env
from kernel.ids import new_id
from matches.models import MatchResult, OutsideMatch, Rating
from players.models import Player
from tests.it.matches.outcomes import make_players
from webserver.readiness import migrations_applied

DENIED = 1142
CHECK_VIOLATED = 4025


@pytest.fixture
def rendered(tmp_path: Path) -> Path:
    call_command("render_sql", dir=tmp_path, stdout=io.StringIO())
    return tmp_path


@pytest.mark.django_db
def test_the_sql_text_in_the_repository_is_what_the_migrations_say() -> None:
    call_command("render_sql", check=True)
    assert {path.name for path in SQL_DIR.glob("*.sql")} == set(rendered_migrations())


@pytest.mark.django_db
@pytest.mark.parametrize("drift", ["edit", "remove", "add"])
def test_sql_text_that_drifted_is_named(rendered: Path, drift: str) -> None:
    path = rendered / "players_0001_initial.sql"
    if drift == "edit":
        path.write_text(
            path.read_text(encoding="utf-8").replace("varchar(24)", "varchar(25)"), encoding="utf-8"
        )
    elif drift == "remove":
        path.unlink()
    else:
        path = rendered / "players_0099_gone.sql"
        path.write_text("-- 없는 마이그레이션", encoding="utf-8")
    with pytest.raises(CommandError, match=path.name):
        call_command("render_sql", check=True, dir=rendered)
    call_command("render_sql", dir=rendered, stdout=io.StringIO())
    call_command("render_sql", check=True, dir=rendered)


@pytest.mark.django_db
def test_the_models_have_no_change_without_a_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE sneaky (id int)", "DROP TABLE rating", "ALTER TABLE rating ADD COLUMN x int",
     "TRUNCATE TABLE rating", "CREATE INDEX x ON rating (mu)"],
)  # fmt: skip
def test_the_application_account_cannot_change_the_schema(statement: str) -> None:
    settings = connection.settings_dict
    app = MySQLdb.connect(
        host=settings["HOST"], port=int(settings["PORT"]), user=env.db_user, passwd=env.db_password,
        db=settings["NAME"], connect_timeout=2, read_timeout=5, write_timeout=5,
    )  # fmt: skip
    try:
        with pytest.raises(MySQLdb.Error) as refusal:
            app.cursor().execute(statement)
        assert refusal.value.args[0] == DENIED
        app.cursor().execute("SELECT COUNT(*) FROM rating")
    finally:
        app.close()


@pytest.mark.django_db(transaction=True)
def test_a_process_that_reaches_no_database_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", 1)
    assert not migrations_applied()


@pytest.mark.django_db(transaction=True)
def test_a_migrated_database_is_ready() -> None:
    assert migrations_applied()


def result_row(**changed: Any) -> MatchResult:
    fields: dict[str, Any] = {
        "match_id": new_id(), "status": "finalized", "abort_code": "", "mode": "duel", "region": "local",
        "server_id": "s", "digest": "d", "players": [], "created_at": "2026-01-01T00:00:00Z",
        "started_at": "2026-01-01T00:00:01Z", "ended_at": "2026-01-01T00:00:02Z",
        "finalized_at": "2026-01-01T00:00:03Z", "ticks": 1, "seed": 1,
    }  # fmt: skip
    return MatchResult(**{**fields, **changed})


@pytest.mark.django_db
def test_a_sound_row_is_accepted_once_per_match() -> None:
    row = result_row()
    row.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        result_row(match_id=row.match_id).save()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changed",
    [
        {"status": "running"}, {"status": "aborted"}, {"abort_code": "SESSION_LOST"}, {"mode": ""},
        {"ended_at": "2025-12-31T00:00:00Z"}, {"started_at": "2025-12-31T00:00:00Z"},
        {"started_at": None, "ended_at": "2025-12-31T00:00:00Z"},
    ],
)  # fmt: skip
def test_a_row_that_makes_no_sense_is_refused_by_the_table(changed: dict[str, Any]) -> None:
    with pytest.raises(DatabaseFailure) as refusal, transaction.atomic():
        result_row(**changed).save()
    assert error_code(refusal.value) == CHECK_VIOLATED


@pytest.mark.django_db
def test_a_rating_without_uncertainty_and_a_nameless_row_are_refused() -> None:
    (player_id,) = make_players(1)
    for row in (
        Rating(player_id=player_id, mode="duel", mu=1500, sigma=0, games=0),
        Rating(player_id=player_id, mode="", mu=1500, sigma=1, games=0),
        Player(name=""),
        OutsideMatch(match_id=new_id(), mode="", player_ids=[player_id], service="mine"),
        OutsideMatch(match_id=new_id(), mode="duel", player_ids=[player_id], service=""),
    ):
        with pytest.raises(DatabaseFailure) as refusal, transaction.atomic():
            row.save()
        assert error_code(refusal.value) == CHECK_VIOLATED
