"""시험이 띄우는 진짜 프로세스: 로그를 파일로 받고, 준비되기를 기다리고, 어떻게 끝나든 멈춘다."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redisstore.client import RedisSettings
from stack.processes import freeze

GRPC_PORT = 7000
HTTP_PORT = 8000
STARTUP_S = 60.0
POLL_S = 0.02


@dataclass(frozen=True)
class LoggedProcess:
    """`python -m <모듈>` 하나와 그 로그."""

    process: subprocess.Popen[bytes]
    log_path: Path

    def log(self) -> list[dict[str, Any]]:
        """지금까지의 로그 줄들. 한 줄이라도 JSON이 아니면 실패한다."""
        return [json.loads(line) for line in self.log_path.read_text(encoding="utf-8").splitlines()]

    def events(self) -> list[str]:
        """지금까지의 로그 사건 이름들."""
        return [line["event"] for line in self.log()]

    def signal(self, signum: signal.Signals) -> None:
        """신호를 보낸다."""
        self.process.send_signal(signum)

    def freeze(self) -> None:
        """SIGSTOP. 돌아오면 모든 스레드가 서 있다."""
        freeze(self.process.pid)

    def thaw(self) -> None:
        """SIGCONT."""
        self.signal(signal.SIGCONT)

    def terminate(self) -> None:
        """SIGTERM."""
        self.signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL. 돌아오면 프로세스가 없다: 보낸 신호는 아직 닿은 것이 아니다."""
        self.process.kill()
        self.process.wait(timeout=10)

    def exit_code(self) -> int:
        """끝나기를 기다려 그 값을 준다."""
        return self.process.wait(timeout=20)

    def wait_until_started(self, is_ready: Callable[[], bool]) -> None:
        """`is_ready`가 참일 때까지. 그 앞에 죽거나 제때 준비되지 않으면 로그와 함께 실패한다."""
        deadline_s = time.monotonic() + STARTUP_S
        while time.monotonic() < deadline_s:
            assert self.process.poll() is None, self.log_path.read_text(encoding="utf-8")
            try:
                if is_ready():
                    return
            except OSError:
                pass
            time.sleep(POLL_S)
        raise AssertionError(
            f"{self.log_path.stem}이 제때 준비되지 않았다: " + self.log_path.read_text(encoding="utf-8")
        )


@dataclass(frozen=True)
class WorkerProcess(LoggedProcess):
    """gRPC와 상태 확인을 여는 일꾼 하나(session이나 matchmaking). 이름이 곧 서버의 이름이다."""

    name: str
    host: str

    @property
    def address(self) -> str:
        """gRPC 주소."""
        return f"{self.host}:{GRPC_PORT}"

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


@contextmanager
def running_module(
    module: str, environment: Mapping[str, str], log_path: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m module`을 띄우고, 어떻게 끝나든 죽인다(얼어 있어도)."""
    with log_path.open("wb") as log_file:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            env={**os.environ, **environment},
            stdout=log_file,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait(timeout=10)


@contextmanager
def session_process(
    name: str, host: str, environment: Mapping[str, str], folder: Path, *, until: str = "/readyz"
) -> Iterator[WorkerProcess]:
    """session 하나. `until`의 상태 확인까지 기다린다(드레인하기로 된 서버는 `/healthz`까지다)."""
    with _worker("gameservices.session", name, host, environment, folder, until) as started:
        yield started


@contextmanager
def matchmaking_process(
    name: str, host: str, environment: Mapping[str, str], folder: Path
) -> Iterator[WorkerProcess]:
    """matchmaking 하나. 준비될 때까지 기다린다."""
    keys = {"HANPAN_KEYS_DIR": str(folder / "keys")}
    module = "gameservices.matchmaking"
    with _worker(module, name, host, {**environment, **keys}, folder, "/readyz") as started:
        yield started


@contextmanager
def lone_matchmaking(host: str, redis: RedisSettings, folder: Path) -> Iterator[WorkerProcess]:
    """앱이 묻는 matchmaking 하나. MariaDB는 없다: 모두 처음 레이팅이다."""
    environment = {
        "HANPAN_REDIS_HOST": redis.host, "HANPAN_REDIS_PORT": str(redis.port),
        "HANPAN_DB_HOST": "127.0.0.1", "HANPAN_DB_PORT": "1",
    }  # fmt: skip
    with matchmaking_process("matchmaking", host, environment, folder) as process:
        yield process


@contextmanager
def _worker(
    module: str, name: str, host: str, environment: Mapping[str, str], folder: Path, until: str
) -> Iterator[WorkerProcess]:
    own = {
        "HANPAN_INSTANCE": name, "HANPAN_BIND_HOST": host, "HANPAN_ADVERTISE_HOST": host,
        "HANPAN_GRPC_PORT": str(GRPC_PORT), "HANPAN_HTTP_PORT": str(HTTP_PORT),
    }  # fmt: skip
    log_path = folder / f"{name}.log"
    with running_module(module, {**environment, **own}, log_path) as process:
        started = WorkerProcess(process, log_path, name, host)
        started.wait_until_started(lambda: started.probe(until)[0] == 200)
        yield started
