"""말하지 않은 것에는 닿지 못하고, 지킬 수 없는 말은 올릴 때 거절된다."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import include, path
from django.views import View
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import ADMIN_SITE_DECIDES, ANY_STAFF, ANYONE, GET, POST, access_of
from accounts.api_view import ApiView
from accounts.secured import secured, secured_site
from kernel.errors import Unauthenticated


class Page(View):
    """묻지 못하는 쪽."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("page")

    def post(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("posted")


class Asking(ApiView):
    """묻는 API."""

    def get(self, request: Request) -> Response:
        return Response({})

    def post(self, request: Request) -> Response:
        return Response({})


def function(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("function")


def _status(pattern: Any, method: str) -> int:
    request = RequestFactory().generic(method, "/")
    request.user = AnonymousUser()
    return int(pattern.callback(request).status_code)


@pytest.mark.parametrize("view", [Page, Asking, function])
def test_only_the_declared_methods_are_there(view: Any) -> None:
    pattern = secured("x", view, {POST: ANYONE})
    assert _status(pattern, "POST") == 200
    assert [_status(pattern, method) for method in ("GET", "HEAD", "PUT", "DELETE")] == [405] * 4
    declared = access_of(pattern.callback)
    assert declared is not None
    assert declared.by_method == {POST: ANYONE}


def test_an_api_view_without_a_declaration_has_no_method() -> None:
    request = RequestFactory().get("/")
    assert Asking.as_view()(request).status_code == 405
    assert access_of(Asking.as_view()) is None


def test_a_stranger_does_not_reach_what_asks_for_somebody() -> None:
    assert _status(secured("x", Asking, {GET: ANY_STAFF}), "GET") == 401
    with pytest.raises(Unauthenticated):
        _status(secured("x", function, {GET: ANY_STAFF}), "GET")


def test_a_method_the_view_does_not_have_cannot_be_declared() -> None:
    with pytest.raises(ImproperlyConfigured, match="PATCH"):
        secured("x", Page, {"PATCH": ANYONE})


@pytest.mark.parametrize("view", [Page, APIView])
def test_a_view_that_cannot_ask_cannot_be_given_a_condition(view: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="cannot ask"):
        secured("x", view, {"OPTIONS": ANY_STAFF})


def test_a_page_tells_its_methods_and_an_api_does_not() -> None:
    assert _status(secured("x", Page, {GET: ANYONE}), "OPTIONS") == 200
    assert _status(secured("x", Asking, {GET: ANYONE}), "OPTIONS") == 405


def test_a_site_is_declared_down_to_its_last_address_and_keeps_its_names() -> None:
    inner = [path("login/", function, name="login"), path("deep/", include([path("x/", function, name="x")]))]
    login, deep = secured_site(inner, opened={"login"})
    assert access_of(login.callback).by_method == {GET: ANYONE, POST: ANYONE}  # type: ignore[union-attr]
    (last,) = deep.url_patterns  # type: ignore[union-attr]
    assert access_of(last.callback).by_method == {GET: ADMIN_SITE_DECIDES, POST: ADMIN_SITE_DECIDES}  # type: ignore[union-attr]
    assert (login.name, last.name) == ("login", "x")  # type: ignore[union-attr]
