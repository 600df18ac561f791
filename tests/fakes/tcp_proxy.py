"""서버 앞의 TCP 중계. 이어받은 쪽이 올라가는 덩이를 늦추거나 끊는다."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

CHUNK = 65_536
CONNECT_S = 5.0


class TcpProxy:
    """`upstream`으로 잇는 중계. 어느 한 끝이 닫히면 다른 끝도 닫는다."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept_forever, daemon=True).start()

    def send_up(self, data: bytes, client: socket.socket, server: socket.socket) -> bool:
        """올라가는 덩이 하나를 보낸다. 이 줄을 더 나르지 않으려면 False."""
        server.sendall(data)
        return True

    def close(self) -> None:
        """새 줄을 받지 않는다. 이어진 줄은 어느 한 끝이 닫을 때 닫힌다."""
        close_sockets(self._listener)

    def _accept_forever(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._upstream, CONNECT_S)
            except OSError:
                close_sockets(client)  # 죽은 서버의 줄은 곧바로 끊긴다
                continue
            server.settimeout(None)
            for pump in (self._upward, self._downward):
                threading.Thread(target=pump, args=(client, server), daemon=True).start()

    def _upward(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):  # 어느 한 끝이 끊겼다
            while data := client.recv(CHUNK):
                if not self.send_up(data, client, server):
                    return
        close_sockets(client, server)

    def _downward(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):  # 어느 한 끝이 끊겼다
            while data := server.recv(CHUNK):
                client.sendall(data)
        close_sockets(client, server)


class SlowProxy(TcpProxy):
    """올라가는 덩이마다 `delay_s`초를 기다렸다가 보낸다."""

    delay_s = 0.0

    def send_up(self, data: bytes, client: socket.socket, server: socket.socket) -> bool:
        time.sleep(self.delay_s)
        return super().send_up(data, client, server)


def close_sockets(*sockets: socket.socket) -> None:
    """기다리던 스레드도 깨도록 끊고 닫는다."""
    for each in sockets:
        with contextlib.suppress(OSError):  # 이미 끊겼다
            each.shutdown(socket.SHUT_RDWR)
        each.close()


P = TypeVar("P", bound=TcpProxy)


@contextmanager
def proxying(proxy: P) -> Iterator[P]:
    """끝나면 중계를 닫는다."""
    try:
        yield proxy
    finally:
        proxy.close()
