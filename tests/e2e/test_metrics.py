"""판이 도는 동안 모든 프로세스의 /metrics가 POLICIES.md의 표와 같다: 이름, 형, 라벨, 그리고 움직이는 것들."""

from __future__ import annotations

import asyncio
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from stack.runtime import Runtime
from tests.e2e.players import WAIT_S, Lobby, meet, play_out

POLICIES = (Path(__file__).resolve().parents[2] / "POLICIES.md").read_text("utf-8")
ROWS = [
    [cell.strip(" `") for cell in line.strip("|").split("|")]
    for line in POLICIES.split("## 지표\n")[1].split("\n## ")[0].splitlines()
    if line.startswith("| `")
]
PROCESSES = ("platform", "gateway1", "gateway2", "matchmaking", "session1", "session2")
LIBRARIES = ("django_", "process_", "python_")
IDENTIFYING = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|\d+\.\d+\.\d+\.\d+|@|ey[A-Za-z0-9_-]{10,}")
# 두 사람이 한 판을 두면 어느 프로세스에선가 반드시 움직이는 것들.
MOVED_BY_A_MATCH = {
    "gateway_messages_total", "matchmaking_wait_seconds", "matchmaking_found_seconds",
    "matchmaking_matches_total", "fleet_servers",
    "session_tick_seconds", "finalize_total", "finalize_seconds",
}  # fmt: skip


def families(stack: Runtime, process: str) -> dict[str, Metric]:
    """한 프로세스가 여는 지표. 이름은 표의 이름이다."""
    host, port = stack.endpoint(process, 8000)
    with urllib.request.urlopen(f"http://{host}:{port}/metrics", timeout=WAIT_S) as answer:
        text = answer.read().decode()
    return {
        metric.name + ("_total" if metric.type == "counter" else ""): metric
        for metric in text_string_to_metric_families(text)
    }


@pytest.fixture(scope="module")
def opened(stack: Runtime) -> Iterator[dict[str, dict[str, Metric]]]:
    """판이 하나 끝나고 하나가 도는 때의, 프로세스마다의 지표."""

    async def played() -> dict[str, dict[str, Metric]]:
        async with Lobby() as lobby:
            one, two = await lobby.client(), await lobby.client()
            await meet(one, two)
            await play_out(one, two)
            await meet(one, two, mode="arena")
            return {process: families(stack, process) for process in PROCESSES}

    yield asyncio.run(played())


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_opens_exactly_the_metrics_of_the_table(
    opened: dict[str, dict[str, Metric]], process: str
) -> None:
    found = {name: metric for name, metric in opened[process].items() if not name.startswith(LIBRARIES)}
    assert {name: metric.type for name, metric in found.items()} == {row[0]: row[1] for row in ROWS}
    for name, _, _, labels, _ in ROWS:
        documented = {label.strip(" `") for label in labels.split(",") if label.strip()}
        for sample in found[name].samples:
            assert set(sample.labels) - {"le"} == documented, sample


def test_no_label_says_who_or_which_match(opened: dict[str, dict[str, Metric]]) -> None:
    for process in opened.values():
        for metric in process.values():
            for sample in metric.samples:
                assert not [value for value in sample.labels.values() if IDENTIFYING.search(value)], sample


def test_a_match_moves_what_it_should(opened: dict[str, dict[str, Metric]]) -> None:
    moved = {
        name
        for process in opened.values()
        for name, metric in process.items()
        for sample in metric.samples
        if sample.value > 0
    }
    assert moved >= MOVED_BY_A_MATCH
    assert opened["platform"].keys() & {"django_http_requests_total_by_method_total"}
    broken = [
        sample
        for process in opened.values()
        for sample in process["invariant_violations_total"].samples
        if sample.value
    ]
    assert broken == []
