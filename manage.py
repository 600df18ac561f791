#!/usr/bin/env python
"""Django 명령의 입구. 소스 루트는 편집 설치가 안다. 표준 출력은 명령의 것이라 로그는 표준 오류로 간다."""

import os
import sys

import django
from django.core.management import execute_from_command_line
from django.utils import translation

from database.spans import trace_mariadb
from environment.assembly import start_telemetry
from kernel.languages import language_of_environment
from redisstore.spans import trace_redis
from telemetry.tracing import span

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    start_telemetry("manage", drivers=(trace_redis, trace_mariadb), log_out=sys.stderr)
    # 명령의 말은 터미널의 언어다. 번역은 앱들이 뜬 뒤에 켤 수 있다.
    django.setup()
    translation.activate(language_of_environment(os.environ))
    # 명령 하나가 추적 하나다: 감사 기록에 그 번호가 남는다.
    with span(" ".join(["manage", *sys.argv[1:2]])):
        execute_from_command_line(sys.argv)
