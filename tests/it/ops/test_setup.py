"""`manage.py setup`: 몇 번을 돌려도 같고, 비밀번호는 한 번만 보인다."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from accounts.models import Staff
from accounts.roles import Role
from players.identity.keys import load_verifier

ANNOUNCED = re.compile(r"시연 직원: (\w+) / (\S+)")


def run_setup() -> str:
    output = io.StringIO()
    call_command("setup", stdout=output)
    return output.getvalue()


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    monkeypatch.setenv("HANPAN_DEMO", "1")
    settings.KEYS_DIR = tmp_path


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("demo")
def test_setup_prepares_everything_once(tmp_path: Path) -> None:
    first, second = run_setup(), run_setup()
    announced = dict(ANNOUNCED.findall(first))
    assert set(announced) == set(Role)
    assert not ANNOUNCED.findall(second)
    for username, password in announced.items():
        staff = Staff.objects.get(username=username)
        assert staff.check_password(password)
        assert (staff.is_staff, staff.is_superuser) == (True, False)
        assert [group.name for group in staff.groups.all()] == [username]
    load_verifier(tmp_path)
    assert (tmp_path / "player" / "current.pem").stat().st_mode & 0o077 == 0


@pytest.mark.django_db(transaction=True)
def test_without_demo_there_are_no_accounts(settings: Settings, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path
    assert not ANNOUNCED.findall(run_setup())
    assert not Staff.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_setup_without_a_database_says_where_it_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", 1)
    with pytest.raises(CommandError, match=":1"):
        run_setup()
