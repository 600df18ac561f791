"""스택의 단위 시험이 쓰는 작은 Compose 나무와 대역."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stack.compose import ComposeFile, Topology
from stack.errors import ServiceFailed
from stack.project import Project
from stack.runtime import ServiceState, ServiceStatus

FOLDER = Path("/repo/infra/compose")


def compose(services: Mapping[str, Any], **rest: Any) -> ComposeFile:
    """파일 없이 만든 Compose."""
    return ComposeFile(FOLDER / "x.yml", {"services": services, **rest})


def topology(services: Mapping[str, Any], **rest: Any) -> Topology:
    """변수를 채우지 않은 구성."""
    return compose(services, **rest).resolve({})


def project(name: str = "it", root: Path = Path("/repo")) -> Project:
    return Project(name, FOLDER / "x.yml", root)


class FakeLauncher:
    """정해 준 대로 상태가 바뀌는 서비스들. 살필 때마다 다음 상태로 간다."""

    def __init__(self, **scripts: list[ServiceState]) -> None:
        self._scripts = scripts
        self.started: list[str] = []
        self.unhealthy: set[str] = set()
        self.pids = iter(range(100, 1000))
        self.crash_loops: set[str] = set()

    def start(self, service: str) -> None:
        self.started.append(service)

    def service_status(self, service: str) -> ServiceStatus:
        script = self._scripts.get(service, [ServiceState.RUNNING])
        state = script.pop(0) if len(script) > 1 else script[0]
        pid = next(self.pids) if service in self.crash_loops else 1
        return ServiceStatus(service, state, pid)

    def is_healthy(self, service: str) -> bool:
        return service not in self.unhealthy

    def failure(self, service: str, reason: str) -> ServiceFailed:
        return ServiceFailed(service, reason, Path(f"/logs/{service}.log"), "마지막 줄")
