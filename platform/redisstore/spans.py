"""Redis의 왕복을 스팬으로. 드라이버는 EVALSHA만 알므로 스크립트의 이름을 여기서 붙인다."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.context import attach, create_key, detach, get_value, set_value
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.trace import Span

from telemetry.tracing import drivers_traced_if_sampled

_SCRIPT = create_key("redis-script")


def trace_redis() -> None:
    """이 프로세스의 모든 Redis 왕복이 스팬을 갖는다. `configure_tracing`이 부른다."""
    RedisInstrumentor().instrument(response_hook=_name_by_script)


@contextmanager
def script_named(name: str) -> Iterator[None]:
    """이 안의 왕복은 `name` 스크립트의 것이다."""
    with drivers_traced_if_sampled():
        token = attach(set_value(_SCRIPT, name))
        try:
            yield
        finally:
            detach(token)


def _name_by_script(opened: Span, *_rest: object) -> None:
    script = get_value(_SCRIPT)
    if script is not None:
        opened.update_name(f"redis {script}")
