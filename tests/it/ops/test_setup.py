"""`manage.py setup`: 몇 번을 돌려도 같고, 비밀번호는 주인만 읽는 파일에만 있다."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from accounts.models import Staff
from accounts.roles import Role
from players.identity.keys import load_verifier

DEMO_STAFF = "demo-staff.txt"


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
    path = tmp_path / DEMO_STAFF
    announced = dict(line.split() for line in path.read_text(encoding="utf-8").splitlines())
    assert set(announced) == set(Role)
    assert path.stat().st_mode & 0o777 == 0o600
    for said in (first, second):
        assert f"의 비밀번호는 {path}에 있습니다" in said
        assert [password for password in announced.values() if password in said] == []
    for username, password in announced.items():
        staff = Staff.objects.get(username=username)
        assert staff.check_password(password)
        assert (staff.is_staff, staff.is_superuser) == (True, False)
        assert [group.name for group in staff.groups.all()] == [username]
    load_verifier(tmp_path)
    assert (tmp_path / "player" / "current.pem").stat().st_mode & 0o077 == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("demo")
def test_an_account_whose_password_could_not_be_kept_is_not_made(tmp_path: Path) -> None:
    (tmp_path / DEMO_STAFF).mkdir()
    with pytest.raises(IsADirectoryError):
        run_setup()
    assert not Staff.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_without_demo_there_are_no_accounts(settings: Settings, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path
    assert "시연" not in run_setup()
    assert not (tmp_path / DEMO_STAFF).exists()
    assert not Staff.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_setup_without_a_database_says_where_it_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", 1)
    with pytest.raises(CommandError, match=":1"):
        run_setup()
