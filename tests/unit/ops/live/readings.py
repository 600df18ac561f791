"""시험이 쓰는 프로세스의 숫자와 한 벌의 숫자를 만든다."""

from __future__ import annotations

from typing import Any

from ops.live.exposition import ProcessFigures
from ops.live.reading import Reading


def figures(**changed: Any) -> ProcessFigures:
    """아무 일도 없는 프로세스에서 `changed`만 다른 것."""
    quiet: dict[str, Any] = {
        "connections": 0, "matches": 0, "finalized_total": 0.0, "pending_results": 0, "pending_oldest_s": 0.0,
        "queue_modes": (), "violations": 0,
    }  # fmt: skip
    return ProcessFigures(**{**quiet, **changed})


def reading(source: str = "a", at_ms: int = 0) -> Reading:
    """비어 있는 한 벌."""
    return Reading(source=source, at_ms=at_ms, redis=True, processes=(), numbers=None, servers=())
