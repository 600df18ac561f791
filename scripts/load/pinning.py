"""서버는 코어 0, 부하는 코어 1. 견주는 도구들(telemetry, compare)이 같은 자리에서 잰다."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from load.figures import Report

SERVER_CORE, LOAD_CORE = 0, 1
OURS = ("platform", "gateway1", "gateway2", "matchmaking", "session1", "session2")


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """이 프로세스와 그 안에서 낳는 자식들을 코어 하나에 둔다. 코어가 하나뿐이면 그대로다."""
    before = os.sched_getaffinity(0)
    if len(before) > 1 and core in before:
        os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_s(report: Report, names: tuple[str, ...] = OURS) -> float:
    """`names`의 프로세스들이 쓴 CPU 초."""
    return sum(use.cpu_s for use in report.uses if use.name in names)
