"""드레인하면 어떻게 되는가. 누르기 전에 보이는 숫자이고 순수하다."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from redisstore.servers.rows import Fleet, ServerRow, ServerState


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainPreview:
    """드레인의 앞날. `matches`는 기다릴 판(여는 판과 임대도)이고, 길어야 `at_most_ms` 뒤에 모두 끝난다.

    `cuts_matches`면 유예가 먼저 다해 남은 판이 무효가 된다. `others_ready`와 `room_elsewhere`는 새 판을
    받을 다른 서버의 수와 그 빈자리다.
    """

    matches: int
    at_most_ms: int
    grace_ms: int
    cuts_matches: bool
    others_ready: int
    room_elsewhere: int


def preview_drain(fleet: Fleet, row: ServerRow, grace_ms: int) -> DrainPreview:
    """지금 이 서버를 드레인하면."""
    matches = max(row.load, row.running)
    others = [other for other in fleet.servers if other.server_id != row.server_id and takes_matches(other)]
    return DrainPreview(
        matches=matches,
        at_most_ms=min(row.longest_left_ms, grace_ms) if matches else 0,
        grace_ms=grace_ms,
        cuts_matches=bool(matches) and row.longest_left_ms > grace_ms,
        others_ready=len(others),
        room_elsewhere=free_places(others),
    )


def takes_matches(row: ServerRow) -> bool:
    """새 판을 받는 서버인가."""
    return row.state is ServerState.READY and not row.drain_intended


def free_places(rows: Iterable[ServerRow]) -> int:
    """새 판이 들어갈 수 있는 빈자리. 0이면 선수들이 줄에서 기다린다."""
    return sum(max(0, row.capacity - row.load) for row in rows if takes_matches(row))
