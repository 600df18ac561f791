"""포트가 비었는지 미리 보고, 아니면 누가 쓰는지 /proc에서 찾는다."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

from stack.errors import PortInUse

_LISTEN = "0A"
PROC = Path("/proc")


def require_free(endpoints: Iterable[tuple[str, int]]) -> None:
    """모든 (주소, 포트)에 들을 수 있는지 본다. 하나라도 아니면 PortInUse."""
    for host, port in endpoints:
        if not can_listen(host, port):
            raise PortInUse(host, port, port_owner(host, port))


def can_listen(host: str, port: int) -> bool:
    """지금 이 자리에 들을 수 있는가. TIME_WAIT는 막지 않는다."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def port_owner(host: str, port: int, proc: Path = PROC) -> str | None:
    """이 자리를 막고 듣는 프로세스를 `이름(pid 번호)`로. 남의 프로세스라 볼 수 없으면 None."""
    inodes = set(_listening_inodes(host, port, proc))
    if not inodes:
        return None
    for process in sorted(proc.glob("[0-9]*"), key=lambda path: int(path.name)):
        if inodes & set(_socket_inodes(process)):
            return f"{_process_name(process)}(pid {process.name})"
    return None


def _listening_inodes(host: str, port: int, proc: Path) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (proc / "net" / table).read_text(encoding="ascii").splitlines()[1:]:
                columns = line.split()
                address, _, listening = columns[1].rpartition(":")
                if columns[3] == _LISTEN and int(listening, 16) == port and _blocks(address, host):
                    yield columns[9]


def _blocks(address: str, host: str) -> bool:
    """이 주소(/proc의 16진)에 듣는 것이 host에 듣는 것을 막는가: 같은 주소이거나 어느 한쪽이 모든 주소다."""
    wanted = socket.inet_aton(host)[::-1].hex().upper()
    return address.endswith(wanted) or not wanted.strip("0") or not address.strip("0")


def _socket_inodes(process: Path) -> Iterator[str]:
    # 남의 프로세스이거나 그사이 끝난 프로세스의 fd는 볼 수 없다: 찾지 못한 것으로 친다.
    with contextlib.suppress(OSError):
        for descriptor in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                target = str(descriptor.readlink())
                if target.startswith("socket:["):
                    yield target[len("socket:[") : -1]


def _process_name(process: Path) -> str:
    try:
        return (process / "comm").read_text(encoding="utf-8").strip()
    except OSError:
        return "?"
