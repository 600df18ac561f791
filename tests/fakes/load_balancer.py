"""진짜 HAProxy와 우리 설정, 그 뒤의 흉내 서버, 손으로 보내는 요청."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.sync.server import ServerConnection, serve

from front.lb_errors import LB_ERRORS
from kernel.problem import RETRYABLE_STATUSES, problem_body
from tests.fakes.addresses import own_address
from tests.fakes.tcp_proxy import close_sockets

ROOT = Path(__file__).resolve().parents[2]
STARTUP_S = 10.0
ANSWER_S = 20.0
# 쪽을 여는 브라우저가 싣는 것, 소켓을 여는 이가 싣는 것, 모든 답에 있어야 하는 머리글.
BROWSER = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
WEBSOCKET = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
SECURITY_HEADERS = (
    "x-content-type-options", "referrer-policy", "permissions-policy",
    "cross-origin-resource-policy", "cross-origin-opener-policy",
)  # fmt: skip


@dataclass
class RawAnswer:
    """손으로 보낸 요청의 답."""

    status: int
    headers: dict[str, str]
    body: str

    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"] == "application/problem+json"
        body: dict[str, Any] = json.loads(self.body)
        return body


class Backend:
    """뒤의 서버 하나. 받은 요청의 머리를 되돌려 주거나, `/cut`이면 말없이 끊는다.

    `answers`는 길마다의 통째 답이다.
    """

    def __init__(
        self, host: str, answers: Mapping[bytes, bytes] | None = None, ports: tuple[int, ...] = (8000, 8001)
    ) -> None:
        self._answers = dict(answers or {})
        self._sockets = [self._listen(host, port) for port in ports]

    def _listen(self, host: str, port: int) -> socket.socket:
        listener = socket.create_server((host, port), backlog=64)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with closing(client):
            head = client.recv(65536)
            if b" /cut" in head[:64]:
                return
            if (told := self._answers.get(head.split(b" ", 2)[1])) is not None:
                client.sendall(told)
                return
            body = head.partition(b"\r\n\r\n")[0]
            client.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body)
            )

    def close(self) -> None:
        """닫는다. 받기를 기다리는 스레드도 깨운다: 그러지 않으면 커널이 그 자리를 쥔 채다."""
        close_sockets(*self._sockets)


def send_to(host: str, request: str | bytes, *, port: int = 8080, source: str = "") -> RawAnswer:
    """새 연결로 한 요청을 보내고 답을 끝까지 읽는다. `source`는 보내는 쪽의 주소다."""
    address = (source, 0) if source else None
    with socket.create_connection((host, port), timeout=ANSWER_S, source_address=address) as client:
        return exchange(client, request)


def exchange(client: socket.socket, request: str | bytes) -> RawAnswer:
    """이어진 연결로 한 요청을 보내고 답을 끝까지 읽는다."""
    client.sendall(request.encode() if isinstance(request, str) else request)
    parts = b""
    while b"\r\n\r\n" not in parts or len(parts.partition(b"\r\n\r\n")[2]) < _length(parts):
        part = client.recv(65536)
        if not part:
            break
        parts += part
    head, _, body = parts.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return RawAnswer(int(lines[0].split()[1]), headers, body.decode())


def _length(parts: bytes) -> int:
    found = re.search(rb"(?i)content-length: (\d+)", parts)
    return int(found[1]) if found else 1 << 30


@contextmanager
def haproxy(log_path: Path, **environment: str) -> Iterator[None]:
    """설정 그대로의 HAProxy 하나. 늦은 본문을 기다리는 시간만 줄인다."""
    settings = {"HANPAN_LB_BODY_TIMEOUT_S": "1", **environment}
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            ["haproxy", "-db", "-f", "infra/lb/haproxy.cfg"],
            cwd=ROOT, env={**os.environ, **settings}, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        _wait_for(environment["LB_PUBLIC_BIND"], 8080, process, log_path)
        yield
    finally:
        process.kill()
        process.wait(timeout=10)


def _wait_for(host: str, port: int, process: subprocess.Popen[bytes], log_path: Path) -> None:
    deadline_s = time.monotonic() + STARTUP_S
    while time.monotonic() < deadline_s:
        assert process.poll() is None, log_path.read_text("utf-8")
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("HAProxy가 제때 뜨지 않았다")


def assert_like_the_code(answer: RawAnswer, status: int, language: str = "ko") -> None:
    """답이 코드가 만들 그 본문이다. 추적 번호만 요청마다 다르다."""
    problem = answer.problem()
    trace_id = problem["trace_id"]
    assert re.fullmatch("[0-9a-f]{32}", trace_id)
    assert answer.status == status
    assert problem == problem_body(LB_ERRORS[status], trace_id=trace_id, status=status, language=language)
    assert answer.headers["content-language"] == language
    assert ("retry-after" in answer.headers) == (status in RETRYABLE_STATUSES)


@contextmanager
def balanced(
    first: int, log_path: Path, answers: Mapping[bytes, bytes] | None = None, **settings: str
) -> Iterator[str]:
    """`own_address`의 `first`번에 선 LB의 주소. 뒤의 셋은 다음 번호들이다."""
    host, platform, *gateways = (own_address(first + step) for step in range(4))
    behind = [Backend(address, answers) for address in (platform, *gateways)]
    places = {
        "LB_PUBLIC_BIND": host, "LB_BIND": host, "PLATFORM_HOST": platform,
        "GATEWAY1_HOST": gateways[0], "GATEWAY2_HOST": gateways[1],
    }  # fmt: skip
    try:
        with haproxy(log_path, **places, **settings):
            yield host
    finally:
        for backend in behind:
            backend.close()


@contextmanager
def socket_server(host: str) -> Iterator[None]:
    """gateway의 자리에서 받은 것을 되돌려 주는 WebSocket 서버. 상태 확인(8001)에도 답한다."""
    probe = Backend(host, ports=(8001,))
    try:
        with serve(_repeat, host, 8000) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield
    finally:
        probe.close()


def _repeat(connection: ServerConnection) -> None:
    for message in connection:
        connection.send(message)
