#!/usr/bin/env python
"""Django 명령의 입구. 소스 루트는 편집 설치가 안다. 표준 출력은 명령의 것이라 로그는 표준 오류로 간다."""

import os
import sys

from django.core.management import execute_from_command_line

from config.env import env
from telemetry.logs import configure_logging

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    configure_logging("manage", env.instance, env.log_level, out=sys.stderr)
    execute_from_command_line(sys.argv)
