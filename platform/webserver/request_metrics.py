"""HTTP 요청의 지표: django-prometheus의 두 미들웨어를, 부르는 이가 늘릴 수 없는 라벨로만 쓴다.

꾸러미의 것은 뷰의 이름과 메서드의 글마다 히스토그램을 만든다: 이름을 대지 않은 사람이 아무 길과 메서드를
부르는 것만으로 /metrics가 2 MB가 된다. 여기서는 모두 합쳐 50줄을 넘지 않는다.
"""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase
from django_prometheus.conf import NAMESPACE
from django_prometheus.middleware import (
    Metrics,
    PrometheusAfterMiddleware,
    PrometheusBeforeMiddleware,
)
from prometheus_client import Counter

FRONT: Final = "front"
UNMATCHED: Final = "none"
_FIRST_PARTS: Final = frozenset({"api", "ops", "admin", "play"})
VIEW_GROUPS: Final = (*sorted(_FIRST_PARTS), FRONT, UNMATCHED)
STATUS_CLASSES: Final = ("2xx", "3xx", "4xx", "5xx")
LATENCY_BUCKETS_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)

_LATENCY: Final = "django_http_requests_latency_including_middlewares_seconds"
# 꾸러미의 것 가운데 두는 것. 라벨이 없거나(수와 시간), 꾸러미가 열 가지로 막는다(메서드).
_KEPT: Final = frozenset(
    {"django_http_requests_before_middlewares_total", _LATENCY, "django_http_requests_total_by_method"}
)


class UncountedMetric:
    """세지 않기로 한 지표의 자리. 꾸러미의 미들웨어가 부르는 것을 받아 아무것도 하지 않는다."""

    def labels(self, **_labels: str) -> UncountedMetric:
        return self

    def inc(self, amount: float = 1) -> None:
        """세지 않는다."""

    def observe(self, amount: float) -> None:
        """재지 않는다."""


_UNCOUNTED: Final = UncountedMetric()


class RequestMetrics(Metrics):  # type: ignore[misc]  # 꾸러미에 형이 없다
    """두 미들웨어가 나눠 쓰는 지표들. 프로세스에 하나다(`get_instance`)."""

    def register_metric(
        self, metric_cls: Any, name: str, documentation: str, labelnames: Any = (), **kwargs: Any
    ) -> Any:
        """꾸러미가 지표마다 부른다. 두기로 한 것만 진짜로 만든다."""
        if name not in _KEPT:
            return _UNCOUNTED
        if name == _LATENCY:
            kwargs["buckets"] = LATENCY_BUCKETS_S
        return super().register_metric(metric_cls, name, documentation, labelnames, **kwargs)

    def register(self) -> None:
        """꾸러미의 것을 고른 뒤, 상태와 뷰와 메서드마다의 수를 뷰의 갈래와 상태의 갈래마다의 수로 바꾼다."""
        super().register()
        answers = Counter(
            "django_http_responses_total",
            "답의 수: 뷰의 갈래와 상태의 갈래마다",
            ["view_group", "status_class"],
            namespace=NAMESPACE,
        )
        # 처음부터 모두 0이다. 까닭은 telemetry.metrics.start_from_zero와 같다.
        self.answers = {
            (group, status): answers.labels(group, status)
            for group in VIEW_GROUPS
            for status in STATUS_CLASSES
        }


class RequestsBeforeMiddleware(PrometheusBeforeMiddleware):  # type: ignore[misc]
    """모든 미들웨어의 바깥: 온 수와 걸린 시간."""

    metrics_cls = RequestMetrics


class RequestsAfterMiddleware(PrometheusAfterMiddleware):  # type: ignore[misc]
    """모든 미들웨어의 안쪽: 메서드와, 어느 갈래의 뷰가 어떻게 답했는가."""

    metrics_cls = RequestMetrics

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """답 하나. 상태와 뷰로 세는 꾸러미의 지표들은 자리만 있다."""
        self.metrics.answers[view_group(request), status_class(response.status_code)].inc()
        answered: HttpResponseBase = super().process_response(request, response)
        return answered


def view_group(request: HttpRequest) -> str:
    """주소가 닿은 뷰의 갈래. 부른 이의 글이 아니라 우리가 올린 주소의 첫 마디를 본다."""
    match = request.resolver_match
    if match is None:
        return UNMATCHED
    first = match.route.removeprefix("^").partition("/")[0]
    return first if first in _FIRST_PARTS else FRONT


def status_class(status: int) -> str:
    """상태의 갈래. 뷰가 주지 않는 1xx는 2xx에 넣는다."""
    return STATUS_CLASSES[max(status // 100, 2) - 2]
