"""장애 시험은 통합 시험과 같은 스택을 쓴다."""

from __future__ import annotations

from tests.it.conftest import (
    django_db_modify_db_settings,
    faults,
    redis_client,
    redis_settings,
    stack,
)

__all__ = ["django_db_modify_db_settings", "faults", "redis_client", "redis_settings", "stack"]
