"""스택의 한 번의 쓰임: 띄우고, 시험 명령을 돌린 뒤, 어떻게 끝나든 멈춘다.

앞에서 지켜보는 쓰임은 foreground.py에 있다.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType

from stack.errors import StackError
from stack.runtime import Runtime, Say, ServiceState
from stack.selection import CHOICE, FILE, PROJECT, forget_choice, open_stack, record_choice
from stack.words import told

# 시험이 스택 밖(이 기계)에서 바로 닿는 것들과 그 환경 변수.
_REACHABLE = (("mariadb", 3306, "HANPAN_DB"), ("redis", 6379, "HANPAN_REDIS"))
_WATCHED_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# pytest-xdist의 것: 이 프로세스가 어느 일꾼인지, `-n auto`가 몇인지.
WORKER = "PYTEST_XDIST_WORKER"
WORKERS = "PYTEST_XDIST_AUTO_NUM_WORKERS"
TIMED_OUT = 124
END_GRACE_S = 30.0


class Interrupted(Exception):
    """끝내라는 신호를 받았다."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.exit_code = 128 + signum


@contextlib.contextmanager
def signals_raise() -> Iterator[None]:
    """SIGINT, SIGTERM, SIGHUP을 Interrupted로 바꾼다: 어떤 끝에서도 finally가 돈다."""

    def interrupt(signum: int, _frame: FrameType | None) -> None:
        raise Interrupted(signum)

    before = {signum: signal.signal(signum, interrupt) for signum in _WATCHED_SIGNALS}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def ignore_signals() -> None:
    """멈추는 동안에는 신호가 정리를 끊지 못하게 한다."""
    for signum in _WATCHED_SIGNALS:
        signal.signal(signum, signal.SIG_IGN)


def start_stack(runtime: Runtime, say: Say, *, fresh: bool) -> None:
    """스택을 띄우고, 뒤따르는 명령을 위해 어느 런타임인지 적어 둔다."""
    say(
        told(
            "{project} 띄우는 중({runtime} 런타임, 로그: {logs})",
            project=runtime.project.name,
            runtime=runtime.name,
            logs=runtime.project.logs_dir,
        )
    )
    runtime.up(say, fresh=fresh)
    record_choice(runtime)


def stop_stack(runtime: Runtime, say: Say, *, remove_data: bool = False) -> None:
    """스택을 멈춘다. 데이터는 바라지 않는 한 남긴다."""
    say(told("{project} 멈추는 중", project=runtime.project.name))
    runtime.down(say, remove_data=remove_data)
    forget_choice(runtime)


@contextlib.contextmanager
def attached_stack(file: str, project: str, say: Say) -> Iterator[Runtime]:
    """떠 있는 스택에 붙는다. 없으면 빈 데이터로 띄우고, 띄운 것만 멈춘다.

    스크립트가 이미 띄웠으면(HANPAN_STACK_*) 그것에, 손으로 돌린 시험이면 주어진 이름의 것에 붙는다.
    나란히 도는 시험의 일꾼(pytest-xdist)은 저마다 제 벌에 붙는다.
    """
    name = os.environ.get(PROJECT, project)
    if worker := os.environ.get(WORKER):
        name = copy_name(name, worker)
    runtime = open_stack(os.environ.get(FILE, file), name)
    if runtime.is_up():
        yield runtime
        return
    start_stack(runtime, say, fresh=True)
    try:
        yield runtime
    finally:
        stop_stack(runtime, say)


def restore_services(runtime: Runtime) -> None:
    """장애 시험이 끝난 뒤: 얼린 것은 풀고 죽인 것은 띄워 모두 준비되게 한다."""
    for status in runtime.status().values():
        if status.state is ServiceState.PAUSED:
            runtime.unpause(status.name)
        elif status.state in {ServiceState.STOPPED, ServiceState.FAILED}:
            runtime.start(status.name)
    runtime.wait_ready()


def environment_for_tests(runtime: Runtime) -> dict[str, str]:
    """시험이 이 스택을 찾고 MariaDB와 Redis에 닿는 데 쓰는 환경 변수."""
    variables = {
        CHOICE: runtime.name,
        FILE: str(runtime.topology.path),
        PROJECT: runtime.project.name,
    }
    for service, port, prefix in _REACHABLE:
        if service in runtime.topology.services:
            with contextlib.suppress(StackError):  # 도커 밖으로 열지 않은 것은 시험도 닿지 않는다
                host, reached_port = runtime.endpoint(service, port)
                variables |= {f"{prefix}_HOST": host, f"{prefix}_PORT": str(reached_port)}
    return variables


def copy_name(project: str, worker: str) -> str:
    """시험의 일꾼(`gw0`, `gw1`...) 하나가 쓰는 벌의 프로젝트 이름. 이미 그 벌의 이름이면 그대로다."""
    suffix = f"-{worker}"
    return project.removesuffix(suffix) + suffix


@dataclass(frozen=True, slots=True)
class Stage:
    """명령 하나를 위해 띄우는 스택들. 여러 벌이면 데이터와 주소가 서로 다르다."""

    stacks: Sequence[Runtime]
    environment: Mapping[str, str]
    """명령이 받을 환경 변수."""


def single_stage(runtime: Runtime) -> Stage:
    """스택 하나: 시험은 나란히 돌지 않는다(`-n auto`는 0이다)."""
    return Stage([runtime], {**environment_for_tests(runtime), WORKERS: "0"})


def parallel_stage(file: str, project: str, copies: int) -> Stage:
    """일꾼마다 한 벌: 명령의 `-n auto`가 이 수의 일꾼을 띄우고, 저마다 attached_stack으로 제 벌에 붙는다."""
    stacks = [open_stack(file, copy_name(project, f"gw{index}")) for index in range(copies)]
    return Stage(stacks, {CHOICE: stacks[0].name, FILE: file, PROJECT: project, WORKERS: str(copies)})


def run_on_stage(stage: Stage, command: Sequence[str], say: Say, *, fresh: bool, timeout_s: float) -> int:
    """스택들을 띄우고 명령을 돌린 뒤 멈춘다. 명령의 끝냄 값을 준다. 제한을 넘기면 124다."""
    with signals_raise():
        try:
            for runtime in stage.stacks:
                runtime.down(say)  # 앞선 실행이 죽으며 남긴 것
                start_stack(runtime, say, fresh=fresh)
            code = _run_bounded(command, stage.environment, timeout_s, say)
        except Interrupted as interrupted:
            say(told("{interrupted}을(를) 받아 멈춥니다", interrupted=str(interrupted)))
            code = interrupted.exit_code
        finally:
            ignore_signals()
            for runtime in stage.stacks:
                stop_stack(runtime, say)
    if code != 0:
        logs = ", ".join(str(runtime.project.logs_dir) for runtime in stage.stacks)
        say(told("실패(끝냄 값 {code}). 서비스의 로그: {logs}", code=code, logs=logs))
    return code


def _run_bounded(command: Sequence[str], extra: Mapping[str, str], timeout_s: float, say: Say) -> int:
    # 제 무리에서 돌려야 손자(셸이 띄운 pytest)까지 함께 끝낼 수 있다.
    child = subprocess.Popen(command, env={**os.environ, **extra}, start_new_session=True)
    try:
        return child.wait(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        say(
            told(
                "{seconds}초 안에 끝나지 않아 멈춥니다: {command}",
                seconds=f"{timeout_s:.0f}",
                command=" ".join(command),
            )
        )
        return TIMED_OUT
    finally:
        _end_group(child)


def _end_group(child: subprocess.Popen[bytes]) -> None:
    """아직 돌면 SIGINT(시험이 스스로 정리한다)를 보내고, 무리에 남은 것은 SIGKILL로 끝낸다."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=END_GRACE_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
