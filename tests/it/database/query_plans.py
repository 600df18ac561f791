"""질의의 계획(EXPLAIN)을 읽는다."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet


def plan_of(rows: QuerySet[Any, Any]) -> list[dict[str, Any]]:
    """ORM 질의의 EXPLAIN."""
    return plan(*rows.query.sql_with_params())


def plan(sql: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
    """질의의 EXPLAIN. 표의 통계를 먼저 새로 잰다.

    ANALYZE는 열린 트랜잭션을 커밋하므로 부르는 시험은 `django_db(transaction=True)`여야 한다.
    """
    assert not connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE TABLE match_result, rating_change, aborted_seat, player, rating")
        cursor.fetchall()
        cursor.execute(f"EXPLAIN {sql}", parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def assert_reads_in_order(steps: list[dict[str, Any]], key: str) -> None:
    """그 색인의 한 자리에서부터 차례로 읽는가: 표 전체도, 정렬도 없다."""
    (step,) = steps
    assert step["key"] == key, step
    assert step["type"] in {"ref", "range"}, step
    assert "filesort" not in (step["Extra"] or ""), step
    assert "temporary" not in (step["Extra"] or ""), step
