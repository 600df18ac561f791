"""/ops/의 주소. 살아 있는 숫자의 소켓(/ops/live)은 ops.live.entrance가 연다."""

from __future__ import annotations

from django.urls import path

from ops.views.dashboard import DashboardPage
from ops.views.fleet_actions import DrainAction, RollAbortAction, RollAction, UndrainAction
from ops.views.match import MatchPage
from ops.views.matches import MatchesPage
from ops.views.player import PlayerPage
from ops.views.players import PlayersPage
from ops.views.queue import QueuePage
from ops.views.results import ResultsPage
from ops.views.server import ServerPage
from ops.views.servers import ServersPage
from ops.views.slo import SloPage

app_name = "ops"
urlpatterns = [
    path("", DashboardPage.as_view(), name="dashboard"),
    path("servers/", ServersPage.as_view(), name="servers"),
    path("servers/<str:server_id>/", ServerPage.as_view(), name="server"),
    path("servers/<str:server_id>/drain", DrainAction.as_view(), name="drain"),
    path("servers/<str:server_id>/undrain", UndrainAction.as_view(), name="undrain"),
    path("roll/start", RollAction.as_view(), name="roll-start"),
    path("roll/abort", RollAbortAction.as_view(), name="roll-abort"),
    path("slo/", SloPage.as_view(), name="slo"),
    path("queue/", QueuePage.as_view(), name="queue"),
    path("matches/", MatchesPage.as_view(), name="matches"),
    path("matches/<str:match_id>/", MatchPage.as_view(), name="match"),
    path("results/", ResultsPage.as_view(), name="results"),
    path("players/", PlayersPage.as_view(), name="players"),
    path("players/<str:player_id>/", PlayerPage.as_view(), name="player"),
]
