"""players 앱의 등록."""

from django.apps import AppConfig


class PlayersConfig(AppConfig):
    """선수와 그 자격."""

    name = "players"
    verbose_name = "선수"
