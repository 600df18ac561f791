"""accounts 앱의 등록."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class AccountsConfig(AppConfig):
    """직원과 역할."""

    name = "accounts"
    verbose_name = pgettext_lazy("app", "직원")
