"""supervisord와 유닉스 소켓으로 말하는 작은 XML-RPC 손님. 모든 호출에 제한 시간이 있다."""

from __future__ import annotations

import http.client
import socket
import xmlrpc.client
from pathlib import Path
from typing import Any, cast

CALL_TIMEOUT_S = 10.0


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=CALL_TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.sock.settimeout(self.timeout)
            self.sock.connect(str(self._path))
        except OSError:
            self.close()
            raise


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = _UnixConnection(self._path)
        # Transport.close()는 여기 적힌 연결만 닫는다.
        self._connection = host, connection
        return connection


class SupervisorClient:
    """supervisord 하나. 연결할 수 없으면 OSError, supervisord가 거절하면 xmlrpc.client.Fault.

    부를 때마다 새로 연결하므로 여러 스레드가 함께 써도 된다.
    """

    def __init__(self, socket_path: Path) -> None:
        self._socket_path = socket_path

    def is_up(self) -> bool:
        """supervisord가 답하는가."""
        try:
            self._call("getState")
        except OSError:
            return False
        return True

    def supervisord_pid(self) -> int:
        """supervisord 자신의 pid."""
        return int(self._call("getPID"))

    def start(self, program: str) -> None:
        """프로그램을 띄우라고 하고 바로 돌아온다."""
        self._call("startProcess", program, False)

    def stop(self, program: str) -> None:
        """프로그램에 멈춤 신호를 보내고 바로 돌아온다."""
        self._call("stopProcess", program, False)

    def info(self, program: str) -> dict[str, Any]:
        """프로그램 하나의 상태(statename, pid, exitstatus, spawnerr)."""
        return cast(dict[str, Any], self._call("getProcessInfo", program))

    def all_info(self) -> list[dict[str, Any]]:
        """모든 프로그램의 상태."""
        return cast(list[dict[str, Any]], self._call("getAllProcessInfo"))

    def shutdown(self) -> None:
        """supervisord를 끝내라고 한다. 남은 프로그램도 멈춘다."""
        self._call("shutdown")

    def _call(self, method: str, *arguments: Any) -> Any:
        with xmlrpc.client.ServerProxy(
            "http://localhost", transport=_UnixTransport(self._socket_path)
        ) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)
