"""진짜 platform 프로세스를 띄우고 HTTP로 묻는다."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fakes.worker_process import LoggedProcess, running_module

HOST = "127.0.0.1"


@dataclass
class Reply:
    """HTTP 답 하나."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class PlatformProcess(LoggedProcess):
    """`python -m config.serve` 하나."""

    port: int

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


@contextmanager
def platform_process(environment: Mapping[str, str], log_path: Path) -> Iterator[PlatformProcess]:
    """띄우고, 준비되기를 기다리고, 어떻게 끝나든 멈춘다."""
    port = _free_port()
    own = {"HANPAN_BIND_HOST": HOST, "HANPAN_HTTP_PORT": str(port)}
    with running_module("config.serve", {**environment, **own}, log_path) as process:
        platform = PlatformProcess(process, log_path, port)
        platform.wait_until_started(lambda: platform.call("GET", "/readyz").status == 200)
        yield platform


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
