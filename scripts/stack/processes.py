"""커널이 본 프로세스: 지금의 상태, 그리고 모든 스레드가 정말로 설 때까지 기다리는 얼리기(SIGSTOP).

신호는 보낸 뒤에 닿는다: 스레드 서른인 프로세스가 다 서기까지 쉬는 기계에서 3 ms(가운데 값), 바쁜 기계에서
15-32 ms가 걸린다. 그사이에 온 물음에는 답하므로, 기다리지 않으면 "얼렸다"는 말이 참이 아니다.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from stack.errors import StackError
from stack.words import told

FROZEN = "T"
# 거두는 부모(init)가 없는 컨테이너에서는 끝난 프로세스가 Z로 남는다.
ENDED = frozenset({"", "Z"})
STOP_WAIT_S = 10.0
POLL_S = 0.05
STOP_POLL_S = 0.001

_PROCESSES = Path("/proc")


def freeze(pid: int) -> None:
    """프로세스 하나를 얼린다.

    Raises:
        ProcessLookupError: 그런 프로세스가 없다.
        StackError: `STOP_WAIT_S` 안에 서지 않았다.
    """
    os.kill(pid, signal.SIGSTOP)
    _wait_stopped([pid])


def freeze_group(pgid: int) -> None:
    """프로세스 그룹 하나를 얼린다.

    Raises:
        ProcessLookupError: 그런 그룹이 없다.
        StackError: `STOP_WAIT_S` 안에 서지 않았다.
    """
    os.killpg(pgid, signal.SIGSTOP)
    _wait_stopped(_members(pgid))


def wait_until(condition: Callable[[], bool], timeout_s: float, *, poll_s: float = POLL_S) -> bool:
    """조건이 참이 될 때까지 짧게 되물으며 기다린다. 제때 참이 되었는가."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() >= deadline_s:
            return False
        time.sleep(poll_s)
    return True


def process_state(pid: int) -> str:
    """/proc의 한 글자 상태. 없는 프로세스는 빈 글이다."""
    fields = _fields(_PROCESSES / str(pid) / "stat")
    return fields[0] if fields else ""


def thread_states(pid: int) -> set[str]:
    """그 프로세스의 스레드들이 지금 있는 상태의 글자(/proc). 없는 프로세스는 빈 모음이다."""
    return {
        fields[0] for path in (_PROCESSES / str(pid) / "task").glob("*/stat") if (fields := _fields(path))
    }


def _members(pgid: int) -> list[int]:
    """그룹에 든 프로세스들."""
    stats = {int(path.parent.name): _fields(path) for path in _PROCESSES.glob("[0-9]*/stat")}
    return [pid for pid, fields in stats.items() if fields and int(fields[2]) == pgid]


def _wait_stopped(pids: list[int]) -> None:
    def moving() -> list[int]:
        return [pid for pid in pids if thread_states(pid) - {FROZEN} - ENDED]

    if not wait_until(lambda: not moving(), STOP_WAIT_S, poll_s=STOP_POLL_S):
        raise StackError(told("프로세스 {pids}이(가) 서지 않습니다", pids=", ".join(map(str, moving()))))


def _fields(path: Path) -> list[str]:
    """stat의 이름 뒤 칸들: 상태, 부모, 그룹, ... 그사이 사라졌으면 비어 있다."""
    try:
        return path.read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []
