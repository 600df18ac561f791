"""주소 표의 모든 줄(라이브러리의 것까지)을 걷는다: 말하지 않은 줄이 없고, 말한 대로만 닿는다."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import StringConverter

from accounts.access import ADMIN_SITE_DECIDES, ANYONE, GET, POST, access_of

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
# 로그인으로, 또는 (로그아웃은) 관리 화면의 첫 쪽으로.
AWAY = ("/admin/login/", "/admin/")
ADMIN = "admin/"
OPEN_TO_ALL = {
    "",
    "admin/login/",
    "api/schema/",
    "api/v1/auth/guest",
    "api/v1/auth/login",
    "api/v1/auth/refresh",
    "api/v1/auth/register",
    "api/v1/leaderboards/<str:mode>",
    "api/v1/matches/<str:match_id>",
    "api/v1/queues/<str:mode>",
    "docs/",
    "i18n/setlang/",
    "play/",
    "status/",
}


def _walk(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in resolver.url_patterns:
        shape = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            yield shape, each
        else:
            yield from _walk(each, shape)


PATTERNS = dict(_walk(get_resolver()))


def _answer(shape: str, method: str) -> HttpResponseBase:
    """아무도 아닌 이의 부름."""
    pattern = PATTERNS[shape]
    request = RequestFactory().generic(method, "/" + shape)
    request.user = AnonymousUser()
    # 위조 검사는 부르는 이를 묻기 앞의 것이다. 여기서는 묻는 것을 본다.
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    values: dict[str, Any] = {
        name: "x" if isinstance(converter, StringConverter) else 1
        for name, converter in pattern.pattern.converters.items()
    }
    answer = pattern.callback(request, **values, **pattern.default_args)
    assert isinstance(answer, HttpResponseBase)
    return answer


def _is_turned_away(answer: HttpResponseBase) -> bool:
    is_sent_away = answer.status_code == 302 and answer["Location"].partition("?")[0] in AWAY
    return is_sent_away or answer.status_code == 401


def test_no_address_stands_twice() -> None:
    assert len(PATTERNS) == len(list(_walk(get_resolver())))


@pytest.mark.parametrize("shape", PATTERNS)
def test_every_address_declares_who_reaches_it(shape: str) -> None:
    access = access_of(PATTERNS[shape].callback)
    assert access is not None
    assert access.by_method


def test_only_these_addresses_are_open_to_all_and_for_every_method_they_have() -> None:
    found = set()
    for shape, pattern in PATTERNS.items():
        access = access_of(pattern.callback)
        assert access is not None
        kinds = {requirement == ANYONE for requirement in access.by_method.values()}
        assert len(kinds) == 1, f"{shape}: 메서드 하나만 누구에게나 열려 있습니다"
        if kinds == {True}:
            found.add(shape)
    assert found == OPEN_TO_ALL


@pytest.mark.parametrize("shape", sorted(PATTERNS.keys() - OPEN_TO_ALL))
def test_a_stranger_is_turned_away_whatever_the_method(shape: str) -> None:
    access = access_of(PATTERNS[shape].callback)
    assert access is not None
    for method in METHODS:
        answer = _answer(shape, method)
        if access.of(method) is not None:
            assert _is_turned_away(answer), (method, answer.status_code)
        else:
            assert _is_turned_away(answer) or answer.status_code == 405, (method, answer.status_code)


@pytest.mark.parametrize("shape", sorted(OPEN_TO_ALL))
def test_a_method_that_is_not_declared_is_not_there_even_where_all_may_come(shape: str) -> None:
    access = access_of(PATTERNS[shape].callback)
    assert access is not None
    for method in METHODS:
        if access.of(method) is None:
            # 쪽의 OPTIONS는 제 메서드를 말할 뿐이다.
            assert _answer(shape, method).status_code == (200 if _is_told(shape, method) else 405), method


def _is_told(shape: str, method: str) -> bool:
    """쪽(DRF가 아닌 클래스 뷰)의 OPTIONS인가."""
    callback = PATTERNS[shape].callback
    return method == "OPTIONS" and hasattr(callback, "view_class") and not hasattr(callback, "cls")


def test_the_admin_site_decides_about_all_its_addresses_but_the_login() -> None:
    inside = {shape: pattern for shape, pattern in PATTERNS.items() if shape.startswith(ADMIN)}
    assert len(inside) > 50
    for shape, pattern in inside.items():
        access = access_of(pattern.callback)
        assert access is not None
        requirement = ANYONE if shape == "admin/login/" else ADMIN_SITE_DECIDES
        assert access.by_method == {GET: requirement, POST: requirement}, shape
