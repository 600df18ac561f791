#!/usr/bin/env python
"""Django 명령의 입구. 소스 루트는 편집 설치가 안다."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    execute_from_command_line(sys.argv)
