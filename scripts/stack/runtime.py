"""두 런타임이 함께 지키는 모양과 상태 값. 시험은 이 모양만 보고 장애를 낸다."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from stack.compose import Service, Topology
from stack.errors import StackError
from stack.project import Project
from stack.words import told

Say = Callable[[str], None]
COMMAND_TIMEOUT_S = 60.0
READY_TIMEOUT_S = 240.0


class ServiceState(Enum):
    """서비스의 지금."""

    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    STOPPED = "stopped"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """서비스 하나의 상태. note는 사람이 읽을 까닭이다."""

    name: str
    state: ServiceState
    pid: int | None = None
    note: str = ""


class Runtime(Protocol):
    """Compose 파일 하나를 띄우고 다룬다. 모르는 서비스 이름은 StackError다."""

    name: str
    project: Project
    topology: Topology
    profiles: str
    """켠 profile들(쉼표)."""

    def up(self, say: Say, *, fresh: bool = False) -> None:
        """차례대로 띄우고 모두 준비될 때까지 기다린다. fresh면 데이터를 비우고 시작한다."""

    def down(self, say: Say, *, remove_data: bool = False) -> None:
        """모두 멈춘다. 떠 있지 않으면 아무 일도 없다. 로그는 남긴다."""

    def is_up(self) -> bool:
        """이 프로젝트가 지금 떠 있는가."""

    def start(self, service: str) -> None:
        """멈춘 서비스 하나를 띄운다. 준비되기를 기다리지 않는다."""

    def stop(self, service: str) -> None:
        """SIGTERM으로 멈추고 끝날 때까지 기다린다(stop_grace_period가 지나면 SIGKILL)."""

    def kill(self, service: str) -> None:
        """SIGKILL. `start`할 때까지 다시 뜨지 않는다."""

    def pause(self, service: str) -> None:
        """얼린다: 연결은 살아 있으나 답이 없다."""

    def unpause(self, service: str) -> None:
        """다시 움직이게 한다."""

    def status(self) -> Mapping[str, ServiceStatus]:
        """서비스마다의 상태. 떠 있지 않으면 모두 STOPPED다."""

    def is_healthy(self, service: str) -> bool:
        """상태 확인이 지금 통과하는가. 상태 확인이 없는 서비스는 돌고 있으면 참이다."""

    def wait_ready(self, timeout_s: float = READY_TIMEOUT_S) -> None:
        """모든 서비스가 준비될 때까지 기다린다. 실패하거나 늦으면 ServiceFailed."""

    def logs(self, service: str) -> str:
        """지금까지의 로그."""

    def follow_logs_command(self, service: str) -> list[str]:
        """로그를 이어서 보여 주는 명령."""

    def execute(self, service: str, command: Sequence[str], *, timeout_s: float = COMMAND_TIMEOUT_S) -> str:
        """서비스의 환경에서 명령 하나를 돌리고 표준 출력을 준다. 실패하면 StackError."""

    def foreground_command(self, service: str, command: Sequence[str]) -> tuple[list[str], Mapping[str, str]]:
        """`execute`와 같은 곳에서, 그러나 이 터미널을 물려받아 돌릴 명령과 그 환경."""

    def endpoint(self, service: str, port: int) -> tuple[str, int]:
        """이 기계에서 서비스의 컨테이너 포트에 닿는 (주소, 포트)."""


def find_service(topology: Topology, name: str) -> Service:
    """이름의 서비스. 없으면 있는 이름들을 알려 주는 StackError."""
    try:
        return topology.services[name]
    except KeyError:
        known = ", ".join(topology.services)
        raise StackError(
            told("서비스 {name}이(가) 없습니다(있는 것: {known})", name=repr(name), known=known)
        ) from None


def down_after_failure(runtime: Runtime, say: Say) -> None:
    """띄우기가 실패한 뒤의 정리. 정리의 실패가 처음의 까닭을 가리지 않게 말만 한다."""
    try:
        runtime.down(say)
    except StackError as error:
        say(told("  정리하지 못한 것이 있습니다: {error}", error=str(error)))
