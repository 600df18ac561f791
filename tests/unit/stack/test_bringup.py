"""차례대로 띄우고 지켜보기: 조건, 실패, 늦음."""

from __future__ import annotations

from typing import Any

import pytest

from stack.bringup import BringUp
from stack.errors import ServiceFailed
from stack.runtime import ServiceState
from tests.unit.stack.topologies import FakeLauncher, topology

HEALTHY = {"condition": "service_healthy"}
COMPLETED = {"condition": "service_completed_successfully"}
TREE: dict[str, Any] = {
    "lb": {"depends_on": {"api": HEALTHY}},
    "api": {"depends_on": {"setup": COMPLETED}},
    "setup": {"depends_on": {"db": HEALTHY}},
    "db": {},
}


class Time:
    """잠들면 흐르는 시계."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def clock(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


def bring_up(launcher: FakeLauncher, lines: list[str] | None = None, timeout_s: float = 10) -> BringUp:
    time = Time()
    said = lines if lines is not None else []
    return BringUp(
        topology(TREE), launcher, said.append, timeout_s=timeout_s, clock=time.clock, sleep=time.sleep
    )


def test_each_starts_when_what_it_waits_for_is_ready() -> None:
    launcher = FakeLauncher(
        db=[ServiceState.STARTING, ServiceState.RUNNING],
        setup=[ServiceState.RUNNING, ServiceState.COMPLETED],
    )
    lines: list[str] = []
    bring_up(launcher, lines).run()
    assert launcher.started == ["db", "setup", "api", "lb"]
    assert [line.split()[:2] for line in lines] == [
        ["db", "준비됨"], ["setup", "마침"], ["api", "준비됨"], ["lb", "준비됨"],
    ]  # fmt: skip


def test_a_failed_one_shot_stops_everything_with_its_log() -> None:
    launcher = FakeLauncher(setup=[ServiceState.FAILED])
    with pytest.raises(ServiceFailed) as caught:
        bring_up(launcher).run()
    assert launcher.started == ["db", "setup"]
    assert caught.value.service == "setup"
    assert "/logs/setup.log" in str(caught.value)
    assert "마지막 줄" in str(caught.value)


def test_a_service_that_never_gets_healthy_is_named_when_time_is_up() -> None:
    launcher = FakeLauncher(setup=[ServiceState.COMPLETED])
    launcher.unhealthy.add("api")
    with pytest.raises(ServiceFailed, match="api: 10초 안에 준비되지 않았습니다"):
        bring_up(launcher).run()


def test_a_service_that_dies_again_and_again_is_given_up_early() -> None:
    launcher = FakeLauncher()
    launcher.unhealthy.add("db")
    launcher.crash_loops.add("db")
    with pytest.raises(ServiceFailed, match="db: 뜨자마자 거듭 죽습니다"):
        bring_up(launcher, timeout_s=1000).run()


def test_watching_starts_nothing() -> None:
    launcher = FakeLauncher(setup=[ServiceState.COMPLETED], api=[ServiceState.STARTING, ServiceState.RUNNING])
    bring_up(launcher).watch()
    assert launcher.started == []


def test_watching_a_stopped_service_fails_at_once() -> None:
    launcher = FakeLauncher(setup=[ServiceState.COMPLETED], db=[ServiceState.STOPPED])
    with pytest.raises(ServiceFailed, match="db: 멈춰 있습니다"):
        bring_up(launcher).watch()
