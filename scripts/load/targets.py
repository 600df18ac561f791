"""떠 있는 로컬 구성에서 CPU를 잴 프로세스들을 찾는다."""

from __future__ import annotations

from stack.selection import open_stack

MEASURED = (
    "lb",
    "platform",
    "gateway1",
    "gateway2",
    "matchmaking",
    "session1",
    "session2",
    "mariadb",
    "redis",
)


def local_pids(project: str) -> dict[str, int]:
    """서비스 이름 → 프로세스 번호. 도커이거나 떠 있지 않으면 비어 있다(그때는 CPU를 재지 않는다)."""
    status = open_stack("e2e", project, default="local").status()
    return {name: pid for name in MEASURED if name in status and (pid := status[name].pid) is not None}
