"""표본: 부모를 따르고, 뿌리는 비율로, 배경의 왕복은 버리고, 나머지는 오류를 위해 기억만 한다."""

from __future__ import annotations

import pytest
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags

from telemetry.sampling import RequestSampler

LOW_TRACE_ID = 0x0AF7651916CD43DD_0000000000000001  # 아래 64비트가 작아 어떤 비율에도 뽑힌다
HIGH_TRACE_ID = 0x0AF7651916CD43DD_FFFFFFFFFFFFFFFF


def under(*, sampled: bool) -> Context:
    """표본이거나 아닌 부모 아래."""
    flags = TraceFlags(TraceFlags.SAMPLED if sampled else TraceFlags.DEFAULT)
    return trace.set_span_in_context(NonRecordingSpan(SpanContext(7, 8, is_remote=True, trace_flags=flags)))


@pytest.mark.parametrize(
    ("parent", "trace_id", "kind", "decision"),
    [
        (under(sampled=True), HIGH_TRACE_ID, SpanKind.CLIENT, Decision.RECORD_AND_SAMPLE),
        (under(sampled=True), HIGH_TRACE_ID, SpanKind.SERVER, Decision.RECORD_AND_SAMPLE),
        (under(sampled=False), LOW_TRACE_ID, SpanKind.SERVER, Decision.RECORD_ONLY),
        (under(sampled=False), LOW_TRACE_ID, SpanKind.INTERNAL, Decision.RECORD_ONLY),
        (under(sampled=False), LOW_TRACE_ID, SpanKind.CLIENT, Decision.DROP),
        (Context(), LOW_TRACE_ID, SpanKind.SERVER, Decision.RECORD_AND_SAMPLE),
        (Context(), HIGH_TRACE_ID, SpanKind.SERVER, Decision.RECORD_ONLY),
        (Context(), LOW_TRACE_ID, SpanKind.CLIENT, Decision.DROP),
    ],
)
def test_a_span_follows_its_parent_and_a_root_the_ratio(
    parent: Context, trace_id: int, kind: SpanKind, decision: Decision
) -> None:
    assert RequestSampler(0.1).should_sample(parent, trace_id, "work", kind).decision is decision


@pytest.mark.parametrize(
    ("ratio", "decision"), [(0.0, Decision.RECORD_ONLY), (1.0, Decision.RECORD_AND_SAMPLE)]
)
def test_the_ratio_reaches_none_and_all(ratio: float, decision: Decision) -> None:
    sampler = RequestSampler(ratio)
    assert sampler.should_sample(Context(), LOW_TRACE_ID + 1, "work", SpanKind.SERVER).decision is decision
    assert str(ratio) in sampler.get_description()


@pytest.mark.parametrize("ratio", [-0.1, 1.1])
def test_a_ratio_outside_zero_to_one_is_refused(ratio: float) -> None:
    with pytest.raises(ValueError, match="Probability"):
        RequestSampler(ratio)
