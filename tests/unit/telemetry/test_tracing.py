"""W3C 추적 문맥의 앞뒤."""

from __future__ import annotations

import pytest

from telemetry.tracing import context_from, current_trace_id, current_traceparent, trace_id_of, tracer
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
