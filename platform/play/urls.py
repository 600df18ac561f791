"""/play/의 주소."""

from __future__ import annotations

from django.urls import path

from play.views import PlayView

app_name = "play"
urlpatterns = [path("", PlayView.as_view(), name="index")]
