"""어느 추적을 적는가: 부모를 따르고, 뿌리는 비율로 고르고, 오류는 언제나 남길 수 있게 기억만 해 둔다.

비율은 추적 번호로 정하므로(TraceIdRatioBased) 프로세스마다 같은 답이다.
"""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult, TraceIdRatioBased
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes


class RequestSampler(Sampler):
    """요청에서 시작한 추적의 표본.

    - 부모가 있으면 부모의 결정을 따르고, 없으면 `ratio`(0~1)로 고른다.
    - 부모 없는 CLIENT 스팬은 버린다: 아무도 청하지 않은 배경 일의 왕복이다(틱, 하트비트, 훑기).
    - 뽑히지 않은 추적도 기억은 한다(RECORD_ONLY). 오류로 끝나면 `KeepErrors`가 내보낸다. CLIENT 스팬은
      기억도 하지 않는다: 그 실패는 부른 쪽의 스팬에 남고, 스팬의 절반이 이것이다.
    """

    def __init__(self, ratio: float) -> None:
        self._ratio = TraceIdRatioBased(ratio)

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """스팬 하나의 운명."""
        parent = trace.get_current_span(parent_context).get_span_context()
        if parent.is_valid:
            chosen = parent.trace_flags.sampled
        elif kind is SpanKind.CLIENT:
            return SamplingResult(Decision.DROP)
        else:
            chosen = self._ratio.should_sample(None, trace_id, name).decision is Decision.RECORD_AND_SAMPLE
        if chosen:
            return SamplingResult(Decision.RECORD_AND_SAMPLE, attributes)
        return SamplingResult(Decision.DROP if kind is SpanKind.CLIENT else Decision.RECORD_ONLY, attributes)

    def get_description(self) -> str:
        """설정을 적은 이름."""
        return f"RequestSampler{{{self._ratio.rate}}}"
