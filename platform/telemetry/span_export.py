"""끝난 스팬이 나가는 길: 오류가 있던 추적은 표본이 아니어도 내보내고, 나가기 전에 비밀을 가린다.

끝난 스팬은 바꿀 수 없다. 그래서 처리기가 아니라 내보내는 자리에서 다시 짓는다.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.sdk.trace import Event, ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags

from telemetry.masking import mask_text, mask_value

MAX_FAILED_TRACES = 1024


class KeepErrors(SpanProcessor):
    """표본이 아닌 추적에서도 오류로 끝난 스팬과, 그것을 품어 더 늦게 끝나는 스팬들을 `exports`에 준다.

    오류보다 먼저 끝난 형제는 남지 않는다. 기억하는 추적은 `max_traces`개까지다.
    """

    def __init__(self, exports: SpanProcessor, *, max_traces: int = MAX_FAILED_TRACES) -> None:
        self._exports = exports
        self._max_traces = max_traces
        self._failed: OrderedDict[int, None] = OrderedDict()
        self._lock = threading.Lock()

    def on_end(self, span: ReadableSpan) -> None:
        """스팬이 끝났다. 표본인 것은 제 길로 나가므로 보지 않는다."""
        context = span.get_span_context()
        if context is None or context.trace_flags.sampled:
            return
        if span.status.status_code is StatusCode.ERROR:
            self._remember(context.trace_id)
        elif context.trace_id not in self._failed:
            return
        self._exports.on_end(_rebuilt(span, context=_sampled(context)))

    def _remember(self, trace_id: int) -> None:
        with self._lock:
            self._failed[trace_id] = None
            while len(self._failed) > self._max_traces:
                self._failed.popitem(last=False)


class MaskingExporter(SpanExporter):
    """비밀을 가린 스팬을 `inner`로 내보낸다. 규칙은 로그와 같다(telemetry.masking)."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """가려서 내보낸다."""
        return self._inner.export([_masked(span) for span in spans])

    def shutdown(self) -> None:
        """길을 닫는다."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """남은 것을 내보낸다."""
        return self._inner.force_flush(timeout_millis)


def _sampled(context: SpanContext) -> SpanContext:
    return SpanContext(
        context.trace_id,
        context.span_id,
        context.is_remote,
        TraceFlags(TraceFlags.SAMPLED),
        context.trace_state,
    )


def _masked(span: ReadableSpan) -> ReadableSpan:
    status = span.status
    return _rebuilt(
        span,
        attributes=_masked_attributes(span.attributes),
        events=[
            Event(event.name, _masked_attributes(event.attributes), event.timestamp) for event in span.events
        ],
        status=Status(status.status_code, mask_text(status.description)) if status.description else status,
    )


def _masked_attributes(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: mask_value(key, value) for key, value in (attributes or {}).items()}


def _rebuilt(span: ReadableSpan, **changed: Any) -> ReadableSpan:
    """`changed`만 다른 같은 스팬."""
    same: dict[str, Any] = {
        "name": span.name,
        "context": span.get_span_context(),
        "parent": span.parent,
        "resource": span.resource,
        "attributes": span.attributes,
        "events": span.events,
        "links": span.links,
        "kind": span.kind,
        "status": span.status,
        "start_time": span.start_time,
        "end_time": span.end_time,
        "instrumentation_scope": span.instrumentation_scope,
    }
    return ReadableSpan(**same | changed)
