"""로그인이 풀린 뒤에 온 일: 하지 않고, 로그인하면 그 대상의 쪽에 내려 주고, 하지 않았다고 말한다."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import Staff
from accounts.roles import Role
from audit.models import AuditRecord
from fleet.models import DrainIntent
from ops.late_orders import MARK
from tests.it.fleet.conftest import Register
from tests.it.ops.conftest import SignIn
from tests.it.ops.every_url import every_pattern, filled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis")]

NOTHING_DONE = {"ko": "시킨 일은 하지 않았습니다", "en": "nothing was done"}
CHROME = "text/html,application/xhtml+xml,*/*;q=0.8"
PASSWORD = "correct horse battery"
# 로그인 없이 쓰는 것들: 들고 나는 문과, 글만 주는 것.
OPEN_PATHS = {"/admin/login/", "/admin/logout/", "/admin/jsi18n/"}


def browser(language: str = "ko") -> Client:
    """로그인이 풀린 브라우저."""
    return Client(headers={"accept-language": language, "accept": CHROME, "host": "localhost:8080"})


def next_of(response: Any) -> str:
    """로그인으로 보낸 답이 돌아올 곳."""
    assert response.status_code == 302, response.status_code
    parts = urlsplit(response["Location"])
    assert parts.path == "/admin/login/"
    (address,) = parse_qs(parts.query)["next"]
    return address


@pytest.fixture
def operator() -> Staff:
    """비밀번호로 들어올 수 있는 운영자."""
    staff = Staff.objects.create_user("operator", password=PASSWORD, is_staff=True)
    staff.groups.add(Group.objects.get(name=Role.OPERATOR))
    return staff


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("order", ["drain", "undrain"])
def test_a_late_order_lands_on_its_server_and_says_that_nothing_was_done(
    operator: Staff, register: Register, order: str, language: str
) -> None:
    register("session1", running=3)
    client = browser(language)
    refused = client.post(f"/ops/servers/session1/{order}", {"reason": "늦은 일"})
    back_to = next_of(refused)
    assert back_to.startswith("/ops/servers/session1/?")
    login = client.get(refused["Location"])
    assert login.status_code == 200
    form = {"username": operator.username, "password": PASSWORD, "next": back_to}
    landed = client.post(refused["Location"], form, follow=True)
    assert landed.status_code == 200
    assert landed.request["PATH_INFO"] == "/ops/servers/session1/"
    assert MARK not in landed.request["QUERY_STRING"]
    assert NOTHING_DONE[language] in landed.content.decode()
    assert NOTHING_DONE[language] not in client.get("/ops/servers/session1/").content.decode()
    assert not DrainIntent.objects.exists()
    assert not AuditRecord.objects.filter(action__startswith="fleet").exists()


def test_every_late_order_of_staff_lands_on_a_page_that_says_so(sign_in: SignIn, register: Register) -> None:
    register("1")
    walked = []
    for shape, _pattern in every_pattern():
        path = filled(shape, "1")
        if not shape.startswith(("ops/", "admin/")) or shape.startswith("ops/api/") or path in OPEN_PATHS:
            continue
        client = browser()
        refused = client.post(path, {"reason": "늦은 일", "action": "x"})
        back_to = next_of(refused)
        assert MARK in back_to, path
        assert "/delete/" not in back_to
        client.cookies = sign_in(Role.ADMIN).cookies
        landed = client.get(back_to, follow=True)
        assert landed.redirect_chain, path
        assert landed.request["QUERY_STRING"] == "", path
        # 없는 것(1번)의 쪽은 404여도 된다. 있는 쪽은 말해야 한다.
        assert landed.status_code in {200, 403, 404}, path
        if landed.status_code == 200 and b"<html" in landed.content:
            assert NOTHING_DONE["ko"] in landed.content.decode(), path
            walked.append(path)
    assert len(walked) > 40
    assert {"/ops/servers/1/drain", "/ops/servers/1/undrain", "/ops/roll/start", "/ops/roll/abort"} <= set(
        walked
    )
    assert not AuditRecord.objects.filter(action__startswith="fleet").exists()


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/ops/servers/session1/drain", "/ops/servers/session1/"),
        ("/ops/servers/session1/undrain", "/ops/servers/session1/"),
        ("/ops/roll/start", "/ops/servers/"),
        ("/ops/roll/abort", "/ops/servers/"),
    ],
)
def test_the_address_of_an_order_opened_by_hand_leads_to_its_page_and_orders_nothing(
    sign_in: SignIn, register: Register, path: str, page: str
) -> None:
    register("session1")
    response = sign_in(Role.OPERATOR).get(path)
    assert (response.status_code, response["Location"]) == (302, page)
    assert not DrainIntent.objects.exists()


def test_the_login_page_never_leads_to_another_site(operator: Staff) -> None:
    for address in ("//evil.example/", "https://evil.example/", "/\\evil.example", "///evil.example"):
        client = browser()
        form = {"username": operator.username, "password": PASSWORD, "next": address}
        response = client.post("/admin/login/", form)
        assert response.status_code == 302
        assert urlsplit(response["Location"]).netloc == ""
        assert "evil" not in response["Location"]


def test_taking_the_mark_off_never_leads_to_another_site(sign_in: SignIn) -> None:
    response = sign_in(Role.VIEWER).get(f"//evil.example/?{MARK}=1")
    assert response.status_code in {302, 404}
    assert not response.headers.get("Location", "").startswith("//")


def test_a_page_that_was_only_read_says_nothing_of_orders(sign_in: SignIn) -> None:
    client = browser()
    back_to = next_of(client.get("/ops/servers/"))
    assert back_to == "/ops/servers/"


def test_a_form_with_a_stale_token_says_that_nothing_was_done(sign_in: SignIn, register: Register) -> None:
    register("session1")
    client = sign_in(Role.OPERATOR)
    strict = Client(enforce_csrf_checks=True, headers={"accept": CHROME, "host": "localhost:8080"})
    strict.cookies = client.cookies
    response = strict.post("/ops/servers/session1/drain", {"reason": "낡은 폼"})
    assert response.status_code == 403
    assert "아무 일도 하지 않았습니다" in response.content.decode()
    assert not DrainIntent.objects.exists()
