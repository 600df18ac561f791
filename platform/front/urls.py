"""누구나 보는 쪽의 주소."""

from __future__ import annotations

from accounts.access import ANYONE, GET
from accounts.secured import secured
from front.views import DocsPage, LandingPage, StatusPage

app_name = "front"
urlpatterns = [
    secured("", LandingPage, {GET: ANYONE}, name="landing"),
    secured("status/", StatusPage, {GET: ANYONE}, name="status"),
    secured("docs/", DocsPage, {GET: ANYONE}, name="docs"),
]
