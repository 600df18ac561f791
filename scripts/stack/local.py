"""로컬 런타임: 같은 서비스를 이 기계의 프로세스로, 저마다의 127.x.y.z 주소에서 돌린다.

프로세스의 한살이는 supervisord에 맡기고, 차례와 준비됨은 Compose 파일의 조건을 따라 여기서 정한다.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from stack import orphans, ports, volumes
from stack.bringup import BringUp
from stack.compose import PROFILES, ComposeFile, Topology
from stack.errors import ServiceFailed, StackError
from stack.order import start_levels
from stack.private_files import close_to_others, write_private
from stack.project import Project, listens_on, local_addresses, resolve_local
from stack.runtime import (
    COMMAND_TIMEOUT_S,
    READY_TIMEOUT_S,
    Say,
    ServiceState,
    ServiceStatus,
    down_after_failure,
    find_service,
)
from stack.supervised import SupervisedProcesses
from stack.supervisor_config import render_launcher, render_supervisord
from stack.words import terminal_language, told

# 메모리(tmpfs)의 폴더. 주면 이번에 띄우는 데이터를 거기에 두고, 멈출 때 지운다(시험).
DATA_IN_MEMORY = "HANPAN_STACK_DATA_IN_MEMORY"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# sun_path는 108바이트다. 깊은 폴더에서는 소켓만 임시 폴더에 둔다.
MAX_SOCKET_PATH_BYTES = 100


class LocalRuntime:
    """이 기계의 프로세스로 도는 스택."""

    name = "local"

    def __init__(self, project: Project, compose: ComposeFile, environ: Mapping[str, str]) -> None:
        self.project = project
        self.profiles = environ.get(PROFILES, "")
        self.topology: Topology = resolve_local(compose, project, environ)
        self._memory = environ.get(DATA_IN_MEMORY, "")
        self._addresses = local_addresses(compose, project)
        self._socket = _socket_path(project)
        self._processes = SupervisedProcesses(self._socket, self.topology.services)
        self._environment = {
            "PATH": f"{Path(sys.executable).parent}:{SYSTEM_PATH}",
            "HOME": environ.get("HOME", "/"),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            orphans.MARKER: str(project.run_dir),
        }

    # 모두 함께

    def up(self, say: Say, *, fresh: bool = False) -> None:
        """차례대로 띄우고 모두 준비될 때까지 기다린다. 실패하면 띄운 것을 멈추고 오류를 낸다."""
        if self.is_up():
            raise StackError(
                told(
                    "{project}은(는) 이미 떠 있습니다(상태: status, 멈추기: down)", project=self.project.name
                )
            )
        self._stop_orphans(say)
        self._require_executables()
        ports.require_free(self._listening())
        if fresh:
            self._remove_traces()
        if self._memory and not volumes.make_in_memory(self.project.volumes_dir, Path(self._memory)):
            say(told("  데이터는 디스크에 둡니다(메모리에 자리가 없거나 앞의 데이터가 있습니다)"))
        self._write_files()
        try:
            self._processes.launch(self.project.run_dir / "supervisord.conf")
            BringUp(self.topology, self, say).run()
        except BaseException:
            # Ctrl-C도 여기를 지난다: 반쯤 뜬 것을 남기지 않는다.
            down_after_failure(self, say)
            raise

    def down(self, say: Say, *, remove_data: bool = False) -> None:
        """뒤의 것부터 층마다 함께 멈추고 supervisord를 끝낸다."""
        if self.is_up():
            for level in reversed(start_levels(self.topology.services)):
                self._stop_together(level, say)
            self._processes.shutdown()
        self._stop_orphans(say)
        shutil.rmtree(self.project.run_dir, ignore_errors=True)
        if remove_data or volumes.is_in_memory(self.project.volumes_dir):
            volumes.remove(self.project.volumes_dir)

    def is_up(self) -> bool:
        """supervisord가 답하면 떠 있는 것이다."""
        return self._processes.is_up()

    def wait_ready(self, timeout_s: float = READY_TIMEOUT_S) -> None:
        """모든 서비스가 준비될 때까지 기다린다. 아무것도 새로 띄우지 않는다."""
        BringUp(self.topology, self, lambda _line: None, timeout_s=timeout_s).watch()

    # 하나씩

    def start(self, service: str) -> None:
        """멈춘 서비스 하나를 띄운다."""
        find_service(self.topology, service)
        self._processes.start(service)

    def stop(self, service: str) -> None:
        """SIGTERM으로 멈추고 끝날 때까지 기다린다."""
        find_service(self.topology, service)
        self._processes.request_stop(service)
        self._processes.wait_stopped(service)

    def kill(self, service: str) -> None:
        """SIGKILL. `start`할 때까지 다시 뜨지 않는다."""
        find_service(self.topology, service)
        self._processes.kill(service)

    def pause(self, service: str) -> None:
        """얼린다."""
        find_service(self.topology, service)
        self._processes.freeze(service)

    def unpause(self, service: str) -> None:
        """다시 움직이게 한다."""
        find_service(self.topology, service)
        self._processes.thaw(service)

    # 보기

    def status(self) -> Mapping[str, ServiceStatus]:
        """서비스마다의 상태."""
        if not self.is_up():
            return {name: ServiceStatus(name, ServiceState.STOPPED) for name in self.topology.services}
        return self._processes.all_status()

    def service_status(self, service: str) -> ServiceStatus:
        """서비스 하나의 상태."""
        return self._processes.status(service)

    def is_healthy(self, service: str) -> bool:
        """Compose 파일의 상태 확인 명령을 서비스의 환경에서 그대로 돌린다."""
        check = find_service(self.topology, service).healthcheck
        if check is None:
            return self.service_status(service).state is ServiceState.RUNNING
        try:
            return self._run(service, check.command, check.timeout_s).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def logs(self, service: str) -> str:
        """지금까지의 로그. 아직 없으면 빈 글이다."""
        find_service(self.topology, service)
        with contextlib.suppress(FileNotFoundError):
            return self.project.log_path(service).read_text(encoding="utf-8", errors="replace")
        return ""

    def follow_logs_command(self, service: str) -> list[str]:
        """로그를 이어서 보여 주는 명령."""
        find_service(self.topology, service)
        return ["tail", "-n", "100", "-F", str(self.project.log_path(service))]

    def failure(self, service: str, reason: str) -> ServiceFailed:
        """로그의 끝을 곁들인 실패."""
        return ServiceFailed(service, reason, self.project.log_path(service), self.logs(service))

    def execute(self, service: str, command: Sequence[str], *, timeout_s: float = COMMAND_TIMEOUT_S) -> str:
        """서비스의 환경에서 명령 하나를 돌리고 표준 출력을 준다."""
        done = self._run(service, command, timeout_s)
        if done.returncode != 0:
            raise StackError(
                told(
                    "{service}에서 {command} 실패(끝냄 값 {code}):\n{why}",
                    service=service,
                    command=" ".join(command),
                    code=done.returncode,
                    why=done.stderr,
                )
            )
        return done.stdout

    def foreground_command(self, service: str, command: Sequence[str]) -> tuple[list[str], Mapping[str, str]]:
        """`execute`와 같은 환경에서, 이 터미널을 물려받아 돌릴 명령."""
        return list(command), {**self._environment_of(service), **terminal_language(os.environ)}

    def endpoint(self, service: str, port: int) -> tuple[str, int]:
        """밖에 여는 포트면 그 주소, 아니면 서비스의 주소."""
        for published in filter(listens_on, find_service(self.topology, service).published):
            if published.container_port == port:
                return published.host, published.host_port
        return self._addresses[service], port

    # 안쪽

    def _listening(self) -> list[tuple[str, int]]:
        return [
            endpoint
            for service in self.topology.services.values()
            for endpoint in (
                *((self._addresses[service.name], port) for port in service.exposed),
                *((opened.host, opened.host_port) for opened in filter(listens_on, service.published)),
            )
        ]

    def _require_executables(self) -> None:
        for service in self.topology.services.values():
            check = service.healthcheck.command[:1] if service.healthcheck else ()
            for executable in (*service.command[:1], *check):
                if shutil.which(executable, path=self._environment["PATH"]) is None:
                    raise StackError(
                        told(
                            "{service}에 필요한 실행 파일 '{executable}'이(가) 없습니다. "
                            "./scripts/build.sh가 필요한 것을 깝니다.",
                            service=service.name,
                            executable=executable,
                        )
                    )

    def _write_files(self) -> None:
        project, services = self.project, self.topology.services
        volume_dirs = [project.volumes_dir / volume for volume in self.topology.volumes]
        for folder in (project.run_dir, project.logs_dir, *volume_dirs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        close_to_others(project.logs_dir)  # 앞의 판이 누구나 읽게 남긴 것
        for service in services.values():
            launcher = render_launcher(service, root=project.root, base_environment=self._environment)
            write_private(project.run_dir / f"{service.name}.sh", launcher)
        for name in self.topology.one_shots():
            project.log_path(name).unlink(missing_ok=True)  # 한 번 도는 일의 로그는 이번 것만 남긴다
        config = render_supervisord(
            services.values(),
            project=project,
            one_shots=self.topology.one_shots(),
            socket_path=self._socket,
            as_root=os.geteuid() == 0,
        )
        write_private(project.run_dir / "supervisord.conf", config)

    def _remove_traces(self) -> None:
        volumes.remove(self.project.volumes_dir)
        shutil.rmtree(self.project.logs_dir, ignore_errors=True)

    def _stop_orphans(self, say: Say) -> None:
        stopped = orphans.stop_orphans(self.project.run_dir)
        if stopped:
            say(
                told("  앞서 남은 프로세스를 멈췄습니다: {processes}", processes=", ".join(map(str, stopped)))
            )

    def _stop_together(self, level: Sequence[str], say: Say) -> None:
        for name in [name for name in level if self._processes.request_stop(name)]:
            self._processes.wait_stopped(name)
            say(told("  {name} 멈춤", name=name))

    def _environment_of(self, service: str) -> dict[str, str]:
        return {**self._environment, **find_service(self.topology, service).environment}

    def _run(
        self, service: str, command: Sequence[str], timeout_s: float
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(command),
            cwd=self.project.root,
            env=self._environment_of(service),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )


def _socket_path(project: Project) -> Path:
    inside = project.run_dir / "supervisor.sock"
    if len(os.fsencode(inside)) <= MAX_SOCKET_PATH_BYTES:
        return inside
    digest = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"hanpan-{os.geteuid()}-{digest}.sock"
