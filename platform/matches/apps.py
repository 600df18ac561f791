"""matches 앱의 등록."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class MatchesConfig(AppConfig):
    """판의 결과와 레이팅."""

    name = "matches"
    verbose_name = pgettext_lazy("app", "판")
