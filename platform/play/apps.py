"""play 앱의 이름표. 모델도 신호도 없다."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class PlayConfig(AppConfig):
    """웹 선수 화면."""

    name = "play"
    verbose_name = pgettext_lazy("app", "웹 선수 화면")
