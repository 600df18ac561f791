"""끝난 스팬을 기억에 모으는 추적기. 프로세스의 공급자는 한 번만 세울 수 있으므로 추적기를 바꿔 끼운다."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from telemetry import tracing


@contextmanager
def finished_spans() -> Iterator[InMemorySpanExporter]:
    """이 안에서 telemetry.tracing이 여는 스팬들."""
    provider, out = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(out))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tracing, "tracer", lambda: provider.get_tracer("test"))
        yield out
    provider.shutdown()
