"""누구나 보는 쪽의 주소."""

from __future__ import annotations

from django.urls import path

from front.views import DocsPage, LandingPage, StatusPage

app_name = "front"
urlpatterns = [
    path("", LandingPage.as_view(), name="landing"),
    path("status/", StatusPage.as_view(), name="status"),
    path("docs/", DocsPage.as_view(), name="docs"),
]
