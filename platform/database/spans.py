"""MariaDB의 문장과 COMMIT을 스팬으로. 문장의 값은 적지 않는다(자리표만 남는다)."""

from __future__ import annotations

from contextlib import AbstractContextManager

from opentelemetry.instrumentation.mysqlclient import MySQLClientInstrumentor
from opentelemetry.trace import Span, SpanKind

from telemetry.tracing import span


def trace_mariadb() -> None:
    """이 프로세스의 모든 문장이 스팬을 갖는다. `configure_tracing`이 부른다."""
    MySQLClientInstrumentor().instrument()


def commit_span() -> AbstractContextManager[Span]:
    """COMMIT의 스팬. 드라이버의 계측은 문장만 본다."""
    return span("COMMIT", kind=SpanKind.CLIENT)
