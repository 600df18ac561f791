"""느려질 수 있는 TCP 중계. 올라가는 덩이마다 `delay_s`초를 기다렸다가 보낸다."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

CHUNK = 65_536
CONNECT_S = 5.0


class SlowProxy:
    """`upstream`으로 잇는 중계 하나."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.delay_s = 0.0
        threading.Thread(target=self._accept_forever, daemon=True).start()

    def close(self) -> None:
        """새 줄을 받지 않는다."""
        _close(self._listener)

    def _accept_forever(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._upstream, CONNECT_S)
            except OSError:
                _close(client)  # 죽은 서버의 줄은 곧바로 끊긴다
                continue
            server.settimeout(None)
            for source, target, is_upward in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pump, args=(source, target, is_upward), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, is_upward: bool) -> None:
        with contextlib.suppress(OSError):  # 어느 한 끝이 끊겼다
            while data := source.recv(CHUNK):
                if is_upward and self.delay_s:
                    time.sleep(self.delay_s)
                target.sendall(data)
        _close(source, target)


def _close(*sockets: socket.socket) -> None:
    for each in sockets:
        with contextlib.suppress(OSError):  # 이미 끊겼다
            each.shutdown(socket.SHUT_RDWR)
        each.close()


@contextmanager
def slow_proxy(upstream: tuple[str, int]) -> Iterator[SlowProxy]:
    """빈 포트에서 중계를 열고 닫는다."""
    proxy = SlowProxy(upstream)
    try:
        yield proxy
    finally:
        proxy.close()
