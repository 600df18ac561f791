"""players의 경로(/api/v1/ 아래)."""

from django.urls import path

from players.api.views import GuestView, LoginView, LogoutView, RefreshView, RegisterView

urlpatterns = [
    path("auth/guest", GuestView.as_view()),
    path("auth/register", RegisterView.as_view()),
    path("auth/login", LoginView.as_view()),
    path("auth/refresh", RefreshView.as_view()),
    path("auth/logout", LogoutView.as_view()),
]
