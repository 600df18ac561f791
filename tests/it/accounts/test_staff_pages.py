"""직원의 쪽: 역할의 표가 권한이고, 보는 이는 고치지 못하고, 자격 증명은 아무도 못 본다."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import Staff
from accounts.roles import ROLE_PERMISSIONS, Role, ensure_roles
from kernel.ids import new_id
from matches.results.finalize import finalize_match
from tests.it.matches.outcomes import finished, make_players

OUR_PAGES = ["players/player", "matches/matchresult", "matches/rating", "matches/ratingchange"]


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
