"""W3C 추적 문맥의 앞뒤."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from kernel.errors import AlreadyQueued, HanpanError, Unavailable
from telemetry.tracing import (
    context_from,
    current_span_context,
    current_trace_id,
    current_traceparent,
    past_span,
    span,
    span_context_of,
    trace_id_of,
    traceparent_of,
    tracer,
)
from tests.fakes.finished_spans import finished_spans
from tests.fakes.gateway_stage import trace_for_tests

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE_ID}-b7ad6b7169203331-01"


@pytest.fixture(autouse=True)
def _traced() -> None:
    trace_for_tests()


def test_a_span_under_a_traceparent_keeps_its_trace() -> None:
    with tracer().start_as_current_span("work", context=context_from(TRACEPARENT)):
        assert current_trace_id() == TRACE_ID
        assert current_traceparent().split("-")[1] == TRACE_ID
        assert current_traceparent() != TRACEPARENT
    assert current_trace_id() == ""
    assert current_traceparent() == ""


@pytest.mark.parametrize(
    "bad", [None, 7, "", "zz", "00-00000000000000000000000000000000-b7ad6b7169203331-01", TRACEPARENT * 3, {}]
)
def test_a_bad_traceparent_starts_a_new_trace(bad: object) -> None:
    context = context_from(bad)
    assert context is None
    with tracer().start_as_current_span("work", context=context):
        assert len(current_trace_id()) == 32


@pytest.mark.parametrize(
    ("traceparent", "trace_id"),
    [
        (f"00-{'ab' * 16}-{'cd' * 8}-01", "ab" * 16),
        ("", ""),
        (f"00-{'AB' * 16}-{'cd' * 8}-01", ""),
        (f"00-{'ab' * 16}-{'cd' * 8}", ""),
        (f"00-{'ab' * 16}-{'cd' * 8}-01\n", ""),
    ],
)
def test_the_trace_id_is_read_from_a_whole_traceparent_only(traceparent: str, trace_id: str) -> None:
    assert trace_id_of(traceparent) == trace_id


@pytest.fixture
def finished() -> Iterator[InMemorySpanExporter]:
    with finished_spans() as out:
        yield out


def test_a_span_hangs_under_the_traceparent_or_where_it_is_opened(finished: InMemorySpanExporter) -> None:
    with span("outer", parent=TRACEPARENT):
        outer = current_span_context()
        with span("inner", parent="nonsense", links=[span_context_of(TRACEPARENT), span_context_of("")]):
            assert current_trace_id() == TRACE_ID
    inner, outside = finished.get_finished_spans()
    assert inner.parent is not None
    assert inner.parent.span_id == outer.span_id
    [link] = inner.links  # 뜻 없는 것을 가리키는 link는 없다
    assert link.context == span_context_of(TRACEPARENT)
    assert outside.parent is not None
    assert f"{outside.parent.span_id:016x}" == "b7ad6b7169203331"


@pytest.mark.parametrize(
    ("error", "status", "code", "events"),
    [
        (AlreadyQueued(), StatusCode.UNSET, "ALREADY_QUEUED", 0),
        (Unavailable("멈췄다"), StatusCode.ERROR, "UNAVAILABLE", 0),
        (RuntimeError("broken"), StatusCode.ERROR, None, 1),
    ],
)
def test_only_our_own_faults_are_errors_of_the_span(
    finished: InMemorySpanExporter, error: Exception, status: StatusCode, code: str | None, events: int
) -> None:
    with pytest.raises((HanpanError, RuntimeError)), span("work"):
        raise error
    [left] = finished.get_finished_spans()
    assert left.status.status_code is status
    assert (left.attributes or {}).get("hanpan.code") == code
    assert len(left.events) == events, "거절에는 스택을 적지 않는다"


def test_what_is_past_becomes_a_span_of_its_own_length(finished: InMemorySpanExporter) -> None:
    context = past_span("wait", parent=TRACEPARENT, start_ms=1_000, end_ms=4_500, attributes={"mode": "duel"})
    below = past_span("claim", parent=context, start_ms=9, end_ms=5, links=[context])
    root = past_span("rootless", parent="", start_ms=1, end_ms=2)
    wait, claim, rootless = finished.get_finished_spans()
    assert (wait.start_time, wait.end_time) == (1_000_000_000, 4_500_000_000)
    assert claim.parent is not None
    assert claim.parent.span_id == context.span_id
    assert claim.end_time == claim.start_time, "끝이 시작보다 앞서지 않는다"
    assert rootless.parent is None
    assert root.trace_id != below.trace_id == context.trace_id


def test_a_span_context_and_its_traceparent_are_one() -> None:
    assert traceparent_of(span_context_of(TRACEPARENT)) == TRACEPARENT
    assert traceparent_of(span_context_of("")) == ""
