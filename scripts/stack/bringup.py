"""서비스를 depends_on의 조건대로 띄우고 모두 준비될 때까지 지켜본다.

어떻게 띄우는지는 모른다: 띄우기와 살피기는 `Launcher`에게 맡기고 시계도 받아서 쓴다.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Protocol

from stack.compose import Condition, Service, Topology
from stack.errors import ServiceFailed
from stack.order import start_order
from stack.runtime import READY_TIMEOUT_S, Say, ServiceState, ServiceStatus
from stack.words import told

POLL_S = 0.2
# 이만큼 거듭 새 pid로 떠도 준비되지 않으면 더 기다려도 소용없다.
MAX_STARTS = 4
_GONE = frozenset({ServiceState.STOPPED, ServiceState.COMPLETED})


class Launcher(Protocol):
    """런타임이 빌려 주는 손."""

    def start(self, service: str) -> None:
        """서비스를 띄우라고 하고 바로 돌아온다."""

    def service_status(self, service: str) -> ServiceStatus:
        """서비스 하나의 상태."""

    def is_healthy(self, service: str) -> bool:
        """상태 확인이 통과하는가."""

    def failure(self, service: str, reason: str) -> ServiceFailed:
        """로그를 곁들인 실패."""


class BringUp:
    """한 번의 띄우기. `run`은 모두 준비되면 돌아오고, 아니면 ServiceFailed를 낸다."""

    def __init__(
        self,
        topology: Topology,
        launcher: Launcher,
        say: Say,
        *,
        timeout_s: float = READY_TIMEOUT_S,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._services = topology.services
        self._one_shots = topology.one_shots()
        self._launcher = launcher
        self._say = say
        self._timeout_s = timeout_s
        self._clock = clock
        self._sleep = sleep
        self._waiting = list(start_order(topology.services))
        self._starting: list[str] = []
        self._ready: set[str] = set()
        self._pids: dict[str, set[int]] = defaultdict(set)

    def run(self) -> None:
        """앞 서비스가 준비되는 대로 다음을 띄운다."""
        began_s = self._clock()
        while self._waiting or self._starting:
            self._start_what_can_start()
            self._collect_ready(began_s)
            if self._clock() - began_s > self._timeout_s:
                late = (self._starting or self._waiting)[0]
                raise self._launcher.failure(
                    late, told("{seconds}초 안에 준비되지 않았습니다", seconds=f"{self._timeout_s:.0f}")
                )
            if self._starting:
                self._sleep(POLL_S)

    def watch(self) -> None:
        """이미 띄운 것들이 모두 준비될 때까지 지켜본다. 아무것도 새로 띄우지 않는다."""
        self._starting, self._waiting = self._waiting, []
        self.run()

    def _start_what_can_start(self) -> None:
        for name in [name for name in self._waiting if self._may_start(self._services[name])]:
            self._launcher.start(name)
            self._waiting.remove(name)
            self._starting.append(name)

    def _may_start(self, service: Service) -> bool:
        started = self._ready.union(self._starting)
        return all(
            dependency in (started if condition is Condition.STARTED else self._ready)
            for dependency, condition in service.depends_on.items()
        )

    def _collect_ready(self, began_s: float) -> None:
        for name in list(self._starting):
            if self._is_ready(name):
                self._starting.remove(name)
                self._ready.add(name)
                done = told("마침") if name in self._one_shots else told("준비됨")
                self._say(
                    told(
                        "  {name} {done} ({seconds}초)",
                        name=name,
                        done=done,
                        seconds=f"{self._clock() - began_s:.1f}",
                    )
                )

    def _is_ready(self, name: str) -> bool:
        status = self._launcher.service_status(name)
        if status.state in _GONE and name not in self._one_shots:
            raise self._launcher.failure(name, status.note or told("멈춰 있습니다"))
        if status.state is ServiceState.FAILED:
            raise self._launcher.failure(name, status.note or told("실패했습니다"))
        if status.pid:
            self._pids[name].add(status.pid)
        if len(self._pids[name]) >= MAX_STARTS:
            raise self._launcher.failure(name, told("뜨자마자 거듭 죽습니다"))
        if name in self._one_shots:
            return status.state is ServiceState.COMPLETED
        return status.state is ServiceState.RUNNING and self._launcher.is_healthy(name)
