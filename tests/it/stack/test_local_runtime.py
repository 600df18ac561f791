"""로컬 런타임을 진짜 supervisord와 작은 프로세스들로: 차례, 장애, 되살리기, 흔적 없는 끝."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stack import volumes
from stack.compose import ComposeFile
from stack.errors import PortInUse, ServiceFailed, StackError
from stack.local import DATA_IN_MEMORY, LocalRuntime
from stack.orphans import find_orphans
from stack.project import Project
from stack.runtime import ServiceState
from stack.session import restore_services

COMPOSE = """
services:
  first:
    command: ["sh", "-c", "echo 준비 >> ${SHARED:-/data}/order; exit ${FIRST_EXIT:-0}"]
  web:
    command: ["python", "-u", "-m", "http.server", "--bind", "${WEB_BIND:-0.0.0.0}", "8000"]
    restart: unless-stopped
    expose: ["8000"]
    depends_on: {first: {condition: service_completed_successfully}}
    healthcheck:
      test: ["CMD", "curl", "-fsS", "-m", "1", "-o", "/dev/null", "http://${WEB_HOST:-web}:8000/"]
      timeout: 2s
    stop_grace_period: 3s
volumes:
  shared: {}
"""
WAIT_S = 15.0


def wait_for(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline_s, "기다리던 일이 일어나지 않았다"
        time.sleep(0.05)


def quiet(_line: str) -> None:
    """띄우고 멈추는 말은 시험에 필요 없다."""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    path = tmp_path / "small.yml"
    path.write_text(COMPOSE, encoding="utf-8")
    return Project("small", path, tmp_path)


def open_runtime(project: Project, **variables: str) -> LocalRuntime:
    environ = {**os.environ, DATA_IN_MEMORY: "", **variables}
    return LocalRuntime(project, ComposeFile.read(project.compose_path), environ)


@pytest.fixture
def runtime(project: Project) -> Iterator[LocalRuntime]:
    """뜬 스택. 시험이 어떻게 끝나든 흔적 없이 멈춘다."""
    opened = open_runtime(project)
    opened.up(quiet)
    try:
        yield opened
    finally:
        opened.down(quiet)
        assert find_orphans(project.run_dir) == []


def state(runtime: LocalRuntime) -> ServiceState:
    return runtime.status()["web"].state


def test_everything_is_ready_after_up_and_gone_after_down(runtime: LocalRuntime, project: Project) -> None:
    assert {name: status.state for name, status in runtime.status().items()} == {
        "first": ServiceState.COMPLETED,
        "web": ServiceState.RUNNING,
    }
    assert runtime.is_healthy("web")
    assert "GET / HTTP" in runtime.logs("web")
    assert runtime.execute("web", ["sh", "-c", "echo $STACK_RUN_DIR"]).strip() == str(project.run_dir)
    with pytest.raises(StackError, match="이미 떠 있습니다"):
        open_runtime(project).up(quiet)
    runtime.down(quiet)
    assert not runtime.is_up()
    assert runtime.status()["web"].state is ServiceState.STOPPED
    assert (project.volumes_dir / "shared" / "order").exists()
    assert not project.run_dir.exists()


def test_data_in_memory_outlives_a_killed_service_and_is_gone_after_down(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volumes, "LEAST_FREE_BYTES", 1)  # 시험하는 기계의 메모리가 얼마든
    memory = tmp_path / "memory"
    memory.mkdir()
    runtime = open_runtime(project, **{DATA_IN_MEMORY: str(memory)})
    runtime.up(quiet, fresh=True)
    try:
        kept = project.volumes_dir / "shared" / "order"
        folder = project.volumes_dir.resolve()
        assert folder.is_relative_to(memory)
        runtime.kill("web")
        runtime.start("web")
        runtime.wait_ready(WAIT_S)
        assert kept.exists()
    finally:
        open_runtime(project).down(quiet)
    assert not folder.exists(), "다른 명령이 멈춰도 메모리에 남지 않는다"
    assert not project.volumes_dir.is_symlink()


def test_a_killed_service_stays_dead_until_started(runtime: LocalRuntime) -> None:
    runtime.kill("web")
    assert state(runtime) is ServiceState.STOPPED
    with pytest.raises(ServiceFailed, match="멈춰 있습니다"):
        runtime.wait_ready(5)
    runtime.start("web")
    runtime.wait_ready(WAIT_S)
    assert state(runtime) is ServiceState.RUNNING


def test_a_service_that_takes_its_time_to_stop_can_be_killed(runtime: LocalRuntime) -> None:
    runtime.pause("web")
    slow = threading.Thread(target=runtime.stop, args=("web",))
    slow.start()
    wait_for(lambda: state(runtime) in {ServiceState.STOPPING, ServiceState.STOPPED})
    with contextlib.suppress(StackError):  # 먼저 멈췄을 수도 있다
        runtime.kill("web")
    slow.join(timeout=WAIT_S)
    assert state(runtime) is ServiceState.STOPPED


def test_a_crashed_service_comes_back_by_itself(runtime: LocalRuntime) -> None:
    crashed = runtime.status()["web"].pid
    assert crashed is not None
    os.kill(crashed, signal.SIGKILL)
    wait_for(lambda: runtime.status()["web"].pid not in {crashed, None})
    runtime.wait_ready(WAIT_S)


def test_a_paused_service_answers_nothing_and_goes_on_after(runtime: LocalRuntime) -> None:
    pid = runtime.status()["web"].pid
    runtime.pause("web")
    wait_for(lambda: state(runtime) is ServiceState.PAUSED)
    assert not runtime.is_healthy("web")
    runtime.unpause("web")
    assert runtime.is_healthy("web")
    assert runtime.status()["web"].pid == pid


def test_a_paused_service_can_be_stopped(runtime: LocalRuntime) -> None:
    runtime.pause("web")
    runtime.stop("web")
    assert state(runtime) is ServiceState.STOPPED


@pytest.mark.parametrize("fault", ["kill", "pause", "stop"])
def test_whatever_a_test_broke_is_restored(runtime: LocalRuntime, fault: str) -> None:
    getattr(runtime, fault)("web")
    restore_services(runtime)
    assert state(runtime) is ServiceState.RUNNING
    assert runtime.is_healthy("web")


def test_a_failed_one_shot_stops_the_rest_and_shows_its_log(project: Project) -> None:
    runtime = open_runtime(project, FIRST_EXIT="3")
    with pytest.raises(ServiceFailed, match="first: 끝냄 값 3") as caught:
        runtime.up(quiet)
    assert caught.value.log_path == project.log_path("first")
    assert not runtime.is_up()
    assert find_orphans(project.run_dir) == []


def test_a_busy_port_is_named_before_anything_starts(project: Project) -> None:
    runtime = open_runtime(project)
    with socket.socket() as squatter:
        squatter.bind(runtime.endpoint("web", 8000))
        squatter.listen()
        with pytest.raises(PortInUse, match=rf"8000.*\(pid {os.getpid()}\)"):
            runtime.up(quiet)
    assert not project.run_dir.exists()


def test_a_missing_program_is_named(project: Project) -> None:
    project.compose_path.write_text(COMPOSE.replace('"curl"', '"no-such-program"'), encoding="utf-8")
    with pytest.raises(StackError, match=r"web.*no-such-program"):
        open_runtime(project).up(quiet)


def test_what_a_dead_supervisor_left_is_stopped(project: Project) -> None:
    runtime = open_runtime(project)
    runtime.up(quiet)
    supervisord = int((project.run_dir / "supervisord.pid").read_text(encoding="ascii"))
    os.kill(supervisord, signal.SIGKILL)
    wait_for(lambda: not runtime.is_up())
    assert find_orphans(project.run_dir)
    runtime.down(quiet)
    assert find_orphans(project.run_dir) == []


def run_stack(project: Project, *command: str) -> subprocess.Popen[str]:
    """`python -m stack run`을 이 작은 구성으로."""
    stack = [sys.executable, "-m", "stack", "--file", str(project.compose_path), "--project", project.name]
    return subprocess.Popen(
        [*stack, "run", "--timeout-s", "30", "--", *command],
        env={**os.environ, "HANPAN_RUNTIME": "local", "HANPAN_STACK_PROJECT": project.name},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def run_project(tmp_path: Path) -> Iterator[Project]:
    """명령줄이 쓰는 자리(저장소의 var)의 프로젝트. 끝나면 폴더를 지운다."""
    path = tmp_path / "small.yml"
    path.write_text(COMPOSE, encoding="utf-8")
    opened = Project(f"small-{os.getpid()}", path)
    try:
        yield opened
    finally:
        subprocess.run(["rm", "-rf", str(opened.var_dir)], check=True)


def test_run_gives_the_exit_code_of_the_command_and_leaves_nothing(run_project: Project) -> None:
    process = run_stack(run_project, "sh", "-c", "echo stack=$HANPAN_STACK_PROJECT; exit 7")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 7
    assert f"stack={run_project.name}" in output
    assert str(run_project.logs_dir) in output
    assert find_orphans(run_project.run_dir) == []


def test_run_stops_everything_when_it_is_told_to_end(run_project: Project) -> None:
    marker = run_project.compose_path.with_name("started")
    process = run_stack(run_project, "sh", "-c", f"touch {marker}; sleep 300 & wait")
    wait_for(marker.exists)
    process.terminate()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert "SIGTERM" in output
    assert find_orphans(run_project.run_dir) == []


def test_exec_hands_the_terminal_to_the_command_and_gives_its_exit_code(run_project: Project) -> None:
    runtime = open_runtime(run_project)
    runtime.up(quiet)
    try:
        stack = [sys.executable, "-m", "stack", "--file", str(run_project.compose_path)]
        process = subprocess.Popen(
            [*stack, "--project", run_project.name, "exec", "web", "--", "sh", "-c",
             "echo dir=$STACK_RUN_DIR; read line; echo said=$line; exit 5"],
            env={**os.environ, "HANPAN_RUNTIME": "local"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == f"dir={run_project.run_dir}\n"  # 끝나기 전에 보인다
        output, _ = process.communicate("hello\n", timeout=30)
        assert (output, process.returncode) == ("said=hello\n", 5)
    finally:
        runtime.down(quiet)


def test_what_is_written_while_running_is_read_by_its_owner_only(project: Project) -> None:
    """앞의 판이 누구나 읽게 남긴 로그도 닫는다."""
    project.logs_dir.mkdir(parents=True)
    old = project.log_path("web")
    old.write_text("앞의 것\n", encoding="utf-8")
    old.chmod(0o644)
    opened, before = open_runtime(project), os.umask(0o022)
    try:
        opened.up(quiet)
        wait_for(lambda: "Serving" in opened.logs("web"))
    finally:
        opened.down(quiet)
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in project.logs_dir.iterdir()}
    assert modes == {"first.log": 0o600, "web.log": 0o600, "supervisord.log": 0o600}
    written = [path for path in project.volumes_dir.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o077 for path in written} == {0}
