"""진짜 platform 프로세스를 띄우고 HTTP로 묻는다."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
STARTUP_S = 60.0
POLL_S = 0.05


@dataclass
class Reply:
    """HTTP 답 하나."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class PlatformProcess:
    """`python -m config.serve` 하나."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log_path: Path) -> None:
        self.process = process
        self.port = port
        self._log_path = log_path

    def log(self) -> list[dict[str, Any]]:
        """지금까지의 로그 줄들."""
        return [json.loads(line) for line in self._log_path.read_text(encoding="utf-8").splitlines()]

    def events(self) -> list[str]:
        """지금까지의 로그 사건 이름들."""
        return [line["event"] for line in self.log()]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """새 연결로 한 번 묻는다. `body`가 bytes가 아니면 JSON으로 보낸다."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=30)
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        defaults = {"Host": "localhost", "Content-Type": "application/json"}
        try:
            connection.request(method, path, raw, {**defaults, **headers})
            response = connection.getresponse()
            return Reply(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def send_raw(self, text: bytes) -> bytes:
        """손으로 쓴 요청을 보내고 서버가 닫을 때까지 답을 모은다."""
        with socket.create_connection((HOST, self.port), timeout=10) as client:
            client.sendall(text)
            parts = []
            while part := client.recv(65536):
                parts.append(part)
        return b"".join(parts)

    def wait_until_ready(self) -> None:
        """/readyz가 200이 될 때까지."""
        deadline_s = time.monotonic() + STARTUP_S
        while time.monotonic() < deadline_s:
            assert self.process.poll() is None, self._log_path.read_text(encoding="utf-8")
            try:
                if self.call("GET", "/readyz").status == 200:
                    return
            except OSError:
                pass
            time.sleep(POLL_S)
        raise AssertionError("platform이 제때 준비되지 않았다: " + self._log_path.read_text(encoding="utf-8"))


@contextmanager
def platform_process(environment: Mapping[str, str], log_path: Path) -> Iterator[PlatformProcess]:
    """띄우고, 준비되기를 기다리고, 어떻게 끝나든 멈춘다."""
    port = _free_port()
    with log_path.open("wb") as log_file:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.serve"],
            env={**os.environ, **environment, "HANPAN_BIND_HOST": HOST, "HANPAN_HTTP_PORT": str(port)},
            stdout=log_file,
            stderr=subprocess.STDOUT,
        )
    platform = PlatformProcess(process, port, log_path)
    try:
        platform.wait_until_ready()
        yield platform
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(timeout=10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
