"""스팬이 나가는 길: 오류가 있던 추적은 표본이 아니어도 나가고, 나가는 것에는 비밀이 없다."""

from __future__ import annotations

import pytest
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode, Tracer

from telemetry.sampling import RequestSampler
from telemetry.span_export import KeepErrors, MaskingExporter


class Exporting:
    """표본 비율 `ratio`의 추적기와 나간 스팬들."""

    def __init__(self, ratio: float, *, max_traces: int = 8) -> None:
        self.out = InMemorySpanExporter()
        exports = SimpleSpanProcessor(MaskingExporter(self.out))
        provider = TracerProvider(sampler=RequestSampler(ratio))
        provider.add_span_processor(exports)
        provider.add_span_processor(KeepErrors(exports, max_traces=max_traces))
        self.tracer: Tracer = provider.get_tracer("test")

    def names(self) -> list[str]:
        return [span.name for span in self.out.get_finished_spans()]


def fail_inside(tracer: Tracer, root: str) -> None:
    """뿌리 > 마디 > 실패, 그리고 실패보다 먼저 끝난 형제."""
    with tracer.start_as_current_span(root, kind=SpanKind.SERVER), tracer.start_as_current_span("step"):
        with tracer.start_as_current_span("sibling"):
            pass
        with tracer.start_as_current_span("failure") as failure:
            failure.set_status(StatusCode.ERROR, "broken")


def test_a_failed_span_and_those_that_held_it_leave_though_not_sampled() -> None:
    exporting = Exporting(0.0)
    fail_inside(exporting.tracer, "root")
    with exporting.tracer.start_as_current_span("fine", kind=SpanKind.SERVER):
        pass
    assert exporting.names() == ["failure", "step", "root"]
    spans = exporting.out.get_finished_spans()
    assert len({span.get_span_context().trace_id for span in spans}) == 1
    assert [span.parent.span_id if span.parent else None for span in spans] == [
        spans[1].get_span_context().span_id, spans[2].get_span_context().span_id, None,
    ]  # fmt: skip


def test_a_sampled_trace_leaves_once() -> None:
    exporting = Exporting(1.0)
    fail_inside(exporting.tracer, "root")
    assert exporting.names() == ["sibling", "failure", "step", "root"]


def test_the_memory_of_failed_traces_is_bounded() -> None:
    exporting = Exporting(0.0, max_traces=1)
    with exporting.tracer.start_as_current_span("first", kind=SpanKind.SERVER):
        with exporting.tracer.start_as_current_span("failure") as failure:
            failure.set_status(StatusCode.ERROR)
        elsewhere = exporting.tracer.start_span("elsewhere", context=Context(), kind=SpanKind.SERVER)
        elsewhere.set_status(StatusCode.ERROR)
        elsewhere.end()
    assert exporting.names() == ["failure", "elsewhere"], "더 새로운 실패가 앞의 것을 밀어냈다"


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("password", "hunter2hunter2", "***"),
        ("http.target", "/me?mail=kim@example.com", "/me?mail=***"),
        ("net.peer.ip", "203.0.113.9", "***"),
        ("db.statement", "SELECT 1 WHERE id = %s", "SELECT 1 WHERE id = %s"),
        ("db.redis.args_length", 3, 3),
    ],
)
def test_what_leaves_is_masked_as_the_logs_are(key: str, value: object, shown: object) -> None:
    exporting = Exporting(1.0)
    with exporting.tracer.start_as_current_span("work", attributes={key: value}) as span:  # type: ignore[dict-item]
        span.add_event("seen", {key: value})  # type: ignore[dict-item]
        span.set_status(StatusCode.ERROR, f"{key} rs1.abc.def")
    [left] = exporting.out.get_finished_spans()
    assert left.attributes == {key: shown}
    assert [dict(event.attributes or {}) for event in left.events] == [{key: shown}]
    assert left.status.description == f"{key} ***"
