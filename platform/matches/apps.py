"""matches 앱의 등록."""

from django.apps import AppConfig


class MatchesConfig(AppConfig):
    """판의 결과와 레이팅."""

    name = "matches"
    verbose_name = "판"
