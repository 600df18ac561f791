"""finalize의 장애 시험이 함께 쓰는 것: 문장 사이에 끼어드는 손, 세는 눈, 크기의 설정.

크기는 환경 변수로 키운다(기본은 it 묶음을 짧게 지킨다):
`HANPAN_FAULT_ROUNDS` 되풀이하는 시험의 번수(기본 6), `HANPAN_FAULT_MATCHES` 죽이며 돌리는 판의 수(기본 400).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import MySQLdb
from django.db import connection
from prometheus_client import REGISTRY

from config.env import env
from matches.models import MatchResult, RatingChange
from matches.outcome import MatchOutcome

ROUNDS = int(os.environ.get("HANPAN_FAULT_ROUNDS", "6"))
MATCHES = int(os.environ.get("HANPAN_FAULT_MATCHES", "400"))
ADMIN, ADMIN_PASSWORD = "hanpan_admin", "hanpan-admin-dev"


def retried(reason: str) -> float:
    """그 까닭으로 다시 한 횟수."""
    return REGISTRY.get_sample_value("db_retry_total", {"reason": reason}) or 0.0


def written(outcome: MatchOutcome) -> tuple[int, int]:
    """그 판의 결과 줄과 레이팅 변화 줄의 수."""
    return (
        MatchResult.objects.filter(match_id=outcome.match_id).count(),
        RatingChange.objects.filter(match__match_id=outcome.match_id).count(),
    )


@contextmanager
def administering() -> Iterator[Callable[[str], None]]:
    """장애를 내는 계정으로 문장을 돌리는 손."""
    admin = MySQLdb.connect(host=env.db_host, port=env.db_port, user=ADMIN, password=ADMIN_PASSWORD)

    def run(statement: str) -> None:
        with admin.cursor() as cursor:
            cursor.execute(statement)

    try:
        yield run
    finally:
        admin.close()


@contextmanager
def before_statement(number: int, strike: Callable[[], None]) -> Iterator[None]:
    """`number`번째(1부터) 문장 바로 앞에서 `strike`를 한 번 부른다."""
    seen = 0

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == number:
            strike()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield
    assert seen >= number, f"문장이 {seen}개뿐이었다"
