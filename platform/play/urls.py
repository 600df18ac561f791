"""/play/의 주소."""

from __future__ import annotations

from accounts.access import ANYONE, GET
from accounts.secured import secured
from play.views import PlayView

app_name = "play"
urlpatterns = [secured("", PlayView, {GET: ANYONE}, name="index")]
