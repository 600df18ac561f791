"""/ops/api/v1/의 주소."""

from __future__ import annotations

from django.urls import path

from ops.api.rolls import RollAbortView, RollView
from ops.api.servers import DrainView, PreviewView, ServersView, UndrainView

urlpatterns = [
    path("servers", ServersView.as_view()),
    path("servers/<str:server_id>/drain", DrainView.as_view()),
    path("servers/<str:server_id>/drain/preview", PreviewView.as_view()),
    path("servers/<str:server_id>/undrain", UndrainView.as_view()),
    path("roll", RollView.as_view()),
    path("roll/abort", RollAbortView.as_view()),
]
