"""MariaDB 앞의 중계. COMMIT이 지나갈 때 줄을 끊는다: 그 COMMIT의 끝을 클라이언트는 모른다."""

from __future__ import annotations

import socket
import threading
from enum import Enum

from tests.fakes.tcp_proxy import TcpProxy, close_sockets

COMMIT = b"\x03COMMIT"  # COM_QUERY와 글


class CutPoint(Enum):
    """COMMIT에서 줄을 끊는 때."""

    BEFORE = "서버에 닿기 전"
    AFTER_SENDING = "서버에 보낸 직후(답도 끝도 기다리지 않는다)"
    AFTER_REPLY = "서버가 답한 뒤, 클라이언트에 닿기 전"


class MariaDbProxy(TcpProxy):
    """`cut_next`가 부른 다음의 COMMIT 하나만 끊는다."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._armed: CutPoint | None = None
        self._lock = threading.Lock()
        self.cuts = 0
        super().__init__(upstream)

    def cut_next(self, cut: CutPoint) -> None:
        """다음에 지나는 COMMIT에서 끊는다."""
        with self._lock:
            self._armed = cut

    def send_up(self, data: bytes, client: socket.socket, server: socket.socket) -> bool:
        cut = self._cut_of(data)
        if cut is None:
            return super().send_up(data, client, server)
        self.cuts += 1
        # 답이 클라이언트로 흐르지 않도록 그쪽을 먼저 닫는다.
        close_sockets(client)
        if cut is not CutPoint.BEFORE:
            server.sendall(data)
        if cut is not CutPoint.AFTER_REPLY:  # 답을 본 내려가는 쪽이 닫는다
            close_sockets(server)
        return False

    def _cut_of(self, data: bytes) -> CutPoint | None:
        if COMMIT not in data:
            return None
        with self._lock:
            cut, self._armed = self._armed, None
        return cut
