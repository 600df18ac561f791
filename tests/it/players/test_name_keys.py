"""찾는 이름의 이사: 옛 행의 열쇠를 다시 만들고, 지난 판의 프로세스가 만든 행도 채우며, 되돌릴 수 있다."""

from __future__ import annotations

import io
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from kernel.ids import new_id
from players import name_keys
from players.models import Player
from players.name_keys import refresh_missing

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = "0004_sign_ins", "0005_name_search_key"
OLD = {"Sky": "sky", "STRAẞE": "strasse", "ΣΊΣΥΦΟΣ": "σίσυφοσ", "ＡＢＣ": "abc", "노을": "노을", "İx": "ix"}


def migrate_to(name: str) -> None:
    MigrationExecutor(connection).migrate([("players", name)])


@pytest.fixture
def old_schema() -> Iterator[None]:
    migrate_to(BEFORE)
    yield
    MigrationExecutor(connection).migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())


def insert_as_before(*names: str) -> None:
    """v1.5.0의 프로세스처럼: 찾는 이름을 모르고 넣는다."""
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(
                "INSERT INTO player (id, name, created_at) VALUES (%s, %s, NOW())", [UUID(new_id()), name]
            )


@pytest.mark.usefixtures("old_schema")
def test_old_rows_get_the_key_python_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_keys, "BATCH_ROWS", 2)
    insert_as_before(*OLD)
    migrate_to(AFTER)
    assert dict(Player.objects.values_list("name", "name_key")) == OLD
    insert_as_before("Late")
    assert Player.objects.get(name="Late").name_key == ""
    Player.objects.create(name="👨\u200d👩\u200d👧\u200d👦" * 12)
    with connection.cursor() as cursor:
        cursor.execute("SHOW INDEX FROM player WHERE Key_name = 'player_name_key_idx'")
        assert len(cursor.fetchall()) == 1


@pytest.mark.usefixtures("old_schema")
def test_the_way_back_is_open() -> None:
    migrate_to(AFTER)
    Player.objects.create(name="Sky")
    migrate_to(BEFORE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name_key FROM player")
        assert cursor.fetchone() == ("sky",)


def test_setup_fills_what_a_process_of_the_last_version_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_keys, "BATCH_ROWS", 2)
    insert_as_before("A", "B", "Ω", "É", "e")
    Player.objects.create(name="Sky")
    out = io.StringIO()
    call_command("setup", stdout=out)
    assert "5명" in out.getvalue()
    assert set(Player.objects.values_list("name_key", flat=True)) == {"a", "b", "ω", "é", "e", "sky"}
    assert refresh_missing(Player) == 0
