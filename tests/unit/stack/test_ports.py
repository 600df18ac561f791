"""포트를 쓰는 프로세스를 찾고 알아듣게 말하기. /proc은 만든 폴더로 대신한다."""

from __future__ import annotations

from pathlib import Path

import pytest

from stack import ports
from stack.errors import PortInUse

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def line(address: str, state: str, inode: int) -> str:
    queues = "00000000:00000000 00:00000000 00000000     0        0"
    return f"   0: {address} 00000000:0000 {state} {queues} {inode} 1\n"


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tcp").write_text(
        HEADER + line("0100007F:1F90", "0A", 555) + line("0100007F:1F91", "01", 556), encoding="ascii"
    )
    (tmp_path / "net" / "tcp6").write_text(HEADER + line("0" * 32 + ":18EB", "0A", 777), encoding="ascii")
    for pid, name, inode in ((41, "haproxy", 555), (9, "redis-server", 777), (7, "other", 556)):
        (tmp_path / str(pid) / "fd").mkdir(parents=True)
        (tmp_path / str(pid) / "comm").write_text(f"{name}\n", encoding="utf-8")
        (tmp_path / str(pid) / "fd" / "0").symlink_to("/dev/null")
        (tmp_path / str(pid) / "fd" / "3").symlink_to(f"socket:[{inode}]")
    return tmp_path


def test_the_listener_is_named_with_its_pid(proc: Path) -> None:
    assert ports.port_owner("127.0.0.1", 8080, proc) == "haproxy(pid 41)"


def test_who_listens_everywhere_blocks_every_address(proc: Path) -> None:
    assert ports.port_owner("127.3.4.10", 6379, proc) == "redis-server(pid 9)"
    assert ports.port_owner("0.0.0.0", 8080, proc) == "haproxy(pid 41)"  # noqa: S104 - 여는 것이 아니라 묻는다


def test_a_listener_at_another_address_is_not_to_blame(proc: Path) -> None:
    assert ports.port_owner("127.3.4.10", 8080, proc) is None


def test_a_connection_is_not_a_listener(proc: Path) -> None:
    assert ports.port_owner("127.0.0.1", 8081, proc) is None


def test_a_listener_we_may_not_see_is_unknown(proc: Path) -> None:
    (proc / "41" / "fd" / "3").unlink()
    assert ports.port_owner("127.0.0.1", 8080, proc) is None


def test_the_first_busy_port_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "can_listen", lambda _host, port: port != 8080)
    monkeypatch.setattr(ports, "port_owner", lambda _host, _port: "haproxy(pid 41)")
    with pytest.raises(PortInUse) as caught:
        ports.require_free([("127.3.4.10", 8000), ("127.0.0.1", 8080)])
    assert str(caught.value).startswith("포트 8080(127.0.0.1)을 haproxy(pid 41)이(가) 이미 쓰고 있습니다.")
    ports.require_free([("127.3.4.10", 8000)])


def test_an_unknown_owner_still_reads_well() -> None:
    assert "포트 8080(127.0.0.1)을 다른 프로세스가 이미 쓰고 있습니다." in str(
        PortInUse("127.0.0.1", 8080, None)
    )
