"""players의 경로(/api/v1/ 아래)."""

from django.urls import path

from players.api import GuestView, LoginView, RegisterView

urlpatterns = [
    path("auth/guest", GuestView.as_view()),
    path("auth/register", RegisterView.as_view()),
    path("auth/login", LoginView.as_view()),
]
