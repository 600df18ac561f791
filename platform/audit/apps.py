"""audit 앱의 등록."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """감사의 표."""

    name = "audit"
    verbose_name = "감사"
