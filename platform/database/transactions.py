"""트랜잭션 하나를 통째로, 다시 해 볼 만한 실패에만 다시 돌린다. 재시도는 이 층에서만 한다.

- 1205는 문장만 되돌리므로 언제나 ROLLBACK이 먼저다(atomic 블록을 예외로 나온다).
- COMMIT 중에 끊기면 결과를 모른다. 다시 돌리면 UNIQUE 가드가 답한다. 그래서 `job`은 멱등해야 한다.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import Error as DatabaseFailure
from django.db import connection, transaction

from database.codes import CONNECTION_IS_GONE, error_code, retry_reason
from database.spans import commit_span
from kernel.errors import Unavailable
from resilience.retry import RetryPolicy
from telemetry import metrics
from telemetry.logs import get_logger
from telemetry.tracing import drivers_traced_if_sampled

R = TypeVar("R")
log = get_logger(__name__)

DB_RETRY: Final = RetryPolicy(max_attempts=3, base_ms=50, cap_ms=500)
DB_BUDGET_S: Final = 6.0


def run_transaction(
    job: Callable[[], R],
    *,
    policy: RetryPolicy = DB_RETRY,
    budget_s: float = DB_BUDGET_S,
    sleep_s: Callable[[float], None] = time.sleep,
) -> R:
    """`job`을 READ COMMITTED 트랜잭션 하나로 돌리고 COMMIT한다.

    `budget_s`(초) 안에 새 연결도 열지 못할 때에는 새 시도를 시작하지 않는다.
    `job`이 던진 다른 예외는 ROLLBACK 뒤 그대로 올린다.

    Raises:
        Unavailable: 시도를 다 썼거나 시간이 다했다. COMMIT의 결과를 모를 수도 있다.
    """
    deadline_s = time.monotonic() + budget_s
    attempts = 0
    while True:
        attempts += 1
        try:
            with drivers_traced_if_sampled():
                return _attempt(job)
        except DatabaseFailure as failure:
            reason = retry_reason(error_code(failure))
            if reason is None:
                raise
            if reason in CONNECTION_IS_GONE:
                connection.close()
            pause_s = policy.delay_ms(attempts, random.random()) / 1000  # noqa: S311 - 지터다
            # 얼어붙은 서버에는 새 연결 하나가 제 제한을 다 쓴다. 그만큼도 남지 않았으면 예산을 넘긴다.
            least_s = pause_s + connection.settings_dict["OPTIONS"]["connect_timeout"]
            if not policy.allows(attempts) or time.monotonic() + least_s > deadline_s:
                log.warning("db.gave_up", reason=reason, attempts=attempts)
                raise Unavailable("데이터베이스가 지금은 일할 수 없습니다") from failure
            metrics.db_retry.labels(reason=reason).inc()
            sleep_s(pause_s)


def _attempt(job: Callable[[], R]) -> R:
    # 이미 트랜잭션 안이면 durable이 RuntimeError로 알린다.
    if connection.get_autocommit() or connection.in_atomic_block:
        with transaction.atomic(durable=True):
            return job()
    return _attempt_without_autocommit(job)


def _attempt_without_autocommit(job: Callable[[], R]) -> R:
    """워커의 연결: 첫 문장이 트랜잭션을 열므로, autocommit을 끄고 켜는 왕복 둘이 없다."""
    try:
        result = job()
        with commit_span():
            connection.commit()
    except BaseException:
        _roll_back()
        raise
    return result


def _roll_back() -> None:
    try:
        connection.rollback()
    except DatabaseFailure:
        connection.close()  # 끊긴 연결이다. 서버가 스스로 되돌린다


def unavailable_from(failure: BaseException) -> Unavailable | None:
    """읽기에서 난 드라이버 예외가 데이터베이스의 사정이면 Unavailable, 우리 잘못이면 None."""
    if isinstance(failure, DatabaseFailure) and retry_reason(error_code(failure)):
        return Unavailable("데이터베이스가 지금은 일할 수 없습니다")
    return None
