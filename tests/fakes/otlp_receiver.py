"""OTLP를 gRPC로 받는 이: 프로세스들이 내보낸 스팬을 선 위에서 받아 나무로 읽는다."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as pb
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as pb_grpc
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

MAX_SPANS = 50_000
MAX_MESSAGE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSpan:
    """받은 스팬 하나. 번호는 16진 글이다."""

    name: str
    service: str
    instance: str
    trace_id: str
    span_id: str
    parent_id: str
    links: tuple[str, ...]
    attributes: dict[str, str]
    failed: bool
    start_ns: int
    end_ns: int

    @property
    def title(self) -> str:
        """`서비스 이름`. 나무의 한 마디다."""
        return f"{self.service} {self.name}"


class OtlpReceiver(pb_grpc.TraceServiceServicer):
    """받은 스팬들. 오래된 것부터 버린다."""

    def __init__(self) -> None:
        self._spans: deque[SeenSpan] = deque(maxlen=MAX_SPANS)
        self._lock = threading.Lock()

    def Export(  # noqa: N802 - proto의 이름이다
        self, request: pb.ExportTraceServiceRequest, _context: grpc.ServicerContext
    ) -> pb.ExportTraceServiceResponse:
        """한 묶음을 받는다."""
        with self._lock:
            for group in request.resource_spans:
                resource = _plain(group.resource.attributes)
                for scope in group.scope_spans:
                    self._spans.extend(_seen(span, resource) for span in scope.spans)
        return pb.ExportTraceServiceResponse()

    def spans(self, trace_id: str | None = None) -> list[SeenSpan]:
        """받은 스팬들(그 추적의 것만)."""
        with self._lock:
            return [span for span in self._spans if trace_id in (None, span.trace_id)]

    def paths(self, trace_id: str) -> dict[tuple[str, ...], SeenSpan]:
        """뿌리부터 그 스팬까지의 마디들 -> 스팬. 부모가 아직 오지 않은 스팬은 제 마디부터다."""
        spans = {span.span_id: span for span in self.spans(trace_id)}
        return {_path(span, spans): span for span in spans.values()}


def _path(span: SeenSpan, spans: dict[str, SeenSpan]) -> tuple[str, ...]:
    titles: list[str] = []
    here: SeenSpan | None = span
    while here is not None:
        titles.insert(0, here.title)
        here = spans.get(here.parent_id)
    return tuple(titles)


def _seen(span: Span, resource: dict[str, str]) -> SeenSpan:
    return SeenSpan(
        name=span.name,
        service=resource["service.name"],
        instance=resource["service.instance.id"],
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        links=tuple(link.span_id.hex() for link in span.links),
        attributes=_plain(span.attributes),
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        start_ns=span.start_time_unix_nano,
        end_ns=span.end_time_unix_nano,
    )


def _plain(attributes: Any) -> dict[str, str]:
    rows: list[KeyValue] = list(attributes)
    return {row.key: str(getattr(row.value, row.value.WhichOneof("value"))) for row in rows}


@contextmanager
def otlp_receiver(address: str) -> Iterator[OtlpReceiver]:
    """`host:port`에서 받는다. 포트가 0이면 안 된다: 보내는 쪽이 먼저 안다."""
    receiver = OtlpReceiver()
    server = grpc.server(
        ThreadPoolExecutor(max_workers=2),
        options=[("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES)],
    )
    pb_grpc.add_TraceServiceServicer_to_server(receiver, server)
    server.add_insecure_port(address)
    server.start()
    try:
        yield receiver
    finally:
        server.stop(1.0).wait()
