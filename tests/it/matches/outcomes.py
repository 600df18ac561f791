"""시험이 쓰는 선수와 판의 결과를 만든다."""

from __future__ import annotations

from typing import Any

from kernel.ids import new_id
from matches.outcome import MatchOutcome, PlayerOutcome
from players.models import Player


def make_players(count: int) -> list[str]:
    """선수를 만들고 id를 순서대로 준다."""
    players = [Player(id=new_id(), name=f"선수{index}") for index in range(count)]
    Player.objects.bulk_create(players)
    return sorted(str(player.id) for player in players)


def finished(player_ids: list[str], *, match_id: str | None = None, **changed: Any) -> MatchOutcome:
    """`player_ids`의 순서대로 등수를 매긴 끝난 판."""
    fields: dict[str, Any] = {
        "match_id": match_id or new_id(), "mode": "duel", "region": "local", "server_id": "session1",
        "status": "finalized", "abort_code": "",
        "players": tuple(
            PlayerOutcome(player_id=player_id, place=place, score=100 - place)
            for place, player_id in enumerate(player_ids, start=1)
        ),
        "created_at_ms": 1_700_000_000_000, "started_at_ms": 1_700_000_001_000,
        "ended_at_ms": 1_700_000_021_000, "ticks": 400, "seed": 7,
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }  # fmt: skip
    return MatchOutcome(**{**fields, **changed})


def aborted(
    player_ids: list[str], *, match_id: str | None = None, code: str = "SESSION_LOST"
) -> MatchOutcome:
    """중단된 판."""
    return finished(player_ids, match_id=match_id, status="aborted", abort_code=code)
