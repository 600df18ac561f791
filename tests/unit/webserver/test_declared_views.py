"""표 없이 올라 있는 뷰는 403이고 줄이 남는다."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from structlog.testing import capture_logs

from accounts.access import ANYONE, GET
from accounts.secured import secured
from webserver.declared_views import DeclaredViewsMiddleware


def view(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("view")


middleware = DeclaredViewsMiddleware(view)


def test_a_view_that_was_not_declared_is_refused_and_told() -> None:
    with capture_logs() as entries, pytest.raises(PermissionDenied):
        middleware.process_view(RequestFactory().get("/x"), view, (), {})
    assert entries == [{"event": "http.undeclared", "log_level": "error", "path": "/x"}]


def test_a_declared_view_passes() -> None:
    declared = secured("x", view, {GET: ANYONE}).callback
    middleware.process_view(RequestFactory().get("/x"), declared, (), {})
    assert middleware(RequestFactory().get("/x")).status_code == 200
