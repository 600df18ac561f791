"""진짜 matchmaking 프로세스를 띄우고 지켜본다."""

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
class MatchmakingProcess:
    """`python -m gameservices.matchmaking` 하나."""

    name: str
    host: str
    process: subprocess.Popen[bytes]
    log_path: Path

    @property
    def address(self) -> str:
        """gRPC 주소."""
        return f"{self.host}:{GRPC_PORT}"

    def log(self) -> list[dict[str, Any]]:
        """지금까지의 로그 줄들. 한 줄이라도 JSON이 아니면 실패한다."""
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
        """지표 하나의 지금 값. 라벨이 있으면 이름에 함께 쓴다."""
        lines = self.probe("/metrics")[1].splitlines()
        return next(float(line.split()[-1]) for line in lines if line.startswith(f"{name} "))

    def signal(self, signum: signal.Signals) -> None:
        """신호를 보낸다."""
        self.process.send_signal(signum)

    def exit_code(self) -> int:
        """끝나기를 기다려 그 값을 준다."""
        return self.process.wait(timeout=20)

    def wait_until_ready(self) -> None:
        """/readyz가 200이 될 때까지."""
        deadline_s = time.monotonic() + STARTUP_S
        while time.monotonic() < deadline_s:
            assert self.process.poll() is None, self.log_path.read_text(encoding="utf-8")
            try:
                if self.probe("/readyz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(POLL_S)
        raise AssertionError(
            "matchmaking이 제때 준비되지 않았다: " + self.log_path.read_text(encoding="utf-8")
        )


@contextmanager
def matchmaking_process(
    name: str, host: str, environment: Mapping[str, str], folder: Path
) -> Iterator[MatchmakingProcess]:
    """띄우고, 준비되기를 기다리고, 어떻게 끝나든 멈춘다."""
    log_path = folder / f"{name}.log"
    own = {
        "HANPAN_INSTANCE": name, "HANPAN_BIND_HOST": host, "HANPAN_ADVERTISE_HOST": host,
        "HANPAN_GRPC_PORT": str(GRPC_PORT), "HANPAN_HTTP_PORT": str(HTTP_PORT),
        "HANPAN_KEYS_DIR": str(folder / "keys"),
    }  # fmt: skip
    with log_path.open("wb") as log_file:
        process = subprocess.Popen(
            [sys.executable, "-m", "gameservices.matchmaking"],
            env={**os.environ, **environment, **own},
            stdout=log_file,
            stderr=subprocess.STDOUT,
        )
    started = MatchmakingProcess(name, host, process, log_path)
    try:
        started.wait_until_ready()
        yield started
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait(timeout=10)
