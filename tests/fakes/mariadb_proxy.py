"""MariaDB 앞의 TCP 중계. COMMIT이 지나갈 때 줄을 끊는다: 그 COMMIT의 끝을 클라이언트는 모른다."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

COMMIT = b"\x03COMMIT"  # COM_QUERY와 글
CHUNK = 65_536
CONNECT_S = 5.0


class Cut(Enum):
    """COMMIT에서 줄을 끊는 때."""

    BEFORE = "서버에 닿기 전"
    AFTER_SENDING = "서버에 보낸 직후(답도 끝도 기다리지 않는다)"
    AFTER_REPLY = "서버가 답한 뒤, 클라이언트에 닿기 전"


class MariaDbProxy:
    """`upstream`으로 잇는 중계. `cut_next`가 부른 다음의 COMMIT 하나만 끊는다."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._armed: Cut | None = None
        self._lock = threading.Lock()
        self.cuts = 0
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept_forever, daemon=True).start()

    def cut_next(self, cut: Cut) -> None:
        """다음에 지나는 COMMIT에서 끊는다."""
        with self._lock:
            self._armed = cut

    def close(self) -> None:
        """새 줄을 받지 않는다. 이어진 줄은 어느 한 끝이 닫을 때 닫힌다."""
        _close(self._listener)

    def _accept_forever(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._upstream, CONNECT_S)
            server.settimeout(None)
            threading.Thread(target=self._upward, args=(client, server), daemon=True).start()
            threading.Thread(target=_downward, args=(client, server), daemon=True).start()

    def _upward(self, client: socket.socket, server: socket.socket) -> None:
        while data := _receive(client):
            cut = self._cut_of(data)
            if cut is None:
                server.sendall(data)
                continue
            self.cuts += 1
            if cut is Cut.AFTER_REPLY:
                # 답이 클라이언트로 흐르지 않도록 그쪽을 먼저 닫는다. 서버는 끝까지 일하고 답한다.
                _close(client)
            if cut is not Cut.BEFORE:
                server.sendall(data)
            if cut is Cut.AFTER_REPLY:
                return  # 답을 본 내려가는 쪽이 서버를 닫는다
            break
        _close(client, server)

    def _cut_of(self, data: bytes) -> Cut | None:
        if COMMIT not in data:
            return None
        with self._lock:
            cut, self._armed = self._armed, None
        return cut


def _downward(client: socket.socket, server: socket.socket) -> None:
    while data := _receive(server):
        try:
            client.sendall(data)
        except OSError:
            break  # 받을 쪽이 끊겼다
    _close(client, server)


def _receive(source: socket.socket) -> bytes:
    try:
        return source.recv(CHUNK)
    except OSError:
        return b""


def _close(*sockets: socket.socket) -> None:
    for each in sockets:
        with contextlib.suppress(OSError):  # 이미 끊겼다
            each.shutdown(socket.SHUT_RDWR)
        each.close()


@contextmanager
def mariadb_proxy(upstream: tuple[str, int]) -> Iterator[MariaDbProxy]:
    """빈 포트에서 중계를 열고 닫는다."""
    proxy = MariaDbProxy(upstream)
    try:
        yield proxy
    finally:
        proxy.close()
