"""matches의 경로(/api/v1/ 아래)."""

from django.urls import path

from matches.api.bot_views import BotOpponentView
from matches.api.match_views import AroundMeView, LeaderboardView, MatchView, MeView, MyMatchesView
from matches.api.outside_views import FinalizeView, OutsideMatchesView
from matches.api.queue_views import QueueView

urlpatterns = [
    path("me", MeView.as_view()),
    path("me/matches", MyMatchesView.as_view()),
    path("me/bot-opponent", BotOpponentView.as_view()),
    path("queues/<str:mode>", QueueView.as_view()),
    path("leaderboards/<str:mode>", LeaderboardView.as_view()),
    path("leaderboards/<str:mode>/around-me", AroundMeView.as_view()),
    path("matches", OutsideMatchesView.as_view()),
    path("matches/<str:match_id>", MatchView.as_view()),
    path("matches/<str:match_id>/finalize", FinalizeView.as_view()),
]
