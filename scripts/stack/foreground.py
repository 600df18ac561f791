"""스택을 앞에서 지켜본다: 한 줄의 살아 있는 상태, Ctrl-C로 깨끗이 멈추기."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Mapping

from stack.errors import ServiceFailed, StackError
from stack.runtime import Runtime, Say, ServiceState, ServiceStatus
from stack.session import Interrupted, ignore_signals, signals_raise, start_stack, stop_stack
from stack.words import told

REFRESH_S = 2.0
_SHOWN = {
    ServiceState.STARTING: "뜨는 중",
    ServiceState.RUNNING: "정상",
    ServiceState.PAUSED: "얼어 있음",
    ServiceState.STOPPING: "멈추는 중",
    ServiceState.STOPPED: "멈춤",
    ServiceState.COMPLETED: "마침",
    ServiceState.FAILED: "실패",
}
_FINE = frozenset({ServiceState.RUNNING, ServiceState.COMPLETED})


def serve(runtime: Runtime, say: Say, *, announce: str, greeting: str) -> int:
    """띄우고, 인사를 찍고, 신호를 받을 때까지 지켜보다가 멈춘다. 끝냄 값을 준다."""
    with signals_raise():
        try:
            start_and_greet(runtime, say, fresh=False, announce=announce, greeting=greeting)
        except Interrupted as interrupted:
            say(told("\n띄우다가 멈췄습니다"))
            return interrupted.exit_code
        try:
            _watch(runtime, say)
        except Interrupted:
            say(told("\n도는 판이 있으면 끝나기를 기다립니다. 한 번 더 누르면 바로 끝냅니다."))
        try:
            stop_stack(runtime, say)
        except Interrupted:
            ignore_signals()
            _stop_at_once(runtime, say)
    return 0


def start_and_greet(runtime: Runtime, say: Say, *, fresh: bool, announce: str, greeting: str) -> None:
    """띄우고 인사를 찍는다.

    뒤의 서비스가 뜨지 못해도 한 번 도는 일이 남긴 말(시연 계정의 비밀번호가 있는 곳)은 보인다.
    """
    try:
        start_stack(runtime, say, fresh=fresh)
    except (ServiceFailed, Interrupted):
        _announce(runtime, say, announce)
        raise
    _announce(runtime, say, announce)
    say(greeting)


def _announce(runtime: Runtime, say: Say, announce: str) -> None:
    """`서비스:낱말|낱말`: 그 서비스의 로그에서 낱말 가운데 하나로 시작하는 줄을 찍는다."""
    service, _, openings = announce.partition(":")
    if service:
        for line in runtime.logs(service).splitlines():
            if line.startswith(tuple(openings.split("|"))):
                say(f"  {line}")


def describe(statuses: Mapping[str, ServiceStatus]) -> str:
    """상태 한 줄: 모두 정상이면 수만, 아니면 아닌 것을 이름과 함께."""
    fine = sum(status.state in _FINE for status in statuses.values())
    line = told("정상 {fine}/{all}", fine=fine, all=len(statuses))
    troubled = [status for status in statuses.values() if status.state not in _FINE]
    if troubled:
        line += " · " + ", ".join(f"{status.name} {shown(status)}" for status in troubled)
    return line


def shown(status: ServiceStatus) -> str:
    """상태를 사람의 말로."""
    return told(_SHOWN[status.state]) + (f"({status.note})" if status.note else "")


def _watch(runtime: Runtime, say: Say) -> None:
    began_s = time.monotonic()
    live = sys.stdout.isatty()
    before = ""
    while True:
        line = describe(runtime.status())
        if live:
            minutes, seconds = divmod(int(time.monotonic() - began_s), 60)
            sys.stdout.write(f"\r\033[K[{minutes:02d}:{seconds:02d}] {line}{told(' · Ctrl-C로 멈춤')}")
            sys.stdout.flush()
        elif line != before:
            say(line)
        before = line
        time.sleep(REFRESH_S)


def _stop_at_once(runtime: Runtime, say: Say) -> None:
    for status in runtime.status().values():
        if status.state in {ServiceState.RUNNING, ServiceState.STOPPING, ServiceState.PAUSED}:
            with contextlib.suppress(StackError):  # 그사이 스스로 끝난 것
                runtime.kill(status.name)
    stop_stack(runtime, say)
