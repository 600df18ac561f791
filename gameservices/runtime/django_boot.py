"""요청 밖에서 Django ORM을 쓸 수 있게 준비한다. ORM을 만지는 모듈보다 먼저 부른다.

워커의 읽기와 쓰기는 모두 run_transaction을 지나므로 연결의 autocommit을 끈 채 둔다(왕복 둘이 준다).
일마다 연결을 찔러 보는 것도 끈다: 죽은 연결은 첫 문장이 알리고 run_transaction이 새 연결로 다시 한다.
"""

from __future__ import annotations

import os

import django
from django.db import connections


def boot_django() -> None:
    """설정을 읽고 앱을 올린다. 여러 번 불러도 된다."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    connections.settings["default"].update(AUTOCOMMIT=False, CONN_HEALTH_CHECKS=False)
