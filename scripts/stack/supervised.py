"""supervisord가 돌보는 프로세스들: 띄우기, 멈추기, 죽이기, 얼리기, 상태 읽기.

Compose의 차례나 상태 확인은 모른다. 프로그램의 이름이 곧 서비스의 이름이다.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import xmlrpc.client
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stack.compose import Service
from stack.errors import StackError
from stack.processes import ENDED, FROZEN, freeze_group, process_state, wait_until
from stack.runtime import ServiceState, ServiceStatus
from stack.supervisor_rpc import SupervisorClient
from stack.words import told

SUPERVISORD_WAIT_S = 15.0
STOP_MARGIN_S = 5.0

_STATES = {
    "STOPPED": ServiceState.STOPPED,
    "STARTING": ServiceState.STARTING,
    "RUNNING": ServiceState.RUNNING,
    "BACKOFF": ServiceState.STARTING,
    "STOPPING": ServiceState.STOPPING,
    "EXITED": ServiceState.FAILED,
    "FATAL": ServiceState.FAILED,
    "UNKNOWN": ServiceState.FAILED,
}


class SupervisedProcesses:
    """supervisord 하나와 그 프로그램들."""

    def __init__(self, socket_path: Path, services: Mapping[str, Service]) -> None:
        self._client = SupervisorClient(socket_path)
        self._services = services

    def is_up(self) -> bool:
        """supervisord가 답하는가."""
        return self._client.is_up()

    def launch(self, config: Path) -> None:
        """supervisord를 배경으로 띄우고 답할 때까지 기다린다."""
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)]
        # 제 로그는 설정의 umask가 서기 전에 연다.
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=SUPERVISORD_WAIT_S, check=False, umask=0o077
        )
        if done.returncode != 0 or not wait_until(self.is_up, SUPERVISORD_WAIT_S):
            raise StackError(told("supervisord를 띄울 수 없습니다: {why}", why=done.stderr.strip()))

    def shutdown(self) -> None:
        """supervisord를 끝내고 사라질 때까지 기다린다."""
        pid = self._client.supervisord_pid()
        self._client.shutdown()
        if not wait_until(lambda: process_state(pid) in ENDED, SUPERVISORD_WAIT_S):
            raise StackError(told("supervisord(pid {pid})가 끝나지 않습니다", pid=pid))

    def start(self, service: str) -> None:
        """멈춘 프로그램을 띄운다. 이미 돌면 StackError."""
        try:
            self._client.start(service)
        except xmlrpc.client.Fault as fault:
            raise StackError(
                told("{service}을(를) 띄울 수 없습니다: {why}", service=service, why=fault.faultString)
            ) from fault

    def request_stop(self, service: str) -> bool:
        """멈춤 신호를 보내고 바로 돌아온다. 이미 멈춰 있으면 거짓."""
        if pid := self._pid(service):
            # 얼려 둔 프로세스는 SIGTERM을 받지 못한다.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGCONT)
        try:
            self._client.stop(service)
        except xmlrpc.client.Fault:
            return False  # NOT_RUNNING: 멈춰 있거나 그사이 스스로 끝났다
        return True

    def wait_stopped(self, service: str) -> None:
        """멈출 때까지 기다린다. stop_grace_period가 지나면 supervisord가 SIGKILL한다."""
        limit_s = self._services[service].stop_grace_s + STOP_MARGIN_S
        if not wait_until(lambda: self._pid(service) == 0, limit_s):
            raise StackError(
                told(
                    "{service}이(가) {seconds}초 안에 멈추지 않았습니다",
                    service=service,
                    seconds=f"{limit_s:.0f}",
                )
            )

    def kill(self, service: str) -> None:
        """SIGKILL. 먼저 얼려 두고 멈춤을 알려야 supervisord가 되살리지 않고 SIGTERM도 닿지 않는다."""
        pid = self._require_pid(service)
        with contextlib.suppress(ProcessLookupError):  # 그사이 스스로 끝났으면 죽일 것이 없다
            freeze_group(pid)
            with contextlib.suppress(xmlrpc.client.Fault):  # NOT_RUNNING: 이미 멈추는 중이다
                self._client.stop(service)
            os.killpg(pid, signal.SIGKILL)
        self.wait_stopped(service)

    def freeze(self, service: str) -> None:
        """SIGSTOP. 돌아오면 모든 스레드가 서 있다."""
        freeze_group(self._require_pid(service))

    def thaw(self, service: str) -> None:
        """SIGCONT."""
        os.killpg(self._require_pid(service), signal.SIGCONT)

    def status(self, service: str) -> ServiceStatus:
        """프로그램 하나의 상태."""
        return read_status(self._client.info(service), self._services[service])

    def all_status(self) -> dict[str, ServiceStatus]:
        """모든 프로그램의 상태."""
        found = {info["name"]: info for info in self._client.all_info()}
        return {name: read_status(found[name], service) for name, service in self._services.items()}

    def _pid(self, service: str) -> int:
        return int(self._client.info(service)["pid"])

    def _require_pid(self, service: str) -> int:
        pid = self._pid(service)
        if pid == 0:
            raise StackError(told("{service}은(는) 돌고 있지 않습니다", service=service))
        return pid


def read_status(info: Mapping[str, Any], service: Service) -> ServiceStatus:
    """supervisord의 상태를 우리의 상태로."""
    state, note = _STATES[info["statename"]], ""
    if info["statename"] == "EXITED" and service.restarts:
        state = ServiceState.STARTING  # supervisord가 곧 되살린다
    elif info["statename"] == "EXITED" and info["exitstatus"] == 0:
        state = ServiceState.COMPLETED
    elif info["statename"] == "EXITED":
        note = told("끝냄 값 {code}로 끝났습니다", code=info["exitstatus"])
    elif state is ServiceState.FAILED:
        note = told("띄우지 못했습니다({why})", why=info["spawnerr"])
    elif state is ServiceState.RUNNING and process_state(info["pid"]) == FROZEN:
        state = ServiceState.PAUSED
    return ServiceStatus(service.name, state, info["pid"] or None, note)
