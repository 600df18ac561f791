"""프로세스의 /metrics 글 읽기: 우리가 실제로 여는 글에서 숫자를 뽑고, 다른 글은 거절한다."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from ops.live.exposition import read_figures


def exposition() -> str:
    """session과 matchmaking의 지표를 함께 여는 글."""
    registry = CollectorRegistry()
    Gauge("gateway_connections", "소켓", registry=registry).set(12)
    Gauge("session_matches", "판", registry=registry).set(7)
    Gauge("result_pending", "미반영", registry=registry).set(3)
    Gauge("result_pending_age_seconds", "나이", registry=registry).set(1.5)
    finalize = Counter("finalize_total", "결과", ["result"], registry=registry)
    for result, count in (("finalized", 40), ("aborted", 2), ("already_finalized", 100), ("failed", 5)):
        finalize.labels(result).inc(count)
    queue = Gauge("matchmaking_queue_depth", "대기열", ["mode"], registry=registry)
    queue.labels("duel").set(4)
    queue.labels("arena").set(0)
    Counter("invariant_violations_total", "깨짐", ["invariant"], registry=registry).labels("x").inc(2)
    Histogram("finalize_seconds", "시간", registry=registry).observe(0.2)
    return generate_latest(registry).decode()


def test_the_numbers_of_the_dashboard_are_read() -> None:
    figures = read_figures(exposition())
    assert (figures.connections, figures.matches) == (12, 7)
    assert (figures.pending_results, figures.pending_oldest_s) == (3, 1.5)
    assert figures.queue_modes == ("arena", "duel")
    assert figures.violations == 2


def test_only_results_that_newly_reached_the_database_count_as_finalized() -> None:
    assert read_figures(exposition()).finalized_total == 42


def test_a_process_without_our_metrics_says_zero() -> None:
    figures = read_figures("# TYPE python_info gauge\npython_info 1.0\n")
    assert (figures.connections, figures.matches, figures.finalized_total, figures.queue_modes) == (
        0,
        0,
        0,
        (),
    )


def test_a_text_that_is_not_an_exposition_is_refused() -> None:
    with pytest.raises(ValueError, match=r"."):
        read_figures("gateway_connections is twelve\n")
