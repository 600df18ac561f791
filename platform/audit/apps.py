"""audit 앱의 등록."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class AuditConfig(AppConfig):
    """감사의 표."""

    name = "audit"
    verbose_name = pgettext_lazy("app", "감사")
