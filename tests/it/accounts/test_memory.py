"""platform의 메모리: 비밀번호를 해시한 스레드들이 그 메모리를 쥐고 있지 않는다."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from stack.compose import ComposeFile

ROOT = Path(__file__).parents[3]
THREADS = 16
# 쥐고 있으면 스레드마다 19 MiB, 모두 300 MiB쯤이다.
KEPT_LIMIT_MIB = 60
HASH_IN_EVERY_THREAD = f"""
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from argon2.low_level import Type, hash_secret

def rss_mib():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20

together = threading.Barrier({THREADS})

def hash_thrice(_number):
    for _ in range(3):
        together.wait(60)
        hash_secret(b"password", b"salt-of-the-test", 2, 19_456, 1, 32, Type.ID)

with ThreadPoolExecutor({THREADS}) as pool:
    list(pool.map(hash_thrice, range({THREADS})))
    list(pool.map(hash_thrice, range({THREADS})))
    print(rss_mib())
"""


def test_threads_that_hashed_give_the_memory_back() -> None:
    services = ComposeFile.read(ROOT / "infra" / "compose" / "e2e.yml").resolve({}).services
    allocator = {
        name: value for name, value in services["platform"].environment.items() if name.startswith("MALLOC_")
    }
    assert allocator, "platform의 환경에 glibc의 조절값이 없다"
    assert _rss_after_mib(allocator) < KEPT_LIMIT_MIB


def _rss_after_mib(allocator: dict[str, str]) -> float:
    done = subprocess.run(
        [sys.executable, "-c", HASH_IN_EVERY_THREAD],
        env={**os.environ, **allocator},
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return float(done.stdout)
