"""도커 런타임: 같은 Compose 파일을 도커 엔진에서 돌린다.

이미지는 `docker build`로 직접 만든다(Debian의 docker-compose 1.29는 빌드 비밀을 모른다).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from stack import ports
from stack.bringup import BringUp
from stack.compose import PROFILES, ComposeFile, Topology
from stack.docker_engine import DockerEngine
from stack.errors import ServiceFailed, StackError
from stack.private_files import write_private
from stack.project import Project
from stack.runtime import (
    COMMAND_TIMEOUT_S,
    READY_TIMEOUT_S,
    Say,
    ServiceState,
    ServiceStatus,
    down_after_failure,
    find_service,
)
from stack.words import terminal_language, told

COMPOSE_TIMEOUT_S = 600.0
LABEL = "com.docker.compose"
# SIGKILL과 SIGTERM으로 끝난 컨테이너: 사람이 멈춘 것이다.
ENDED_BY_US = frozenset({137, 143})


class DockerRuntime:
    """도커 엔진에서 도는 스택."""

    name = "docker"

    def __init__(
        self, project: Project, compose: ComposeFile, environ: Mapping[str, str], engine: DockerEngine
    ) -> None:
        self.project = project
        self.profiles = environ.get(PROFILES, "")
        self.topology: Topology = compose.resolve(environ)
        self._engine = engine
        # 같은 기계의 다른 클론과 섞이지 않게 폴더의 흔적을 이름에 넣는다.
        self._label = f"hanpan-{project.name}-{hashlib.sha256(str(project.root).encode()).hexdigest()[:6]}"

    # 모두 함께

    def up(self, say: Say, *, fresh: bool = False) -> None:
        """이미지를 만들고 띄운다. 실패하면 로그를 남기고 멈춘 뒤 오류를 낸다."""
        if self.is_up():
            raise StackError(
                told(
                    "{project}은(는) 이미 떠 있습니다(상태: status, 멈추기: down)", project=self.project.name
                )
            )
        self.down(say, remove_data=fresh)
        self._require_free_ports()
        self._engine.build_images(self.topology, say)
        try:
            self._compose_up()
            BringUp(self.topology, self, say).watch()
        except BaseException:
            down_after_failure(self, say)
            raise

    def down(self, say: Say, *, remove_data: bool = False) -> None:
        """로그를 파일로 옮기고 모두 멈춘다."""
        if self._containers():
            self._save_logs()
            say(told("  컨테이너를 멈추는 중"))
        volumes = ["--volumes"] if remove_data else []
        self._compose("down", "--remove-orphans", *volumes)

    def is_up(self) -> bool:
        """도는 컨테이너가 하나라도 있는가."""
        return any(
            status.state is not ServiceState.COMPLETED and status.state is not ServiceState.STOPPED
            for status in self.status().values()
        )

    def wait_ready(self, timeout_s: float = READY_TIMEOUT_S) -> None:
        """모든 서비스가 준비될 때까지 기다린다."""
        BringUp(self.topology, self, lambda _line: None, timeout_s=timeout_s).watch()

    # 하나씩

    def start(self, service: str) -> None:
        """멈춘 컨테이너 하나를 띄운다."""
        self._engine.run("start", self._container(service))

    def stop(self, service: str) -> None:
        """SIGTERM으로 멈추고 끝날 때까지 기다린다."""
        grace_s = find_service(self.topology, service).stop_grace_s
        self._engine.run(
            "stop", "-t", str(round(grace_s)), self._container(service), timeout_s=grace_s + COMMAND_TIMEOUT_S
        )

    def kill(self, service: str) -> None:
        """SIGKILL. 도커는 손으로 죽인 것을 되살리지 않는다."""
        self._engine.run("kill", self._container(service))

    def pause(self, service: str) -> None:
        """얼린다."""
        self._engine.run("pause", self._container(service))

    def unpause(self, service: str) -> None:
        """다시 움직이게 한다."""
        self._engine.run("unpause", self._container(service))

    # 보기

    def status(self) -> Mapping[str, ServiceStatus]:
        """서비스마다의 상태."""
        found = self._containers()
        one_shots = self.topology.one_shots()
        return {
            name: read_status(name, found.get(name), one_shot=name in one_shots)
            for name in self.topology.services
        }

    def service_status(self, service: str) -> ServiceStatus:
        """서비스 하나의 상태."""
        return self.status()[service]

    def is_healthy(self, service: str) -> bool:
        """엔진이 돌리는 상태 확인이 통과했는가."""
        if find_service(self.topology, service).healthcheck is None:
            return self.service_status(service).state is ServiceState.RUNNING
        found = self._containers().get(service, {})
        return bool(found.get("State", {}).get("Health", {}).get("Status") == "healthy")

    def logs(self, service: str) -> str:
        """지금까지의 로그. 컨테이너가 이미 사라졌으면 남겨 둔 파일에서 읽는다."""
        find_service(self.topology, service)
        found = self._containers().get(service)
        if found is not None:
            return self._engine.logs(found["Id"])
        path = self.project.log_path(service)
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def follow_logs_command(self, service: str) -> list[str]:
        """로그를 이어서 보여 주는 명령."""
        return [self._engine.binary, "logs", "--tail", "100", "-f", self._container(service)]

    def failure(self, service: str, reason: str) -> ServiceFailed:
        """로그의 끝을 곁들인 실패. 로그는 파일로도 남긴다."""
        self._save_logs()
        return ServiceFailed(service, reason, self.project.log_path(service), self.logs(service))

    def execute(self, service: str, command: Sequence[str], *, timeout_s: float = COMMAND_TIMEOUT_S) -> str:
        """컨테이너 안에서 명령 하나를 돌리고 표준 출력을 준다."""
        return self._engine.run("exec", self._container(service), *command, timeout_s=timeout_s)

    def foreground_command(self, service: str, command: Sequence[str]) -> tuple[list[str], Mapping[str, str]]:
        """컨테이너 안에서, 이 터미널을 물려받아 돌릴 명령."""
        terminal = ["--interactive", "--tty"] if sys.stdin.isatty() else ["--interactive"]
        spoken = [f"--env={name}={value}" for name, value in terminal_language(os.environ).items()]
        return [
            self._engine.binary, "exec", *terminal, *spoken, self._container(service), *command,
        ], os.environ  # fmt: skip

    def endpoint(self, service: str, port: int) -> tuple[str, int]:
        """밖에 연 포트의 주소. 열지 않은 포트는 StackError."""
        for published in find_service(self.topology, service).published:
            if published.container_port == port:
                return published.host, published.host_port
        raise StackError(
            told("{service}의 포트 {port}은(는) 도커 밖으로 열려 있지 않습니다", service=service, port=port)
        )

    # 안쪽

    def _compose_up(self) -> None:
        done = self._compose("up", "--detach", "--no-build", "--remove-orphans", check=False)
        if done.returncode == 0:
            return
        self._require_free_ports()  # 이미지를 만드는 사이에 남이 가져갔을 수 있다
        for name, found in self._containers().items():
            if reason := trouble(name, found):
                raise self.failure(name, reason)
        raise StackError(told("docker compose up 실패:\n{why}", why=done.stderr.strip()))

    def _require_free_ports(self) -> None:
        """아직 열지 않은 밖 포트가 모두 비어 있는가. 우리 컨테이너가 연 것은 보지 않는다."""
        running = {name for name, status in self.status().items() if status.state is ServiceState.RUNNING}
        ports.require_free(
            (port.host, port.host_port)
            for name, service in self.topology.services.items()
            if name not in running
            for port in service.published
        )

    def _compose(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [*self._engine.compose, "-p", self._label, "-f", str(self.topology.path), *arguments]
        done = subprocess.run(
            command,
            env={**os.environ, PROFILES: self.profiles},
            capture_output=True,
            text=True,
            timeout=COMPOSE_TIMEOUT_S,
            check=False,
        )
        if check and done.returncode != 0:
            raise StackError(
                told("{command} 실패:\n{why}", command=" ".join(command), why=done.stderr.strip())
            )
        return done

    def _containers(self) -> dict[str, dict[str, Any]]:
        """서비스 이름마다의 `docker inspect`."""
        ids = self._engine.run(
            "ps", "-a", "-q", "--no-trunc", "--filter", f"label={LABEL}.project={self._label}"
        ).split()
        if not ids:
            return {}
        inspected = json.loads(self._engine.run("inspect", *ids))
        return {item["Config"]["Labels"][f"{LABEL}.service"]: item for item in inspected}

    def _container(self, service: str) -> str:
        find_service(self.topology, service)
        try:
            return str(self._containers()[service]["Id"])
        except KeyError:
            raise StackError(told("{service}의 컨테이너가 없습니다", service=service)) from None

    def _save_logs(self) -> None:
        self.project.logs_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, found in self._containers().items():
            write_private(self.project.log_path(name), self._engine.logs(found["Id"]))


def trouble(name: str, inspected: Mapping[str, Any]) -> str:
    """이 컨테이너가 compose의 띄우기를 막은 까닭. 아니면 빈 글이다."""
    if inspected["State"]["Status"] == "exited" and inspected["State"]["ExitCode"] != 0:
        return _exit_note(inspected)
    if inspected["RestartCount"]:
        return told("뜨자마자 거듭 죽습니다({count}번)", count=inspected["RestartCount"])
    if inspected["State"].get("Health", {}).get("Status") == "unhealthy":
        return told("상태 확인을 통과하지 못합니다")
    return ""


def read_status(name: str, inspected: Mapping[str, Any] | None, *, one_shot: bool) -> ServiceStatus:
    """`docker inspect`의 상태를 우리의 상태로. 컨테이너가 없으면 멈춘 것이다."""
    if inspected is None:
        return ServiceStatus(name, ServiceState.STOPPED)
    state = inspected["State"]
    if state["Status"] != "exited":
        return ServiceStatus(name, _STATES.get(state["Status"], ServiceState.FAILED), state["Pid"] or None)
    if state["ExitCode"] in ENDED_BY_US or (state["ExitCode"] == 0 and not one_shot):
        return ServiceStatus(name, ServiceState.STOPPED)
    if state["ExitCode"] == 0:
        return ServiceStatus(name, ServiceState.COMPLETED)
    return ServiceStatus(name, ServiceState.FAILED, note=_exit_note(inspected))


def _exit_note(inspected: Mapping[str, Any]) -> str:
    return told("끝냄 값 {code}로 끝났습니다", code=inspected["State"]["ExitCode"])


_STATES = {
    "created": ServiceState.STARTING,
    "restarting": ServiceState.STARTING,
    "running": ServiceState.RUNNING,
    "paused": ServiceState.PAUSED,
    "removing": ServiceState.STOPPING,
}
