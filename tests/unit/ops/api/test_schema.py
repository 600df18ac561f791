"""직원에게 보이는 온전한 OpenAPI."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import resolve

from accounts.models import Staff

PATH = "/ops/api/schema/"


def answer_to(someone: Staff | AnonymousUser) -> Any:
    request = RequestFactory().get(PATH)
    request.user = someone
    return resolve(PATH).func(request)


def test_who_may_see_everything_is_told_both_apis() -> None:
    answer = answer_to(Staff(username="someone", is_staff=True, is_superuser=True))
    assert answer.status_code == 200
    assert {"/api/v1/me", "/ops/api/v1/servers"} <= answer.data["paths"].keys()


def test_a_stranger_is_told_nothing() -> None:
    assert answer_to(AnonymousUser()).status_code in {302, 401}
