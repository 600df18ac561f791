"""얼린 프로세스는 돌아온 때에 이미 서 있다: 모든 스레드가, 그룹이면 그 자식까지."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from stack.processes import ENDED, FROZEN, freeze, freeze_group, process_state, thread_states

ROUNDS = 50
PROGRAM = """
import os, sys, threading, time
child = os.fork()
for _ in range(29):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
if child:
    print(child, flush=True)
time.sleep(60)
"""


@pytest.fixture
def family() -> Iterator[tuple[int, int]]:
    """스레드가 서른씩인 어버이와 자식, 한 그룹."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as parent:
        assert parent.stdout is not None
        try:
            yield parent.pid, int(parent.stdout.readline())
        finally:
            os.killpg(parent.pid, signal.SIGKILL)


def test_every_thread_of_a_frozen_process_stands_when_the_call_returns(family: tuple[int, int]) -> None:
    parent, child = family
    for _ in range(ROUNDS):
        freeze(parent)
        assert thread_states(parent) == {FROZEN}
        assert FROZEN not in thread_states(child)
        os.kill(parent, signal.SIGCONT)


def test_every_process_of_a_frozen_group_stands_when_the_call_returns(family: tuple[int, int]) -> None:
    for _ in range(ROUNDS):
        freeze_group(family[0])
        assert [thread_states(pid) for pid in family] == [{FROZEN}, {FROZEN}]
        assert process_state(family[0]) == FROZEN
        os.killpg(family[0], signal.SIGCONT)


def test_a_process_that_is_gone_has_no_state_and_cannot_be_frozen() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(timeout=30)
    assert process_state(gone.pid) in ENDED
    assert thread_states(gone.pid) == set()
    with pytest.raises(ProcessLookupError):
        freeze(gone.pid)
