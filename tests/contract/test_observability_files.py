"""관측의 글들: 경보, SLO의 셈, 대시보드가 있는 지표와 라벨만 쓰고, 경보마다 까닭과 할 일과 시험이 있다."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.slo.objectives import OBJECTIVES, rate_expression
from redisstore.servers.rows import ServerState
from tests.contract.defined_metrics import defined_metrics

FOLDER = Path(__file__).resolve().parents[2] / "infra" / "observability"
LIBRARIES = ("process_", "django_", "python_")
PART = re.compile(r"(_bucket|_count|_sum)$")
NAME = re.compile(r"([a-z][\w:]*)(?:\{([^}]*)\})?")
FUNCTIONS = {"histogram_quantile"}


def rules_of(name: str) -> list[dict[str, Any]]:
    """규칙 파일의 모든 규칙."""
    groups = yaml.safe_load((FOLDER / "prometheus" / name).read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


ALERTS, RECORDS = rules_of("alerts.yml"), rules_of("slo.yml")
DASHBOARDS = sorted((FOLDER / "grafana" / "dashboards").glob("*.json"))
PANELS = [
    (path.stem, panel["title"], target["expr"])
    for path in DASHBOARDS
    for panel in json.loads(path.read_text("utf-8"))["panels"]
    for target in panel["targets"]
]
EXPRESSIONS = [
    *((rule["alert"], rule["expr"]) for rule in ALERTS),
    *((rule["record"], rule["expr"]) for rule in RECORDS),
    *((f"{board}: {title}", expression) for board, title, expression in PANELS),
]


def defined() -> dict[str, set[str]]:
    """이름마다의 라벨. Prometheus가 붙이는 라벨과 이름도 안다."""
    ours = {name: set(metric._labelnames) for name, metric in defined_metrics().items()}
    return {"up": set(), **{rule["record"]: set() for rule in RECORDS}, **ours}


def used(expression: str) -> list[tuple[str, set[str]]]:
    """식이 읽는 이름과 그 고르기의 라벨들."""
    bare = re.sub(r"\b(by|on) ?\([^)]*\)", "", expression)
    return [
        (PART.sub("", name), {part.split("=")[0].rstrip("!~") for part in labels.split(",") if part})
        for name, labels in NAME.findall(bare)
        if name not in FUNCTIONS and ("_" in name or name.startswith("slo:") or name == "up")
    ]


def test_every_query_reads_only_what_exists_with_the_labels_it_has() -> None:
    known, faults = defined(), []
    for where, expression in EXPRESSIONS:
        names = [(name, labels) for name, labels in used(expression) if not name.startswith(LIBRARIES)]
        faults += [f"{where}: {name}은 없는 지표다" for name, _ in names if name not in known]
        faults += [
            f"{where}: {name}에 {extra}"
            for name, labels in names
            if (extra := labels - {"le", "job", "process"} - known.get(name, set()))
        ]
        if not used(expression):
            faults.append(f"{where}: 아무 지표도 읽지 않는다")
    assert faults == []


def test_every_alert_says_what_is_wrong_and_what_to_do_and_has_its_test() -> None:
    tests = yaml.safe_load((FOLDER / "prometheus" / "alerts_test.yml").read_text("utf-8"))["tests"]
    cases = [case for test in tests for case in test["alert_rule_test"]]
    for rule in ALERTS:
        name = rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}, name
        assert rule["annotations"]["summary"], name
        assert rule["annotations"]["description"], name
        assert re.fullmatch(r"\d+[sm]", rule["for"]), name
        seen = {bool(case["exp_alerts"]) for case in cases if case["alertname"] == name}
        assert seen == {True, False}, f"{name}: 울리는 때와 울리지 않는 때의 시험이 모두 있어야 한다"


def test_the_states_an_alert_asks_for_are_states_of_a_server() -> None:
    asked = {state for rule in ALERTS for state in re.findall(r'state="(\w+)"', rule["expr"])}
    assert asked <= {state.value for state in ServerState}


def test_every_core_metric_is_drawn_somewhere() -> None:
    drawn = {name for _, _, expression in PANELS for name, _ in used(expression)}
    assert {name for name in defined() if not name.startswith(("slo:", "up"))} <= drawn


def test_each_dashboard_has_its_own_name() -> None:
    boards = [json.loads(path.read_text("utf-8")) for path in DASHBOARDS]
    assert {path.stem for path in DASHBOARDS} == {
        "overview", "gateway", "matchmaking", "fleet", "finalize", "slo",
    }  # fmt: skip
    assert len({board["uid"] for board in boards}) == len({board["title"] for board in boards}) == len(boards)


def test_the_page_of_the_objectives_counts_as_the_rules_do() -> None:
    recorded = {(rule["record"], rule["labels"]["slo"]): rule["expr"] for rule in RECORDS if "labels" in rule}
    expected = {
        (f"slo:{kind}:rate5m", objective.key): rate_expression(terms, "5m")
        for objective in OBJECTIVES
        for kind, terms in (("bad", objective.bad), ("all", objective.all))
    }
    assert recorded == expected


def test_the_objectives_of_the_page_are_those_of_the_policies() -> None:
    policies = (FOLDER.parents[1] / "POLICIES.md").read_text("utf-8").split("## SLO\n")[1].split("\n## ")[0]
    told = re.findall(r"^\| [^|]+ \| (\d+(?:\.\d+)?) %", policies, flags=re.MULTILINE)
    assert told == [f"{100 * objective.target:g}" for objective in OBJECTIVES]


def test_the_alerts_burn_against_the_same_budgets() -> None:
    allowed = {objective.key: objective.allowed for objective in OBJECTIVES}
    for rule in (rule for rule in ALERTS if "slo" in rule["labels"]):
        times = 14.4 if "Fast" in rule["alert"] else 6
        for limit in re.findall(r"> ([\d.]+)", rule["expr"]):
            assert float(limit) == pytest.approx(times * allowed[rule["labels"]["slo"]]), rule["alert"]


def test_every_part_of_the_collector_s_pipelines_is_there() -> None:
    config = yaml.safe_load((FOLDER / "otel" / "collector.yml").read_text("utf-8"))
    for pipeline in config["service"]["pipelines"].values():
        for kind in ("receivers", "processors", "exporters"):
            assert pipeline[kind], kind
            assert set(pipeline[kind]) <= config[kind].keys()
