"""`python -m stack`의 명령줄. 무엇을 할지만 고르고, 일은 런타임과 session에 맡긴다."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from stack.errors import StackError
from stack.foreground import serve, shown, start_and_greet
from stack.runtime import READY_TIMEOUT_S, Runtime
from stack.selection import FILE, PROJECT, open_stack
from stack.session import environment_for_tests, parallel_stage, run_on_stage, single_stage, stop_stack
from stack.words import told

RUN_TIMEOUT_S = 1800.0
ONE_SERVICE = ("start", "stop", "kill", "pause", "unpause")


def main(arguments: Sequence[str] | None = None) -> int:
    """명령 하나를 한다. 까닭을 아는 실패는 한 문구로 보이고 1을 준다."""
    options = _parser().parse_args(arguments)
    try:
        project = options.project or Path(options.file).stem
        runtime = open_stack(options.file, project, default=options.default_runtime)
        return int(options.act(runtime, options) or 0)
    except StackError as error:
        print(told("오류: {error}", error=str(error)), file=sys.stderr)
        return 1
    except BrokenPipeError:
        # `status | head`처럼 읽는 쪽이 먼저 닫았다. 끝날 때의 flush도 조용히 지나가게 한다.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _say(line: str) -> None:
    print(line, flush=True)


def _up(runtime: Runtime, options: argparse.Namespace) -> None:
    start_and_greet(runtime, _say, fresh=options.fresh, announce=options.announce, greeting=options.greeting)


def _serve(runtime: Runtime, options: argparse.Namespace) -> int:
    return serve(runtime, _say, announce=options.announce, greeting=options.greeting)


def _down(runtime: Runtime, options: argparse.Namespace) -> None:
    stop_stack(runtime, _say, remove_data=options.remove_data)


def _status(runtime: Runtime, _options: argparse.Namespace) -> int:
    for status in runtime.status().values():
        pid = f"pid {status.pid}" if status.pid else ""
        print(f"{status.name:<12} {shown(status):<10} {pid:<12} {runtime.project.log_path(status.name)}")
    return 0 if runtime.is_up() else 3


def _logs(runtime: Runtime, options: argparse.Namespace) -> None:
    if not options.follow:
        sys.stdout.write(runtime.logs(options.service))
        return
    command = runtime.follow_logs_command(options.service)
    os.execvp(command[0], command)  # noqa: S606 - 셸 없이 이 프로세스를 그대로 바꾼다


def _one_service(runtime: Runtime, options: argparse.Namespace) -> None:
    getattr(runtime, options.command)(options.service)


def _wait(runtime: Runtime, options: argparse.Namespace) -> None:
    runtime.wait_ready(options.timeout_s)


def _env(runtime: Runtime, _options: argparse.Namespace) -> None:
    for name, value in environment_for_tests(runtime).items():
        print(f"export {name}={shlex.quote(value)}")


def _execute(runtime: Runtime, options: argparse.Namespace) -> None:
    """이 프로세스를 명령으로 바꾼다: 진행이 그때그때 보이고, Ctrl-C와 끝냄 값이 그대로 오간다."""
    command, environment = runtime.foreground_command(options.service, _command(options))
    os.chdir(runtime.project.root)
    try:
        os.execvpe(command[0], command, environment)  # noqa: S606 - 셸 없이 바꾼다
    except FileNotFoundError:
        raise StackError(told("명령 {command}을(를) 찾을 수 없습니다", command=repr(command[0]))) from None


def _run(runtime: Runtime, options: argparse.Namespace) -> int:
    # 도커에서는 호스트에 여는 포트가 하나라 한 벌뿐이다.
    alone = options.copies == 1 or runtime.name == "docker"
    stage = (
        single_stage(runtime) if alone else parallel_stage(options.file, runtime.project.name, options.copies)
    )
    return run_on_stage(stage, _command(options), _say, fresh=options.fresh, timeout_s=options.timeout_s)


def _command(options: argparse.Namespace) -> list[str]:
    """`--` 뒤의 명령. argparse는 `--` 자체도 남겨 준다."""
    argv = list(options.argv)
    command = argv[1:] if argv[:1] == ["--"] else argv
    if not command:
        raise StackError(told("돌릴 명령이 없습니다"))
    return command


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stack", description=told("Compose 파일을 띄우고 다룬다"))
    parser.add_argument(
        "--file", default=os.environ.get(FILE, "e2e"), help=told("infra/compose의 이름이나 경로")
    )
    parser.add_argument(
        "--project", default=os.environ.get(PROJECT, ""), help=told("데이터와 주소를 가르는 이름")
    )
    parser.add_argument("--default-runtime", default="", choices=("", "docker", "local"))
    commands = parser.add_subparsers(dest="command", required=True)

    def add(name: str, act: object, help_text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help_text)
        command.set_defaults(act=act)
        return command

    for name, act, help_text in (
        ("up", _up, told("배경으로 띄운다")),
        ("serve", _serve, told("앞에서 띄우고 지켜본다")),
    ):
        command = add(name, act, help_text)
        command.add_argument("--fresh", action="store_true", help=told("데이터를 비우고 시작한다"))
        command.add_argument(
            "--announce",
            default="",
            help=told("`서비스:낱말`. 그 서비스의 로그에서 낱말로 시작하는 줄을 보인다"),
        )
        command.add_argument("--greeting", default=told("준비되었습니다"), help=told("준비된 뒤 찍을 말"))
    add("down", _down, told("모두 멈춘다")).add_argument("--remove-data", action="store_true")
    add("status", _status, told("서비스의 상태를 보인다"))
    logs = add("logs", _logs, told("서비스의 로그를 보인다"))
    logs.add_argument("service")
    logs.add_argument("-f", "--follow", action="store_true")
    for name in ONE_SERVICE:
        add(name, _one_service, told("서비스 하나를 {name}한다", name=name)).add_argument("service")
    wait = add("wait", _wait, told("모두 준비될 때까지 기다린다"))
    wait.add_argument("--timeout-s", type=float, default=READY_TIMEOUT_S)
    add("env", _env, told("시험이 쓸 환경 변수를 export 문으로 찍는다"))
    execute = add("exec", _execute, told("서비스의 환경에서 명령을 이 터미널로 돌린다"))
    execute.add_argument("service")
    execute.add_argument("argv", nargs=argparse.REMAINDER)
    run = add("run", _run, told("띄우고 명령을 돌린 뒤 멈춘다"))
    run.add_argument("--fresh", action="store_true")
    run.add_argument(
        "--copies", type=int, default=1, help=told("나란히 도는 시험(pytest -n auto)을 위해 띄울 벌")
    )
    run.add_argument("--timeout-s", type=float, default=RUN_TIMEOUT_S)
    run.add_argument("argv", nargs=argparse.REMAINDER)
    return parser
