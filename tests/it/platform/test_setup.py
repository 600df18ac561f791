"""`manage.py setup`과 직원: 몇 번을 돌려도 같고, 비밀번호는 한 번만 보인다."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import Staff
from accounts.roles import ROLE_PERMISSIONS, Role, ensure_roles
from kernel.ids import new_id
from matches.results.finalize import finalize_match
from players.identity.keys import load_verifier
from tests.it.platform.outcomes import finished, make_players

ANNOUNCED = re.compile(r"시연 직원: (\w+) / (\S+)")
OUR_PAGES = ["players/player", "matches/matchresult", "matches/rating", "matches/ratingchange"]


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


@pytest.mark.django_db
def test_the_groups_hold_exactly_the_table() -> None:
    Group.objects.get(name=Role.VIEWER).permissions.clear()
    ensure_roles()
    for role, names in ROLE_PERMISSIONS.items():
        held = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
        assert {f"{app}.{codename}" for app, codename in held} == names


@pytest.fixture
def signed_in(client: Client) -> Client:
    """viewer로 들어온 브라우저."""
    staff = Staff.objects.create_user("looker", password="correct horse", is_staff=True)
    staff.groups.add(Group.objects.get(name=Role.VIEWER))
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("page", OUR_PAGES)
def test_a_viewer_can_look_but_not_change(signed_in: Client, page: str) -> None:
    finalize_match(finished(make_players(2)))
    assert signed_in.get(f"/admin/{page}/").status_code == 200
    assert signed_in.get(f"/admin/{page}/add/").status_code == 403
    first = signed_in.get(f"/admin/{page}/").context["cl"].result_list[0]
    detail = f"/admin/{page}/{first.pk}/change/"
    assert signed_in.get(detail).status_code == 200
    assert signed_in.post(detail, {"mode": "x"}).status_code == 403
    assert signed_in.post(f"/admin/{page}/{first.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.django_db
def test_searching_the_staff_pages_with_anything_is_answered(signed_in: Client) -> None:
    for page in OUR_PAGES:
        for query in (new_id(), "가나", "x' OR 1=1 --", "%", "\\"):
            assert signed_in.get(f"/admin/{page}/", {"q": query}).status_code == 200


@pytest.mark.django_db
def test_a_viewer_sees_no_staff_and_nobody_sees_credentials(signed_in: Client) -> None:
    assert signed_in.get("/admin/accounts/staff/").status_code == 403
    assert signed_in.get("/admin/players/credential/").status_code == 404
    assert signed_in.get("/admin/players/device/").status_code == 404


@pytest.mark.django_db
def test_a_stranger_is_led_to_the_login_page(client: Client) -> None:
    response = client.get("/admin/players/player/", follow=True)
    assert response.status_code == 200
    assert response.redirect_chain[-1][0].startswith("/admin/login/")


@pytest.mark.django_db
def test_an_admin_cannot_make_a_superuser_or_delete_staff(client: Client) -> None:
    boss = Staff.objects.create_user("boss", password="correct horse", is_staff=True)
    boss.groups.add(Group.objects.get(name=Role.ADMIN))
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    page = f"/admin/accounts/staff/{boss.pk}/change/"
    assert client.get(page).status_code == 200
    client.post(page, {"username": "boss", "is_active": "on", "is_staff": "on", "is_superuser": "on",
                       "groups": [str(group.pk) for group in boss.groups.all()]})  # fmt: skip
    boss.refresh_from_db()
    assert not boss.is_superuser
    assert client.post(f"/admin/accounts/staff/{boss.pk}/delete/", {"post": "yes"}).status_code == 403
