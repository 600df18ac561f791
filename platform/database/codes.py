"""MariaDB의 숫자 오류 코드가 무엇을 뜻하는지 정하는 하나뿐인 표. 순수하다.

Django의 예외 이름으로 가르지 않는다: 같은 OperationalError가 교착도 되고 문법 오류도 된다.
"""

from __future__ import annotations

from typing import Final

DUPLICATE_KEY: Final = 1062
NO_REFERENCED_ROW: Final = 1452

# 트랜잭션 전체를 처음부터 다시 하면 되는 코드와, db_retry_total의 reason.
RETRYABLE: Final[dict[int, str]] = {
    1213: "deadlock",
    1205: "lock_wait_timeout",
    2006: "connection_lost",
    2013: "connection_lost",
    2055: "connection_lost",
    2002: "no_server",
    2005: "no_server",  # 이름이 풀리지 않는다: 도커에서는 멈춘 컨테이너가 이렇게 보인다
    1040: "too_many_connections",
    1053: "server_shutdown",
    1290: "read_only",
    1792: "read_only",
    1836: "read_only",
    1969: "statement_timeout",
}

# 이 연결은 더 쓸 수 없다. 쓰기를 거절하는 서버의 연결도 버려야 새 주인에게 붙는다.
CONNECTION_IS_GONE: Final[frozenset[str]] = frozenset(
    {"connection_lost", "no_server", "server_shutdown", "read_only"}
)

# mysqlclient는 이미 닫힌 연결을 코드 0(InterfaceError)으로 알린다.
CLOSED_CONNECTION: Final = 0


def error_code(error: BaseException) -> int | None:
    """드라이버 예외의 숫자 코드. 숫자가 없으면 None이다."""
    first = error.args[0] if error.args else None
    return first if isinstance(first, int) and not isinstance(first, bool) else None


def retry_reason(code: int | None) -> str | None:
    """다시 해 볼 만한 실패면 그 까닭, 아니면 None."""
    if code == CLOSED_CONNECTION:
        return "connection_lost"
    return RETRYABLE.get(code) if code is not None else None
