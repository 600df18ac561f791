"""session이 뜨지 못할 때: 까닭 한 줄을 남기고 곧바로 끝난다."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.fakes.worker_process import GRPC_PORT, WorkerProcess
from tests.it.session.conftest import SESSION_HOSTS


def start(environment: dict[str, str], **changed: str) -> subprocess.CompletedProcess[str]:
    """뜨지 못할 session을 띄워 끝을 본다."""
    return subprocess.run(
        [sys.executable, "-m", "gameservices.session"],
        env={**os.environ, **environment, **changed},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_wrong_mode_setting_is_named(environment: dict[str, str]) -> None:
    ended = start(environment, HANPAN_MODE_OVERRIDES='{"duel": {"length": 5}}')
    assert ended.returncode == 1
    assert "length" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_number_that_is_none_is_named(environment: dict[str, str]) -> None:
    ended = start(environment, HANPAN_GRPC_PORT="many")
    assert ended.returncode == 1
    assert "HANPAN_GRPC_PORT" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_taken_port_is_named(session1: WorkerProcess, environment: dict[str, str]) -> None:
    host = SESSION_HOSTS[session1.name]
    ended = start(environment, HANPAN_BIND_HOST=host, HANPAN_GRPC_PORT=str(GRPC_PORT))
    assert ended.returncode == 1
    assert f"{host}:{GRPC_PORT}" in ended.stderr
    assert "Traceback" not in ended.stderr
