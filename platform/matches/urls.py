"""matches의 경로(/api/v1/ 아래)."""

from accounts.access import ANYONE, GET, POST
from accounts.credentials.service_authentication import ServiceMay
from accounts.credentials.service_tokens import Scope
from accounts.secured import secured
from matches.api.bot_views import BotOpponentView
from matches.api.match_views import AroundMeView, LeaderboardView, MatchView, MeView, MyMatchesView
from matches.api.outside_views import FinalizeView, OutsideMatchesView
from matches.api.queue_views import QueueView
from players.api.authentication import LIVE_PLAYER

urlpatterns = [
    secured("me", MeView, {GET: LIVE_PLAYER}),
    secured("me/matches", MyMatchesView, {GET: LIVE_PLAYER}),
    secured("me/bot-opponent", BotOpponentView, {POST: LIVE_PLAYER}),
    secured("queues/<str:mode>", QueueView, {GET: ANYONE}),
    secured("leaderboards/<str:mode>", LeaderboardView, {GET: ANYONE}),
    secured("leaderboards/<str:mode>/around-me", AroundMeView, {GET: LIVE_PLAYER}),
    secured("matches", OutsideMatchesView, {POST: ServiceMay(Scope.MATCH_FINALIZE)}),
    secured("matches/<str:match_id>", MatchView, {GET: ANYONE}),
    secured("matches/<str:match_id>/finalize", FinalizeView, {POST: ServiceMay(Scope.MATCH_FINALIZE)}),
]
