"""서버 프로세스들의 CPU와 메모리를 /proc에서 읽는다. 로컬 런타임에서만 잰다(프로세스가 이 기계에 있다)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from load.figures import ProcessUse

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
UTIME_FIELD = 13
STIME_FIELD = 14
RSS_FIELD = 23


@dataclass(frozen=True, slots=True)
class _Sample:
    cpu_s: float
    memory_mib: float


def _read(pid: int) -> _Sample:
    # 둘째 칸(이름)에는 빈칸이 올 수 있어 닫는 괄호 뒤부터 센다.
    fields = ["", "", *Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()]
    cpu_ticks = int(fields[UTIME_FIELD]) + int(fields[STIME_FIELD])
    return _Sample(cpu_ticks / TICKS_PER_S, int(fields[RSS_FIELD]) * PAGE_BYTES / 2**20)


def memory_mib(pid: int) -> float:
    """프로세스가 지금 쥔 메모리(RSS, MiB). 사라졌으면 FileNotFoundError."""
    return _read(pid).memory_mib


class UseMeter:
    """시작한 때부터 지금까지 프로세스마다 쓴 것. `pids`는 이름 → 프로세스 번호."""

    def __init__(self, pids: dict[str, int]) -> None:
        self._pids = pids
        self._start = {name: _read(pid) for name, pid in pids.items()}

    def uses(self) -> list[ProcessUse]:
        """이름순의 쓰임. 그 사이 사라진 프로세스가 있으면 FileNotFoundError."""
        used = []
        for name, pid in sorted(self._pids.items()):
            now = _read(pid)
            used.append(
                ProcessUse(name=name, cpu_s=now.cpu_s - self._start[name].cpu_s, memory_mib=now.memory_mib)
            )
        return used
