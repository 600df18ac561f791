"""front 앱의 이름표. 모델도 신호도 없다."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class FrontConfig(AppConfig):
    """첫 쪽과 실패의 쪽."""

    name = "front"
    verbose_name = pgettext_lazy("app", "첫 쪽")
