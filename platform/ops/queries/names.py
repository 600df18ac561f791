"""여러 선수의 이름을 한 번에."""

from __future__ import annotations

from collections.abc import Iterable

from players.models import Player


def names_of(player_ids: Iterable[str]) -> dict[str, str]:
    """{선수: 이름}. 모르는 선수는 없다."""
    wanted = set(player_ids)
    if not wanted:
        return {}
    return {str(player.pk): player.name for player in Player.objects.filter(pk__in=wanted).only("name")}
