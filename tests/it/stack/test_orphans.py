"""남은 프로세스를 멈추는 일은 그것들이 사라진 뒤에 돌아온다."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stack.orphans import MARKER, find_orphans, stop_orphans

CHILDREN = 30
DEAF_FAMILY = f"""
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for _ in range({CHILDREN}):
    if os.fork() == 0:
        break
else:
    print("ready", flush=True)
time.sleep(60)
"""


def test_those_that_do_not_hear_sigterm_are_gone_on_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stack.orphans.TERM_WAIT_S", 0.2)
    with subprocess.Popen(
        [sys.executable, "-c", DEAF_FAMILY], env={**os.environ, MARKER: str(tmp_path)},
        stdout=subprocess.PIPE, start_new_session=True,
    ) as deaf:  # fmt: skip
        assert deaf.stdout is not None
        try:
            deaf.stdout.readline()
            assert len(stop_orphans(tmp_path)) == 1 + CHILDREN
            assert find_orphans(tmp_path) == []
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(deaf.pid, signal.SIGKILL)
