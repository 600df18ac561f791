"""supervisord가 먼저 죽어 남은 서비스 프로세스를 찾아 멈춘다.

우리가 띄운 것만 건드린다: 실행 스크립트가 넣은 환경 변수에 이 프로젝트의 폴더가 적힌 프로세스뿐이다.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from stack.errors import StackError
from stack.processes import wait_until
from stack.words import told

MARKER = "STACK_RUN_DIR"
TERM_WAIT_S = 10.0
KILL_WAIT_S = 10.0


def find_orphans(run_dir: Path, proc: Path = Path("/proc")) -> list[int]:
    """이 프로젝트가 띄운 프로세스의 pid들."""
    wanted = f"{MARKER}={run_dir}".encode()
    found = []
    for process in proc.glob("[0-9]*"):
        # 남의 프로세스이거나 그사이 끝난 프로세스의 환경은 볼 수 없다: 우리 것이 아니다.
        with contextlib.suppress(OSError):
            if wanted in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return sorted(found)


def stop_orphans(run_dir: Path) -> list[int]:
    """남은 것을 SIGTERM으로, 그래도 남으면 SIGKILL로 멈춘다. 모두 사라진 뒤에 멈춘 pid들을 준다.

    Raises:
        StackError: SIGKILL에도 사라지지 않는 것이 있다.
    """
    orphans = find_orphans(run_dir)
    for pid in orphans:
        _signal(pid, signal.SIGCONT)
        _signal(pid, signal.SIGTERM)
    for pid in _left_after(TERM_WAIT_S, run_dir):
        _signal(pid, signal.SIGKILL)
    if left := _left_after(KILL_WAIT_S, run_dir):
        raise StackError(told("프로세스 {pids}이(가) 끝나지 않습니다", pids=", ".join(map(str, left))))
    return orphans


def _left_after(limit_s: float, run_dir: Path) -> list[int]:
    """모두 사라질 때까지, 길어야 `limit_s`초를 기다리고 남은 것."""
    wait_until(lambda: not find_orphans(run_dir), limit_s)
    return find_orphans(run_dir)


def _signal(pid: int, signum: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signum)
