"""프로세스 하나의 /metrics 글에서 대시보드가 쓰는 숫자만 뽑는다. 순수하다.

쓰지 않는 줄은 풀기 전에 버린다: 히스토그램까지 풀면 한 번에 몇 ms씩 이벤트 루프를 붙든다.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

# 판이 MariaDB에 닿은 결과들. 이미 있던 것(already_finalized)은 새로 닿은 것이 아니다.
REACHED_DATABASE = frozenset({"finalized", "aborted", "abandoned"})
_WANTED = (
    "gateway_connections",
    "session_matches",
    "finalize_total",
    "result_pending",
    "matchmaking_queue_depth",
    "invariant_violations_total",
)
_TYPE_LINES = tuple(f"# TYPE {name} " for name in _WANTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessFigures:
    """한 프로세스가 스스로 말한 숫자. 맡지 않은 일의 숫자는 0이다."""

    connections: int
    matches: int
    finalized_total: float
    pending_results: int
    pending_oldest_s: float
    queue_modes: tuple[str, ...]
    violations: int


def read_figures(text: str) -> ProcessFigures:
    """Prometheus 글 형식을 읽는다.

    Raises:
        ValueError: 그 형식이 아니다.
    """
    lines = [line for line in text.splitlines() if line.startswith(_WANTED) or line.startswith(_TYPE_LINES)]
    samples = [
        sample
        for family in text_string_to_metric_families("\n".join([*lines, ""]))
        for sample in family.samples
    ]
    return ProcessFigures(
        connections=int(_sum(samples, "gateway_connections")),
        matches=int(_sum(samples, "session_matches")),
        finalized_total=sum(
            sample.value
            for sample in samples
            if sample.name == "finalize_total" and sample.labels.get("result") in REACHED_DATABASE
        ),
        pending_results=int(_sum(samples, "result_pending")),
        pending_oldest_s=_sum(samples, "result_pending_age_seconds"),
        queue_modes=tuple(
            sorted(sample.labels["mode"] for sample in samples if sample.name == "matchmaking_queue_depth")
        ),
        violations=int(_sum(samples, "invariant_violations_total")),
    )


def _sum(samples: Iterable[Sample], name: str) -> float:
    return sum(sample.value for sample in samples if sample.name == name)
