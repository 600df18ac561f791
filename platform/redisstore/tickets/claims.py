"""대기표의 저장소: 줄(`QueueStore`)에, 표를 판에 잡고 정하고 되돌리고 선수를 놓아주는 일을 더한다.

쓰기는 모두 한 해시 태그 안의 스크립트 하나다. Redis가 멈추면 어느 메서드든 예산 안에 Unavailable을 던지고,
그때 쓰기의 결과는 모른다: claim은 match_id로 다시 물을 수 있다.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from kernel.errors import Unavailable
from redisstore import keys
from redisstore.scripts import Script, ScriptCall, decoded, named, raise_first
from redisstore.tickets.queue import QueueStore
from redisstore.tickets.reads import BACKGROUND_BUDGET_MS
from redisstore.tickets.rows import (
    Claimed,
    ClaimRequest,
    ClaimSettlement,
    Conflict,
    Release,
    Ticket,
    TicketVerdict,
)

MATCH_CLAIM = Script("match_claim")
MATCH_SETTLE = Script("match_settle")
MATCH_REQUEUE = Script("match_requeue")
PLAYER_RELEASE = Script("player_release")


class TicketStore(QueueStore):
    """한 리전의 대기표와 claim. 모든 메서드는 Redis가 예산 안에 답하지 않으면 Unavailable을 던진다."""

    async def claim(
        self, owner: str, requests: Sequence[ClaimRequest]
    ) -> list[Claimed | Conflict | Unavailable]:
        """판들을 한 왕복에 잡는다. 판마다 모두이거나 하나도 아니다.

        Raises:
            Unavailable: Redis에 닿지 않았다(잡혔을 수도 있다. 그런 판은 되살리기가 줍는다).
        """
        calls = [self._claim_call(owner, request) for request in requests]
        async with self._gate.open(BACKGROUND_BUDGET_MS) as client:
            replies = await MATCH_CLAIM.run_many(client, calls)
        return [decoded(reply, _claimed) for reply in replies]

    def _claim_call(self, owner: str, request: ClaimRequest) -> ScriptCall:
        call_keys = self._match_keys(request.mode, request.match_id)
        for ticket in request.tickets:
            call_keys += [
                keys.ticket(self._region, ticket.ticket_id),
                keys.player_guard(self._region, ticket.player_id),
            ]
        args = named(
            match_id=request.match_id, owner=owner, mode=request.mode, seed=request.seed,
            guard_ttl_ms=request.guard_ttl_ms, claim_ttl_ms=keys.CLAIM_MS,
            ticket_ids=[ticket.ticket_id for ticket in request.tickets],
            conn_ids=[ticket.conn_id for ticket in request.tickets],
        )  # fmt: skip
        return call_keys, [args]

    async def settle(self, matches: Sequence[ClaimSettlement]) -> list[int]:
        """만들어진 판들을 한 왕복에 적는다: 표가 줄에서 빠진다(멱등).

        판마다 이번에 정해진 표의 수를 준다.
        """
        calls: list[ScriptCall] = []
        for match in matches:
            call_keys = self._match_keys(match.mode, match.match_id)
            call_keys += [keys.ticket(self._region, ticket_id) for ticket_id in match.ticket_ids]
            calls.append((call_keys, [match.match_id, *match.ticket_ids]))
        async with self._gate.open(BACKGROUND_BUDGET_MS) as client:
            replies = await MATCH_SETTLE.run_many(client, calls)
            raise_first(replies)
        return replies

    async def requeue(self, mode: str, match_id: str, tickets: Sequence[Ticket]) -> dict[str, TicketVerdict]:
        """무산된 판의 표를 옛자리로 되돌린다(멱등). 그 판을 만들 서버가 없음이 확실할 때만 부른다."""
        call_keys = self._match_keys(mode, match_id)
        for ticket in tickets:
            call_keys += [
                keys.ticket(self._region, ticket.ticket_id),
                keys.player_guard(self._region, ticket.player_id),
            ]
        ticket_ids = [ticket.ticket_id for ticket in tickets]
        async with self._gate.open(BACKGROUND_BUDGET_MS) as client:
            verdicts = await MATCH_REQUEUE.run(client, call_keys, [match_id, *ticket_ids])
        return {ticket_id: TicketVerdict(v) for ticket_id, v in zip(ticket_ids, verdicts, strict=True)}

    async def release(self, match_id: str, player_ids: Collection[str]) -> int:
        """판에 매인 선수들을 놓아준다(멱등). 이번에 놓아준 수를 준다."""
        return await self.release_many([Release(match_id, player_ids)])

    async def release_many(self, left: Sequence[Release]) -> int:
        """여러 판의 `release`를 한 왕복에."""
        return await self._release(left, owed_ms=0)

    async def end_many(self, ended: Sequence[Release]) -> int:
        """끝난 판들의 선수를 한 왕복에 놓아주고, 들을 결과가 있음을 적는다(멱등). 이번에 놓아준 수를 준다."""
        return await self._release(ended, owed_ms=keys.OWED_RESULT_MS)

    async def _release(self, releases: Sequence[Release], *, owed_ms: int) -> int:
        calls: list[ScriptCall] = [
            (
                [
                    key
                    for player_id in each.player_ids
                    for key in (
                        keys.player_guard(self._region, player_id),
                        keys.owed_result(self._region, player_id),
                    )
                ],
                [each.match_id, owed_ms],
            )
            for each in releases
            if each.player_ids
        ]
        async with self._gate.open() as client:
            replies = await PLAYER_RELEASE.run_many(client, calls) if calls else []
            raise_first(replies)
        return sum(replies)

    def _match_keys(self, mode: str, match_id: str) -> list[str]:
        return [keys.queue(self._region, mode), keys.claim(self._region, match_id)]


def _claimed(reply: list[Any]) -> Claimed | Conflict:
    if reply[0] == "CLAIMED":
        return Claimed(reply[1])
    return Conflict(tuple(reply[1]), tuple(reply[2]))
