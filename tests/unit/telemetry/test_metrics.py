"""지표의 이름과 라벨: 라벨이 선수나 판을 싣지 않는다."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from prometheus_client.metrics import MetricWrapperBase

from telemetry import metrics

ROOT = Path(__file__).resolve().parents[3]
FORBIDDEN_LABELS = {
    "player",
    "player_id",
    "match",
    "match_id",
    "conn",
    "conn_id",
    "address",
    "ip",
    "ticket",
    "user",
}
ALL = [value for value in vars(metrics).values() if isinstance(value, MetricWrapperBase)]


def test_no_label_can_grow_with_the_players() -> None:
    labels = {label for metric in ALL for label in metric._labelnames}
    assert not labels & FORBIDDEN_LABELS


def test_every_metric_says_what_it_counts() -> None:
    assert len(ALL) > 15
    assert all(metric._documentation for metric in ALL)


def test_every_metric_is_moved_somewhere() -> None:
    named = [name for name, value in vars(metrics).items() if isinstance(value, MetricWrapperBase)]
    texts = [
        path.read_text("utf-8")
        for folder in ("gameservices", "platform")
        for path in (ROOT / folder).rglob("*.py")
        if path != ROOT / "platform" / "telemetry" / "metrics.py"
    ]
    moved = set(re.findall(r"\w+", "\n".join(texts)))
    assert set(named) - moved == set()


def test_names_are_unique_and_say_their_process() -> None:
    names = [metric._name for metric in ALL]
    assert len(names) == len(set(names))


def test_what_an_alert_counts_is_there_before_it_happens() -> None:
    metrics.start_from_zero()
    started = {
        tuple(sample.labels.values())
        for metric in (metrics.finalize_total, metrics.invariant_violations)
        for family in metric.collect()
        for sample in family.samples
    }
    assert started >= {(label,) for label in (*get_args(metrics.FinalizeResult), *metrics.INVARIANTS)}


def test_the_matches_of_each_mode_are_counted_from_zero() -> None:
    metrics.start_modes_from_zero(["한-번도-없던-모드"])
    samples = {
        sample.labels["mode"]: sample.value
        for family in metrics.matchmaking_matches.collect()
        for sample in family.samples
    }
    assert samples["한-번도-없던-모드"] == 0


def test_the_code_counts_only_the_invariants_that_start_from_zero() -> None:
    counted = {
        label
        for folder in ("gameservices", "platform")
        for path in (ROOT / folder).rglob("*.py")
        for label in re.findall(r'invariant_violations\.labels\("(\w+)"\)', path.read_text("utf-8"))
    }
    assert counted == set(metrics.INVARIANTS)
