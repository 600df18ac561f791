"""진짜 session 프로세스를 띄우고 지켜본다."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GRPC_PORT = 7000
HTTP_PORT = 8000
STARTUP_S = 60.0
POLL_S = 0.02


@dataclass
class SessionProcess:
    """`python -m gameservices.session` 하나. 이름이 곧 서버의 이름이다."""

    name: str
    host: str
    process: subprocess.Popen[bytes]
    log_path: Path

    @property
    def address(self) -> str:
        """gRPC 주소."""
        return f"{self.host}:{GRPC_PORT}"

    def log(self) -> list[dict[str, Any]]:
        """지금까지의 로그 줄들."""
        return [json.loads(line) for line in self.log_path.read_text(encoding="utf-8").splitlines()]

    def events(self) -> list[str]:
        """지금까지의 로그 사건 이름들."""
        return [line["event"] for line in self.log()]

    def probe(self, path: str) -> tuple[int, str]:
        """상태 확인 하나의 답."""
        connection = http.client.HTTPConnection(self.host, HTTP_PORT, timeout=5)
        try:
            connection.request("GET", path)
            reply = connection.getresponse()
            return reply.status, reply.read().decode()
        finally:
            connection.close()

    def metric(self, name: str) -> float:
        """라벨 없는 지표 하나의 지금 값."""
        lines = self.probe("/metrics")[1].splitlines()
        return next(float(line.split()[-1]) for line in lines if line.startswith(f"{name} "))

    def terminate(self) -> None:
        """SIGTERM."""
        self.process.send_signal(signal.SIGTERM)

    def wait_until(self, path: str) -> None:
        """그 상태 확인(`/readyz`, `/healthz`)이 200이 될 때까지."""
        deadline_s = time.monotonic() + STARTUP_S
        while time.monotonic() < deadline_s:
            assert self.process.poll() is None, self.log_path.read_text(encoding="utf-8")
            try:
                if self.probe(path)[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(POLL_S)
        raise AssertionError("session이 제때 준비되지 않았다: " + self.log_path.read_text(encoding="utf-8"))


@contextmanager
def session_process(
    name: str, host: str, environment: Mapping[str, str], folder: Path, *, until: str = "/readyz"
) -> Iterator[SessionProcess]:
    """띄우고, `until`의 상태 확인을 기다리고, 어떻게 끝나든 멈춘다. 비우기로 된 서버는 `/healthz`까지다."""
    log_path = folder / f"{name}.log"
    own = {
        "HANPAN_INSTANCE": name, "HANPAN_BIND_HOST": host, "HANPAN_ADVERTISE_HOST": host,
        "HANPAN_GRPC_PORT": str(GRPC_PORT), "HANPAN_HTTP_PORT": str(HTTP_PORT),
    }  # fmt: skip
    with log_path.open("wb") as log_file:
        process = subprocess.Popen(
            [sys.executable, "-m", "gameservices.session"],
            env={**os.environ, **environment, **own},
            stdout=log_file,
            stderr=subprocess.STDOUT,
        )
    session = SessionProcess(name, host, process, log_path)
    try:
        session.wait_until(until)
        yield session
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(timeout=10)
