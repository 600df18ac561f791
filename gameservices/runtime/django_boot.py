"""요청 밖에서 Django ORM을 쓸 수 있게 준비한다. ORM을 만지는 모듈보다 먼저 부른다."""

from __future__ import annotations

import os

import django


def boot_django() -> None:
    """설정을 읽고 앱을 올린다. 여러 번 불러도 된다."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
