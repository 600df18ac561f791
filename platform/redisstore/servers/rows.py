"""등록부가 주고받는 값들: 서버의 상태, 한 줄, 한 순간의 모습. asyncio와 스레드의 읽기가 같은 물음을 쓴다."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

DEFAULT_POOL = "default"
SERVER_FIELDS = (
    "address", "state", "capacity", "running", "version", "seen", "pool", "boot", "left", "drain_left",
)  # fmt: skip


class ServerState(StrEnum):
    """서버가 스스로 말하는 상태. LOST는 하트비트가 끊겨 hash가 지난 서버다(말하지 않고 읽힌다)."""

    STARTING = "starting"
    READY = "ready"
    DRAINING = "draining"
    DRAINED = "drained"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRow:
    """등록부의 한 줄. `load`는 도는 판 + 임대, `seen_ms`는 마지막 하트비트의 Redis 시각이다.

    `longest_left_ms`는 그 하트비트 때 가장 오래 남은 판의 남은 시간, `drain_left_ms`는 남은 유예다(드레인하지
    않으면 None). 하트비트가 끊긴 서버의 칸은 비어 있다(`pool`도 빈 글이다).
    """

    server_id: str
    address: str
    state: ServerState
    capacity: int
    running: int
    load: int
    version: str
    seen_ms: int
    drain_intended: bool
    pool: str = DEFAULT_POOL
    boot_id: str = ""
    longest_left_ms: int = 0
    drain_left_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Fleet:
    """한 순간의 등록부. 서버는 이름순, `now_ms`는 그때의 Redis 시각이다."""

    now_ms: int
    servers: tuple[ServerRow, ...]

    def find(self, server_id: str) -> ServerRow | None:
        """그 이름의 서버. 등록부에 없으면 None."""
        return next((row for row in self.servers if row.server_id == server_id), None)

    def with_lost(self, server_id: str, *, drain_intended: bool) -> Fleet:
        """등록부에 없는 그 서버가 하트비트가 끊긴 줄로 더해진 모습."""
        row = _server_row(server_id, 0, [None] * len(SERVER_FIELDS), drain_intended=drain_intended)
        return _in_order(self.now_ms, [*self.servers, row])

    def age_ms(self, row: ServerRow) -> int | None:
        """마지막 하트비트의 나이. 하트비트가 끊겨 언제였는지도 모르면 None."""
        return max(0, self.now_ms - row.seen_ms) if row.seen_ms else None


def fleet_from(reply: Sequence[Any]) -> Fleet:
    """`fleet_read` 스크립트의 답(칸들은 SERVER_FIELDS의 차례다)을 한 모습으로 옮긴다."""
    (seconds, micros), draining, rows = reply
    listed = [
        _server_row(server_id, int(load), row, drain_intended=server_id in draining)
        for server_id, load, row in rows
    ]
    return _in_order(int(seconds) * 1000 + int(micros) // 1000, listed)


def _in_order(now_ms: int, rows: Iterable[ServerRow]) -> Fleet:
    return Fleet(now_ms, tuple(sorted(rows, key=lambda row: row.server_id)))


def _server_row(server_id: str, load: int, row: Sequence[str | None], *, drain_intended: bool) -> ServerRow:
    address, state, capacity, running, version, seen_ms, pool, boot_id, left_ms, drain_left_ms = row
    return ServerRow(
        server_id=server_id,
        address=address or "",
        state=ServerState(state) if state else ServerState.LOST,
        capacity=int(capacity or 0),
        running=int(running or 0),
        load=load,
        version=version or "",
        seen_ms=int(seen_ms or 0),
        drain_intended=drain_intended,
        pool=pool or "",
        boot_id=boot_id or "",
        longest_left_ms=int(left_ms or 0),
        drain_left_ms=None if drain_left_ms in {None, "-1"} else int(drain_left_ms),
    )
