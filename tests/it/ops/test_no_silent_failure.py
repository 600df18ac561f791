"""로그 없는 500이 없다: 모든 주소에 실패하는 뷰를 끼우고, 모든 주소를 있지 않은 번호로 연다."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from functools import partial, update_wrapper
from itertools import product
from typing import Any, Never
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from rest_framework.views import APIView
from structlog.testing import capture_logs

from accounts.roles import Role
from adminkit.read_only import ReadOnlyAdmin
from fleet.models import LiveServer
from kernel.ids import new_id
from ops import admin as ops_admin
from ops.views.dashboard import DashboardPage
from play.views import PlayView
from tests.it.ops.conftest import SignIn
from tests.it.ops.every_url import every_pattern, filled, has_place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]

BOGUS_IDS = (
    "1", "0", "-1", "x", "결투", str(2**31), str(2**32), str(2**63), "9" * 20, "9" * 500, "1e9", "1.5",
    "1/2", "%", "\x00", "_5F", "_FF", "🎮", new_id(),
)  # fmt: skip
# 역할 하나도 없는 직원까지.
HELD: tuple[tuple[Role, ...], ...] = ((), *((role,) for role in Role))
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
TRACE = {"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01", "accept": "application/json"}


class OurFault(Exception):
    """일부러 낸 우리 잘못."""


def fail(*_args: object, **_kwargs: object) -> Never:
    raise OurFault


@pytest.fixture
def django_lines(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Django가 스스로 적는 오류의 줄. 우리 줄과 겹치면 안 된다."""
    caplog.set_level(logging.ERROR, logger="django")
    yield caplog


def assert_told_once(
    response: HttpResponse, entries: list[Any], django_lines: pytest.LogCaptureFixture
) -> None:
    """답이 500이고, 같은 추적 번호와 스택이 있는 줄이 꼭 하나다."""
    told = [entry for entry in entries if entry["log_level"] == "error"]
    assert response.status_code == 500
    assert [entry["event"] for entry in told] == ["http.failed"]
    assert isinstance(told[0]["exc_info"], OurFault)
    assert told[0]["trace_id"] == json.loads(response.content)["trace_id"] == TRACE_ID
    assert [record for record in django_lines.records if record.levelno >= logging.ERROR] == []


def test_a_failure_behind_any_address_is_one_line_with_its_stack(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, django_lines: pytest.LogCaptureFixture
) -> None:
    client = sign_in(Role.ADMIN)
    client.raise_request_exception = False
    patterns = every_pattern()
    assert len(patterns) > 100
    for shape, pattern in patterns:
        declared_as_before = update_wrapper(partial(fail), pattern.callback, assigned=())
        with monkeypatch.context() as patched, capture_logs() as entries:
            patched.setattr(pattern, "callback", declared_as_before)
            response = client.get(filled(shape, "1"), headers=TRACE)
        try:
            assert_told_once(response, entries, django_lines)
        except AssertionError as error:
            raise AssertionError(shape) from error


@pytest.mark.parametrize(
    ("owner", "name", "path"),
    [
        (APIView, "initial", "/api/v1/me"),
        (APIView, "initial", "/ops/api/v1/servers"),
        (APIView, "initial", "/api/schema/"),
        (APIView, "initial", "/ops/api/schema/"),
        (DashboardPage, "get_context_data", "/ops/"),
        (DashboardPage, "check_access", "/ops/"),
        (PlayView, "dispatch", "/play/"),
        (SessionMiddleware, "process_request", "/play/"),
        (SessionMiddleware, "process_response", "/play/"),
        (ops_admin, "drain_orders", "/admin/fleet/liveserver/"),
        (admin.site._registry[LiveServer], "has_view_permission", "/admin/fleet/liveserver/1/change/"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_failure_inside_each_kind_of_view_is_one_line_too(
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    django_lines: pytest.LogCaptureFixture,
    owner: Any,
    name: str,
    path: str,
) -> None:
    client = sign_in(Role.ADMIN)
    client.raise_request_exception = False
    monkeypatch.setattr(owner, name, fail)
    with capture_logs() as entries:
        response = client.get(path, headers=TRACE)
    assert_told_once(response, entries, django_lines)


def test_a_failure_while_the_page_is_drawn_is_one_line_too(
    viewer: Client, monkeypatch: pytest.MonkeyPatch, django_lines: pytest.LogCaptureFixture
) -> None:
    viewer.raise_request_exception = False
    monkeypatch.setattr("ops.views.page.entries_for", lambda _someone: _Undrawable())
    with capture_logs() as entries:
        response = viewer.get("/ops/results/", headers=TRACE)
    assert_told_once(response, entries, django_lines)


class _Undrawable:
    """템플릿이 돌려는 순간 실패하는 것."""

    def __iter__(self) -> Never:
        raise OurFault


def test_a_browser_gets_a_page_with_the_number_of_the_line(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer.raise_request_exception = False
    monkeypatch.setattr(DashboardPage, "get_context_data", fail)
    response = viewer.get("/ops/", headers={**TRACE, "accept": "text/html"})
    text = response.content.decode()
    assert response.status_code == 500
    assert "우리 쪽에서 실패했습니다" in text
    assert TRACE_ID in text
    assert "OurFault" not in text


@pytest.mark.parametrize("held", HELD)
def test_no_address_fails_on_an_id_that_is_not_there(sign_in: SignIn, held: tuple[Role, ...]) -> None:
    client = sign_in(*held)
    failed = []
    for shape, _pattern in every_pattern():
        for value in BOGUS_IDS if has_place(shape) else ("",):
            path = filled(shape, quote(value, safe="/"))
            if path == "/admin/logout/":
                continue
            response = client.get(path, {"q": "x", "page": "x", "o": "99"})
            if response.status_code == 500:
                failed.append((path, response.status_code))
    assert failed == []


# 가입 같은 부름은 제 트랜잭션을 열고 닫으므로 시험의 트랜잭션 안에서 돌 수 없다.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_no_address_fails_on_a_body_it_does_not_know(sign_in: SignIn, role: Role, method: str) -> None:
    client = sign_in(role)
    failed = []
    for shape, _pattern in every_pattern():
        path = filled(shape, "1")
        if path == "/admin/logout/":
            continue
        response = getattr(client, method)(path, {"reason": "", "action": "x", "_selected_action": "x"})
        if response.status_code == 500:
            failed.append((path, response.status_code))
    assert failed == []


@pytest.mark.parametrize("held", HELD)
@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete", "options"])
def test_no_read_only_record_page_fails_on_any_method(
    sign_in: SignIn, held: tuple[Role, ...], method: str
) -> None:
    client, failed, walked = sign_in(*held), [], 0
    for model, shown in admin.site._registry.items():
        if not isinstance(shown, ReadOnlyAdmin):
            continue
        for page, value in product(("change", "history", "delete"), ("1", str(2**32), str(2**63), "x")):
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
            response = getattr(client, method)(reverse(name, args=[value]))
            walked += 1
            if response.status_code >= 500:
                failed.append((method, name, value, response.status_code))
    assert failed == []
    assert walked >= 8 * 12


@pytest.mark.parametrize("role", Role)
def test_the_record_pages_of_live_servers_are_not_found(sign_in: SignIn, role: Role) -> None:
    client = sign_in(role)
    for page in ("change", "delete", "history"):
        response = client.get(f"/admin/fleet/liveserver/1/{page}/", headers={"accept": "text/html"})
        assert response.status_code == 404, page
        assert "그런 것이 없습니다" in response.content.decode()


def test_every_page_of_every_record_there_is_opens(sign_in: SignIn) -> None:
    call_command("seed_history", matches=30, players=10, verbosity=0)
    client = sign_in(Role.ADMIN)
    opened = 0
    for model in admin.site._registry:
        row = None if model is LiveServer else model._default_manager.first()
        if row is None:
            continue
        for page in ("change", "history", "delete"):
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
            response = client.get(reverse(name, args=[row.pk]))
            assert response.status_code in {200, 403}, (name, response.status_code)
            opened += 1
    assert opened >= 12
