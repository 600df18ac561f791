"""이미 잡힌 판을 다시 찾는 데 드는 것들. 놓친 통지와 되살리기가 함께 쓴다."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gameservices.matchmaking.director.allocator import Allocator
from gameservices.matchmaking.director.match_plan import MatchPlan
from gameservices.matchmaking.ports import LiveMatches, Sessions, TicketTable
from gameservices.rules.base import ModeSpec
from redisstore.tickets.rows import StoredClaim


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMatches:
    """한 리전의 잡힌 판: 표와 claim, 자리의 임대, 판을 둔 서버, 살아 있는 기록."""

    tickets: TicketTable
    allocator: Allocator
    sessions: Sessions
    live: LiveMatches
    region: str
    modes: Mapping[str, ModeSpec]

    async def plan_of(self, claim: StoredClaim) -> MatchPlan | None:
        """Redis에 남은 claim에서 판을 다시 짠다. 표가 하나라도 지났으면 None이다.

        Raises:
            Unavailable: Redis가 예산 안에 답하지 않았다.
        """
        found = await self.tickets.fetch(claim.ticket_ids)
        if claim.mode not in self.modes or len(found) < len(claim.ticket_ids):
            return None
        return MatchPlan(
            match_id=claim.match_id,
            region=self.region,
            spec=self.modes[claim.mode],
            seed=claim.seed,
            claimed_ms=claim.claimed_ms,
            tickets=tuple(found[ticket_id].ticket for ticket_id in claim.ticket_ids),
        )
