"""fleet 앱의 등록."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class FleetConfig(AppConfig):
    """드레인 지시, 갈아 끼우기, 운영자의 범위."""

    name = "fleet"
    verbose_name = pgettext_lazy("app", "플릿")
