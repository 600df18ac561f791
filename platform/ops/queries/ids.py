"""번호의 앞부분(또는 화면에 보이는 `01a20974…2897`)으로 판과 선수를 찾는다.

번호가 UUIDv7이라 앞부분은 시각의 한 토막이다: 색인의 한 범위만 읽고, 그 안에서도 많아야 CANDIDATES개를 본다.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from fleet.wiring import drain_orders
from kernel.errors import Unavailable
from matches.models import MatchResult
from players.models import Player
from redisstore.matches_listing import live_ids
from redisstore.platform_client import redis_gate

CANDIDATES: Final = 2_000  # 끝 네 글자를 견주려고 보는 수
FOUND_MAX: Final = 20
_PART = re.compile(r"(?P<head>[0-9a-f][0-9a-f-]{5,34})(?:(?:…|\.\.\.?)(?P<tail>[0-9a-f]{4}))?")
_LOWEST = "00000000-0000-7000-8000-000000000000"
_HIGHEST = "ffffffff-ffff-7fff-bfff-ffffffffffff"


@dataclass(frozen=True, slots=True)
class IdPart:
    """번호의 앞과, 알면 끝의 네 글자."""

    head: str
    tail: str = ""

    @property
    def lowest(self) -> str:
        """이렇게 시작하는 가장 작은 번호."""
        return self.head + _LOWEST[len(self.head) :]

    @property
    def highest(self) -> str:
        """이렇게 시작하는 가장 큰 번호."""
        return self.head + _HIGHEST[len(self.head) :]

    def names(self, identifier: str) -> bool:
        """이 번호를 가리키는가."""
        return identifier.startswith(self.head) and identifier.endswith(self.tail)


@dataclass(frozen=True, slots=True)
class Named:
    """찾은 것 하나. `name`은 선수의 이름이고 판이면 비어 있다."""

    identifier: str
    name: str = ""


def id_part(text: str) -> IdPart | None:
    """찾는 글이 번호의 앞부분(여섯 글자부터)이면 그것. 줄표의 자리까지 맞아야 한다."""
    found = _PART.fullmatch(text.strip().lower())
    if found is None:
        return None
    head = found["head"]
    dashes = [index for index, mark in enumerate(_LOWEST) if mark == "-" and index < len(head)]
    fits = all((mark == "-") == (index in dashes) for index, mark in enumerate(head))
    return IdPart(head, found["tail"] or "") if fits else None


def players_with(part: IdPart) -> list[Named]:
    """번호가 그렇게 시작하는 선수들. 많아야 FOUND_MAX명이다."""
    rows = player_candidates(part)
    return [Named(str(row.pk), row.name) for row in rows if part.names(str(row.pk))][:FOUND_MAX]


def player_candidates(part: IdPart) -> list[Player]:
    """번호의 범위에서 CANDIDATES명까지."""
    rows = Player.objects.filter(pk__range=(part.lowest, part.highest)).only("pk", "name")
    return list(rows.order_by("pk")[:CANDIDATES])


def matches_with(part: IdPart) -> list[Named]:
    """번호가 그렇게 시작하는 판들: 끝난 것은 MariaDB에서, 도는 것은 Redis에서(멈췄으면 끝난 것만)."""
    ids = [str(match_id) for match_id in match_candidates(part)]
    found = {each for each in [*ids, *_live_ids()] if part.names(each)}
    return [Named(each) for each in sorted(found)[:FOUND_MAX]]


def match_candidates(part: IdPart) -> list[object]:
    """번호의 범위에서 CANDIDATES판까지."""
    rows = MatchResult.objects.filter(match_id__range=(part.lowest, part.highest))
    return list(rows.order_by("match_id").values_list("match_id", flat=True)[:CANDIDATES])


def _live_ids() -> list[str]:
    try:
        servers = [row.server_id for row in drain_orders().fleet().servers]
        return live_ids(redis_gate(), settings.REGION, servers)[0]
    except Unavailable:
        return []
