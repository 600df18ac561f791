"""코드가 정의한 모든 지표. 문서의 표와 관측의 글들이 함께 맞춰 본다."""

from __future__ import annotations

import prometheus_client
from prometheus_client.metrics import MetricWrapperBase

from telemetry import metrics


def defined_metrics() -> dict[str, MetricWrapperBase]:
    """밖에 보이는 이름마다의 지표."""
    return {
        metric._name + ("_total" if isinstance(metric, prometheus_client.Counter) else ""): metric
        for metric in vars(metrics).values()
        if isinstance(metric, MetricWrapperBase)
    }
