"""OpenTelemetry 추적의 시작, 스팬을 여는 법, W3C 문맥의 앞뒤. 내보내기는 주소가 있을 때만 켠다.

스팬의 이름과 나무는 design/tracing.md의 표가 말한다.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.utils import suppress_instrumentation
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes

from kernel.errors import HanpanError
from telemetry.sampling import RequestSampler
from telemetry.span_export import KeepErrors, MaskingExporter

EXPORT_EVERY_MS = 1_000
EXPORT_TIMEOUT_S = 3.0
OUR_FAULT_FROM_STATUS = 500  # 이보다 작은 HTTP 뜻을 가진 오류는 청한 쪽의 일이라 스팬의 오류가 아니다

_propagator = TraceContextTextMapPropagator()
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


def configure_tracing(
    service: str,
    instance: str,
    otlp_endpoint: str = "",
    ratio: float = 1.0,
    *,
    drivers: Sequence[Callable[[], None]] = (),
) -> None:
    """이 프로세스의 추적 공급자를 세운다. 한 번만, 드라이버의 클라이언트를 만들기 전에 부른다.

    `ratio`는 부모 없는 추적을 뽑는 비율이다. 내보낼 곳이 없으면 스팬은 번호만 가진다(로그와 이웃이 그 번호를
    잇는다). 적는 값이 41 us에서 16 us로 준다. `drivers`는 드라이버의 계측을 켜는 일들이고 내보낼 때만 부른다.
    """
    provider = TracerProvider(
        sampler=RequestSampler(ratio) if otlp_endpoint else ALWAYS_OFF,
        resource=Resource.create({"service.name": service, "service.instance.id": instance}),
    )
    if otlp_endpoint:
        exporter = OTLPSpanExporter(endpoint=otlp_endpoint, insecure=True, timeout=EXPORT_TIMEOUT_S)
        exports = BatchSpanProcessor(MaskingExporter(exporter), schedule_delay_millis=EXPORT_EVERY_MS)
        provider.add_span_processor(exports)
        provider.add_span_processor(KeepErrors(exports))
    trace.set_tracer_provider(provider)
    if otlp_endpoint:
        for trace_driver in drivers:
            trace_driver()


@cache
def tracer() -> trace.Tracer:
    """한판의 스팬을 여는 추적기. 찾는 값이 비싸 한 번만 찾는다(공급자는 뒤에 세워져도 이어진다)."""
    return trace.get_tracer("hanpan")


# ---- 스팬


@contextmanager
def span(
    name: str,
    *,
    parent: str | Context | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
    links: Sequence[SpanContext] = (),
) -> Iterator[Span]:
    """스팬을 열어 지금의 문맥으로 삼는다. `parent`가 없거나 틀린 traceparent면 지금의 문맥에 잇는다.

    던져진 오류는 우리 쪽의 잘못일 때만 스팬의 오류가 된다. 거절(HanpanError)에는 스택을 적지 않는다.
    """
    context = context_from(parent) if isinstance(parent, str) else parent
    with tracer().start_as_current_span(
        name,
        context=context,
        kind=kind,
        links=[Link(link) for link in links if link.is_valid],
        record_exception=False,
        set_status_on_exception=False,
    ) as opened:
        try:
            yield opened
        except Exception as error:
            note_failure(error, opened)
            raise


def note_failure(error: Exception, opened: Span | None = None) -> None:
    """오류를 스팬에 적는다(`opened`가 없으면 지금의 스팬). 청한 쪽의 잘못은 코드만 남고 오류가 아니다."""
    opened = opened or trace.get_current_span()
    if not opened.is_recording():
        return
    if not isinstance(error, HanpanError):
        opened.record_exception(error)
        opened.set_status(StatusCode.ERROR, type(error).__name__)
        return
    opened.set_attribute("hanpan.code", error.code)
    if error.http_status >= OUR_FAULT_FROM_STATUS:
        opened.set_status(StatusCode.ERROR, error.message)


def past_span(
    name: str,
    *,
    parent: str | SpanContext,
    start_ms: int,
    end_ms: int,
    links: Sequence[SpanContext] = (),
    attributes: Attributes = None,
) -> SpanContext:
    """이미 지난 일의 스팬(시각은 1970년부터의 ms). 오래 걸리는 일을 스팬으로 쥐고 기다리지 않는다.

    `parent`가 틀린 traceparent면 새 추적의 뿌리다. 표본이 아닌 추적에서는 적지 않고 부모를 그대로 준다:
    지난 일은 실패하지 않으므로 나갈 일이 없다.
    """
    above = parent if isinstance(parent, SpanContext) else span_context_of(parent)
    if above.is_valid and not above.trace_flags.sampled:
        return above
    opened = tracer().start_span(
        name,
        context=trace.set_span_in_context(trace.NonRecordingSpan(above), Context()),
        links=[Link(link) for link in links if link.is_valid],
        attributes=attributes,
        start_time=start_ms * 1_000_000,
    )
    opened.end(max(start_ms, end_ms) * 1_000_000)
    return opened.get_span_context()


@contextmanager
def drivers_traced_if_sampled() -> Iterator[None]:
    """표본이 아닌 추적에서는 이 안의 드라이버(Redis, MariaDB)가 스팬을 짓지 않는다. 어차피 버릴 것이다."""
    if is_sampled():
        yield
    else:
        with suppress_instrumentation():
            yield


# ---- W3C 문맥


def context_from(traceparent: object) -> Context | None:
    """W3C traceparent 글에서 문맥을 만든다. 글이 없거나 틀리면 None이라 새 추적이 시작된다."""
    if not isinstance(traceparent, str) or len(traceparent) > 128:
        return None
    context = _propagator.extract({"traceparent": traceparent})
    return context if trace.get_current_span(context).get_span_context().is_valid else None


def span_context_of(traceparent: str) -> SpanContext:
    """traceparent 글이 가리키는 스팬. 글이 없거나 틀리면 뜻 없는(is_valid가 아닌) 것이다."""
    return trace.get_current_span(context_from(traceparent) or Context()).get_span_context()


def traceparent_of(context: SpanContext) -> str:
    """스팬을 가리키는 traceparent 글. 뜻 없는 것이면 빈 글."""
    if not context.is_valid:
        return ""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def trace_id_of(traceparent: str) -> str:
    """traceparent 글의 추적 번호(16진 32자). 없거나 틀리면 빈 글."""
    match = _TRACEPARENT.fullmatch(traceparent)
    return match.group(1) if match else ""


def is_sampled() -> bool:
    """지금의 추적이 표본인가."""
    return current_span_context().trace_flags.sampled


def current_span_context() -> SpanContext:
    """지금의 스팬. 없으면 뜻 없는 것이다."""
    return trace.get_current_span().get_span_context()


def current_traceparent() -> str:
    """지금 문맥의 traceparent. 없으면 빈 글."""
    return traceparent_of(current_span_context())


def current_trace_id() -> str:
    """지금 추적 번호(16진 32자). 없으면 빈 글."""
    context = current_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else ""


def trace_id_or_new(traceparent: str = "") -> str:
    """지금 추적 번호. 추적이 시작되기 전이면 `traceparent`의 것, 그것도 없으면 새 번호다."""
    return current_trace_id() or trace_id_of(traceparent) or secrets.token_hex(16)
