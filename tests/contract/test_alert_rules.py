"""경보의 규칙: 쓰는 지표와 라벨이 모두 있고, 규칙마다 사람이 읽을 까닭과 할 일이 있다."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import prometheus_client.metrics
import pytest
import yaml

from redisstore.server_rows import ServerState
from telemetry import metrics

ROOT = Path(__file__).resolve().parents[2]
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((ROOT / "infra/observability/prometheus/alerts.yml").read_text("utf-8"))[
        "groups"
    ]
    for rule in group["rules"]
]
USED = re.compile(r"([a-z_]+)(?:\{([^}]*)\})?(?:\[\w+\])?")
FUNCTIONS = {"increase", "rate", "max", "min", "sum", "avg", "by"}


def defined() -> dict[str, set[str]]:
    """이름마다의 라벨."""
    found = {}
    for metric in vars(metrics).values():
        if isinstance(metric, prometheus_client.metrics.MetricWrapperBase):
            suffix = "_total" if isinstance(metric, prometheus_client.Counter) else ""
            found[metric._name + suffix] = set(metric._labelnames)
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_reads_only_metrics_that_exist_with_labels_they_have(rule: dict[str, Any]) -> None:
    known = defined()
    used = [(name, labels) for name, labels in USED.findall(rule["expr"]) if name not in FUNCTIONS]
    names = [(name, labels) for name, labels in used if "_" in name]
    assert names
    for name, labels in names:
        assert name in known
        assert {label.split("=")[0] for label in labels.split(",") if label} <= known[name]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_says_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["description"]
    assert re.fullmatch(r"\d+[sm]", rule["for"])


def test_the_states_a_rule_asks_for_are_states_of_a_server() -> None:
    asked = {state for rule in RULES for state in re.findall(r'state="(\w+)"', rule["expr"])}
    assert asked <= {state.value for state in ServerState}
    assert "NoServerForMatches" in {rule["alert"] for rule in RULES}
