"""players 앱의 등록."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class PlayersConfig(AppConfig):
    """선수와 그 자격."""

    name = "players"
    verbose_name = pgettext_lazy("app", "선수")
