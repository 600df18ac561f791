"""finalize의 장애 시험이 함께 쓰는 것: 문장 사이에 끼어드는 손, 세는 눈, 크기의 설정.

크기는 환경 변수로 키운다(기본은 it 묶음을 짧게 지킨다):
`HANPAN_FAULT_ROUNDS` 되풀이하는 시험의 번수(기본 6), `HANPAN_FAULT_DUPLICATES` 열여섯이 함께 부르는 판의
수(기본 60), `HANPAN_FAULT_MATCHES` 죽이며 돌리는 판의 수(기본 400).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import MySQLdb
from django.db import connection
from prometheus_client import REGISTRY

from environment.env import env
from matches.models import MatchResult, Rating, RatingChange
from matches.outcome import MatchOutcome

ROUNDS = int(os.environ.get("HANPAN_FAULT_ROUNDS", "6"))
DUPLICATES = int(os.environ.get("HANPAN_FAULT_DUPLICATES", "60"))
MATCHES = int(os.environ.get("HANPAN_FAULT_MATCHES", "400"))
STATEMENTS = ("result", "lock", "changes", "ratings")
# 자리: 문장마다 보내기 전과 답을 받은 뒤, COMMIT은 보낸 직후(답을 기다리지 않는다)와 답을 받은 뒤.
POINTS = (
    *(f"{name}:{when}" for name in STATEMENTS for when in ("before", "after")),
    "commit:sent",
    "commit:after",
)
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


def assert_counted_once(outcome: MatchOutcome, games: int) -> None:
    """이 판은 한 번 쓰였고, 두 선수는 모두 `games`판을 두었다."""
    assert written(outcome) == (1, 2)
    assert set(Rating.objects.values_list("games", flat=True)) == {games}


Ask = Callable[[str], tuple[Any, ...]]


@contextmanager
def administering() -> Iterator[Ask]:
    """장애를 내는 계정으로 문장을 돌리고 답을 읽는 손."""
    admin = MySQLdb.connect(host=env.db_host, port=env.db_port, user=ADMIN, password=ADMIN_PASSWORD)

    def run(statement: str) -> tuple[Any, ...]:
        with admin.cursor() as cursor:
            cursor.execute(statement)
            return tuple(cursor.fetchall())

    try:
        yield run
    finally:
        admin.close()


def kill_connection(ask: Ask, connection_id: int) -> None:
    """연결 하나를 끊는다. 돌아오면 서버에 그 연결이 없다: KILL의 답은 표시했다는 뜻일 뿐이다."""
    ask(f"KILL {connection_id}")
    deadline_s = time.monotonic() + 10.0
    while (connection_id,) in ask("SELECT id FROM information_schema.processlist"):
        assert time.monotonic() < deadline_s, f"연결 {connection_id}이(가) 끊기지 않는다"
        time.sleep(0.002)


def wait_for_lock_waiters(ask: Ask, count: int) -> None:
    """잠금을 기다리는 트랜잭션이 `count`개가 될 때까지 기다린다."""
    deadline_s = time.monotonic() + 10.0
    waiting = -1
    while waiting < count:
        assert time.monotonic() < deadline_s, f"기다리는 트랜잭션이 {waiting}개뿐이다"
        time.sleep(0.15)  # 서버는 0.1초 안에 다시 물으면 앞의 답을 그대로 준다
        ((waiting,),) = ask(
            "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
        )


def deadlocks(ask: Ask) -> int:
    """서버가 지금까지 푼 교착의 수."""
    ((_, value),) = ask("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")
    return int(value)


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
