"""되살리기: 잡힌 채 만들어지지 않은 판을 마무리한다. 잡은 matchmaking이 죽었거나 답을 잃은 판들이다.

표의 나이만 보고 시작하므로 누가 잡았는지 묻지 않는다: 산 matchmaking은 8초 안에 손을 떼고(MAKE_BUDGET_S),
그 뒤에는 새 자리를 잡지 못한다(ALLOCATE_WITHIN_MS). 두 인스턴스가 함께 해도 스크립트가 멱등이라 결과는 같다.
"""

from __future__ import annotations

from collections import defaultdict

from gameservices.matchmaking.director.claimed_matches import ClaimedMatches
from gameservices.matchmaking.director.match_plan import MatchPlan
from gameservices.matchmaking.director.placement import MatchPlacement
from kernel.errors import HanpanError
from redisstore.tickets.rows import Ticket
from telemetry.logs import get_logger

log = get_logger(__name__)

RECOVER_AFTER_MS = 10_000
GIVE_UP_AFTER_MS = 25_000  # claim이 사라지기(30초) 전에, 굳힌 채 답하지 않는 서버의 판을 단념한다


class Recovery:
    """한 리전의 되살리기."""

    def __init__(self, claimed: ClaimedMatches, placement: MatchPlacement) -> None:
        self._claimed = claimed
        self._placement = placement

    async def sweep(self, now_ms: int) -> None:
        """오래 열린 판을 모두 마무리한다. 시각은 Redis의 ms.

        Raises:
            Unavailable: Redis가 예산 안에 답하지 않았다. 남은 것은 다음에 한다.
        """
        for mode in self._claimed.modes:
            stale = await self._claimed.tickets.stale_claims(
                mode, now_ms=now_ms, older_than_ms=RECOVER_AFTER_MS
            )
            if stale:
                await self._sweep_mode(mode, stale, now_ms)

    async def _sweep_mode(self, mode: str, ticket_ids: list[str], now_ms: int) -> None:
        statuses = await self._claimed.tickets.fetch(ticket_ids)
        await self._claimed.tickets.drop_ghosts(mode, [name for name in ticket_ids if name not in statuses])
        by_match: dict[str, list[Ticket]] = defaultdict(list)
        for status in statuses.values():
            by_match[status.match_id].append(status.ticket)
        for match_id, tickets in by_match.items():
            if not self._placement.is_making(match_id):
                await self._recover(await self._plan(mode, match_id, tickets), now_ms)

    async def _plan(self, mode: str, match_id: str, tickets: list[Ticket]) -> MatchPlan:
        claimed = self._claimed
        claim = await claimed.tickets.read_claim(match_id)
        plan = None if claim is None else await claimed.plan_of(claim)
        # claim이 먼저 지났으면 남은 표로만 짠다. 새로 만들 수는 없고 되돌리거나 정할 수만 있다.
        return plan or MatchPlan(
            match_id=match_id, region=claimed.region, spec=claimed.modes[mode], seed=0, claimed_ms=0,
            tickets=tuple(sorted(tickets, key=lambda ticket: (ticket.joined_ms, ticket.ticket_id))),
        )  # fmt: skip

    async def _recover(self, plan: MatchPlan, now_ms: int) -> None:
        if await self._claimed.allocator.withdraw(plan.match_id):
            if plan.claimed_ms or await self._claimed.live.get(plan.match_id) is None:
                await self._placement.requeue(plan)
            else:
                log.warning("match.settled_late", match_id=plan.match_id)
                await self._placement.give_up(plan)
        elif not await self._finished(plan) and now_ms - plan.claimed_ms >= GIVE_UP_AFTER_MS:
            log.error("match.given_up", match_id=plan.match_id, players=len(plan.tickets))
            await self._placement.give_up(plan)

    async def _finished(self, plan: MatchPlan) -> bool:
        """굳힌 서버에 다시 물어(멱등) 알리고 정했는가."""
        pick = await self._claimed.allocator.holder(plan.match_id) if plan.claimed_ms else None
        if pick is None:
            return False
        try:
            made = await self._claimed.sessions.create(pick.address, plan.create_request())
        except HanpanError as error:
            log.warning("match.still_open", match_id=plan.match_id, server_id=pick.server_id, code=error.code)
            return False
        self._placement.publish(plan, made)
        await self._placement.settle(plan)
        return True
