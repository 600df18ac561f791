"""볼륨(데이터)의 자리: 프로젝트의 폴더 아래거나, 시험이면 메모리(tmpfs)다.

메모리의 것은 프로젝트의 `volumes`가 그리로 가는 링크다. 뒤따르는 명령은 어디에 있는지 몰라도 된다.
프로세스가 죽어도(kill -9) 남는 것은 디스크와 같고, 느린 디스크의 fsync가 시험의 때를 흔들지 않는다.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

# 한 벌의 MariaDB(redo, binlog)와 Redis가 시험 동안 쓰는 것보다 넉넉하다.
LEAST_FREE_BYTES = 3 * 2**30


def make_in_memory(volumes_dir: Path, memory: Path) -> bool:
    """`memory`에 빈 폴더를 만들고 `volumes_dir`를 그리로 잇는다. 자리가 없거나 데이터가 이미 있으면 거짓."""
    if volumes_dir.exists() or not os.access(memory, os.W_OK):
        return False
    if shutil.disk_usage(memory).free < LEAST_FREE_BYTES:
        return False
    volumes_dir.parent.mkdir(parents=True, exist_ok=True)
    volumes_dir.unlink(missing_ok=True)  # 기계가 다시 떠 데이터는 사라지고 링크만 남았다
    volumes_dir.symlink_to(tempfile.mkdtemp(prefix="hanpan-", dir=memory))
    return True


def is_in_memory(volumes_dir: Path) -> bool:
    """데이터가 메모리에 있는가."""
    return volumes_dir.is_symlink()


def remove(volumes_dir: Path) -> None:
    """어디에 있든 데이터를 지운다. 없으면 아무 일도 없다."""
    shutil.rmtree(volumes_dir.resolve(), ignore_errors=True)
    if volumes_dir.is_symlink():
        volumes_dir.unlink()
