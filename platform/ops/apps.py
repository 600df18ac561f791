"""ops 앱의 등록. 번역은 뜰 때 읽고, 역할의 그룹은 마이그레이션이 끝날 때마다 표와 맞춘다."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import pgettext_lazy

from ops.translations import install_translations


class OpsConfig(AppConfig):
    """INSTALLED_APPS의 마지막이라, 이 앱의 post_migrate 때에는 모든 권한이 만들어져 있다."""

    name = "ops"
    verbose_name = pgettext_lazy("app", "운영")

    def ready(self) -> None:
        install_translations()
        post_migrate.connect(_sync_roles, sender=self)


def _sync_roles(**_signal: Any) -> None:
    from accounts.roles import ensure_roles  # noqa: PLC0415 - 모델은 앱이 다 올라온 뒤에만 부를 수 있다

    ensure_roles()
