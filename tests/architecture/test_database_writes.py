"""MariaDB의 쓰기는 `run_transaction` 안에만 있다: 재시도와 마감과 실패의 뜻이 한자리에 있게."""

from __future__ import annotations

from tests.architecture.database_writes import uncovered_writes
from tests.architecture.rooms import ROOT

# 서버가 도는 동안의 일이 아니다: 빈 데이터를 채우는 명령과, 마이그레이션 뒤에 도는 준비.
SET_UP_ONLY = {
    "matches.management.commands.seed_history",
    "ops.management.commands.setup",
    "accounts.roles",
    "players.name_keys",
}


def _sources() -> dict[str, str]:
    return {
        ".".join(path.relative_to(root).with_suffix("").parts): path.read_text(encoding="utf-8")
        for root, top in ((ROOT / "platform", ROOT / "platform"), (ROOT, ROOT / "gameservices"))
        for path in sorted(top.rglob("*.py"))
        if path.parent.name != "migrations"
    }


def test_nothing_is_written_outside_a_transaction() -> None:
    found = uncovered_writes(_sources())
    assert [line for line in found if line.split(":")[0] not in SET_UP_ONLY] == []


def test_the_exceptions_still_write() -> None:
    assert {line.split(":")[0] for line in uncovered_writes(_sources())} == SET_UP_ONLY


STORE = """
from database.transactions import run_transaction

def insert(row):
    row.save(force_insert=True)

def rename(player):
    Player.objects.filter(pk=player).update(name="x")

def admit(row):
    def job():
        row.save()
    insert_later = lambda: insert(row)
    return run_transaction(job), run_transaction(insert_later), run_transaction(lambda: rename(row))
"""


def test_the_search_follows_functions_into_transactions() -> None:
    inside = STORE.replace("insert_later = lambda: insert(row)\n    ", "").replace(
        "run_transaction(insert_later)", "run_transaction(lambda: insert(row))"
    )
    assert uncovered_writes({"store": inside}) == []


def test_the_search_sees_a_second_way_around_the_transaction() -> None:
    around = STORE + "\n\ndef shortcut(player):\n    rename(player)\n"
    assert "store:8" in uncovered_writes({"store": around})


def test_the_search_sees_a_call_from_another_module() -> None:
    other = "from store import rename\n\n\ndef view(player):\n    rename(player)\n"
    assert "store:8" in uncovered_writes({"store": STORE, "other": other})
