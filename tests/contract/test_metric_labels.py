"""라벨의 값은 모두 정해진 모음에서 온다: 부르는 이가 지표의 줄을 늘릴 수 없다(POLICIES.md의 `라벨의 값`)."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

from audit.models import ActorKind, AuditVerdict
from audit.recorder import STAFF_ROLES
from database.codes import RETRYABLE
from gameservices.rules.catalog import load_modes
from gateway.protocol.client_frames import CLIENT_KINDS
from gateway.protocol.frame_fields import kind_of
from gateway.protocol.server_frames import SERVER_MESSAGES
from kernel.errors import ERRORS_BY_CODE
from players.identity.refresh_rules import RefreshVerdict
from redisstore.servers.rows import ServerState
from telemetry import metrics
from telemetry.exposition import MAX_FAMILY_SAMPLES, expose
from tests.contract.defined_metrics import defined_metrics
from webserver.request_metrics import STATUS_CLASSES, VIEW_GROUPS, RequestMetrics

ROOT = Path(__file__).resolve().parents[2]
POLICIES = (ROOT / "POLICIES.md").read_text("utf-8")
MODES = sorted(load_modes({}))
STAFF_OR_KIND = {*STAFF_ROLES, "other", "none", *(kind.value for kind in ActorKind)} - {ActorKind.STAFF.value}
# 지표마다 있을 수 있는 줄의 전부. 모음은 코드의 것이고, 여기 없는 라벨 있는 지표는 둘 수 없다.
LINES: dict[str, set[tuple[str, ...]]] = {
    "gateway_messages_total": {
        *(("in", kind) for kind in (*CLIENT_KINDS, "bad")),
        *(("out", kind) for kind in (*map(kind_of, SERVER_MESSAGES), "state")),
    },
    "gateway_socket_limit_total": {("player",), ("address",)},
    "gateway_resume_total": {(result,) for result in (*ERRORS_BY_CODE, "resumed", "match_over")},
    "matchmaking_queue_depth": {(mode,) for mode in MODES},
    "matchmaking_matches_total": {(mode,) for mode in MODES},
    "fleet_servers": {(state.value,) for state in ServerState},
    "finalize_total": {(result,) for result in get_args(metrics.FinalizeResult)},
    "invariant_violations_total": {(name,) for name in metrics.INVARIANTS},
    "player_refresh_total": {(verdict.value,) for verdict in RefreshVerdict},
    "audit_records_total": {(verdict.value,) for verdict in AuditVerdict},
    "ops_denied_total": {(role,) for role in STAFF_OR_KIND},
    "db_retry_total": {(reason,) for reason in RETRYABLE.values()},
    "django_http_responses_total": {(group, status) for group in VIEW_GROUPS for status in STATUS_CLASSES},
}
# 라벨을 고르는 자리의 전부. 새 자리는 그 값이 위의 모음에서만 오는지 보고 적는다.
CHOSEN = {
    ("audit_records", "result.value"),
    ("db_retry", "reason=reason"),
    ("finalize_total", "result"),
    ("finalize_total", "result=result"),
    ("fleet_servers", "state.value"),
    ("gateway_messages", "'in', kind"),
    ("gateway_messages", "'out', kind"),
    ("gateway_socket_limit", "'address'"),
    ("gateway_socket_limit", "'player'"),
    ("gateway_resume", "'resumed' if resumed else 'match_over'"),
    ("gateway_resume", "error.code"),
    ("invariant_violations", "'metrics_withheld'"),
    ("invariant_violations", "'result_rejected'"),
    ("invariant_violations", "'result_unreadable'"),
    ("invariant_violations", "'room_failed'"),
    ("invariant_violations", "'tick_failed'"),
    ("invariant_violations", "invariant"),
    ("matchmaking_matches", "mode"),
    ("matchmaking_matches", "plan.spec.name"),
    ("matchmaking_queue_depth", "mode"),
    ("ops_denied", "_metric_role(actor)"),
    ("refresh", "result=verdict"),
    ("answers", "group, status"),
}
LIBRARY_LINES = 64
"""꾸러미의 지표 하나의 줄. django의 것은 모두 합쳐 50이다(tests/unit/webserver/test_request_metrics.py)."""


@pytest.fixture(autouse=True)
def _request_metrics() -> None:
    """platform처럼 HTTP의 지표도 등록한다."""
    RequestMetrics.get_instance()


def test_every_metric_with_labels_says_all_its_lines() -> None:
    labelled = {name: metric for name, metric in defined_metrics().items() if metric._labelnames}
    assert LINES.keys() - {"django_http_responses_total"} == labelled.keys()
    for name, metric in labelled.items():
        assert {len(line) for line in LINES[name]} == {len(metric._labelnames)}, name


def test_the_policies_tell_how_many_lines_each_can_have() -> None:
    section = POLICIES.split("## 라벨의 값\n", 1)[1].split("\n## ", 1)[0]
    told = {
        name: int(lines)
        for name, lines in re.findall(r"^\| `(\w+)` \|[^|]*\| (\d+) \|", section, flags=re.MULTILINE)
    }
    assert told == {name: len(lines) for name, lines in LINES.items()}


def test_a_label_is_chosen_only_where_its_values_are_known() -> None:
    chosen = set()
    for folder in ("platform", "gameservices"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == "labels"
                ):
                    owner = ast.unparse(node.func.value).rpartition(".")[2]
                    given = ", ".join(map(ast.unparse, [*node.args, *node.keywords]))
                    chosen.add((owner, given))
    assert chosen == CHOSEN


def test_what_the_whole_registry_shows_is_only_what_was_said() -> None:
    known = {name: len(lines) for name, lines in LINES.items()}
    for family in REGISTRY.collect():
        name = family.name + ("_total" if family.type == "counter" else "")
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        lines = {tuple(sorted(sample.labels.items())) for sample in family.samples}
        if name in defined_metrics():
            assert not labels or name in known, name
        else:
            assert name.startswith(("django_", "process_", "python_")), name
            assert len(lines) <= known.get(name, LIBRARY_LINES), name


def test_every_line_there_can_be_fits_in_one_text() -> None:
    full = CollectorRegistry()
    for name, metric in defined_metrics().items():
        copy: MetricWrapperBase = type(metric)(
            metric._name, metric._documentation, metric._labelnames, registry=full
        )
        for line in LINES.get(name, ()):
            copy.labels(*line)
    made = expose(full)
    assert made.withheld == ()
    assert len(made.body) < 100_000
    assert max(map(len, LINES.values())) * 2 <= MAX_FAMILY_SAMPLES
