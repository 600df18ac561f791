"""/ops/의 주소. 살아 있는 숫자의 소켓(/ops/live)은 ops.live.entrance가 연다."""

from __future__ import annotations

from accounts.access import ANY_STAFF, GET, POST, StaffMay
from accounts.permissions import StaffPermission
from accounts.secured import secured
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

SEE_DASHBOARD = StaffMay(StaffPermission.DASHBOARD_VIEW)
SEE_SERVERS = StaffMay(StaffPermission.SERVER_VIEW)
SEE_QUEUE = StaffMay(StaffPermission.QUEUE_VIEW)
SEE_MATCHES = StaffMay(StaffPermission.MATCH_VIEW)
SEE_PLAYERS = StaffMay(StaffPermission.PLAYER_VIEW)
# 볼 권한조차 묻지 않고 fleet에 넘긴다: 할 수 없는 사람의 시도도 감사에 남아야 한다.
# GET은 보던 쪽으로 보낼 뿐이다.
FLEET_ORDER = {GET: ANY_STAFF, POST: ANY_STAFF}

app_name = "ops"
urlpatterns = [
    secured("", DashboardPage, {GET: SEE_DASHBOARD}, name="dashboard"),
    secured("servers/", ServersPage, {GET: SEE_SERVERS}, name="servers"),
    secured("servers/<str:server_id>/", ServerPage, {GET: SEE_SERVERS}, name="server"),
    secured("servers/<str:server_id>/drain", DrainAction, FLEET_ORDER, name="drain"),
    secured("servers/<str:server_id>/undrain", UndrainAction, FLEET_ORDER, name="undrain"),
    secured("roll/start", RollAction, FLEET_ORDER, name="roll-start"),
    secured("roll/abort", RollAbortAction, FLEET_ORDER, name="roll-abort"),
    secured("slo/", SloPage, {GET: SEE_DASHBOARD}, name="slo"),
    secured("queue/", QueuePage, {GET: SEE_QUEUE}, name="queue"),
    secured("matches/", MatchesPage, {GET: SEE_MATCHES}, name="matches"),
    secured("matches/<str:match_id>/", MatchPage, {GET: SEE_MATCHES}, name="match"),
    secured("results/", ResultsPage, {GET: SEE_MATCHES}, name="results"),
    secured("players/", PlayersPage, {GET: SEE_PLAYERS}, name="players"),
    secured("players/<str:player_id>/", PlayerPage, {GET: SEE_PLAYERS}, name="player"),
]
