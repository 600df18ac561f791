"""저장소의 시험이 여는 판."""

from __future__ import annotations

from collections.abc import Sequence

from redisstore.live_matches import CREATED, LiveMatch
from redisstore.seats import MatchOpening

RECORD_TTL_MS = 60_000


def opening(match_id: str, player_ids: Sequence[str], *, address: str) -> MatchOpening:
    """session1이 여는 duel."""
    match = LiveMatch(
        match_id=match_id,
        status=CREATED,
        mode="duel",
        region="local",
        server_id="session1",
        player_ids=tuple(player_ids),
        queued_at_ms=1,
        created_at_ms=2,
    )
    return MatchOpening(match=match, address=address, record_ttl_ms=RECORD_TTL_MS)
