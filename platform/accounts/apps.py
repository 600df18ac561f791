"""accounts 앱의 등록."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """직원과 역할."""

    name = "accounts"
    verbose_name = "직원"
