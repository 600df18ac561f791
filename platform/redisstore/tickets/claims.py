"""대기표의 저장소: 줄, 가드, claim을 Lua로 바꾼다. 매칭의 규칙은 모른다.

쓰기는 모두 한 해시 태그 안의 스크립트 하나다. Redis가 멈추면 어느 메서드든 예산 안에 Unavailable을 던지고,
그때 쓰기의 결과는 모른다: join은 요청 키로, claim은 match_id로 다시 물을 수 있다.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, TypeVar

from kernel.errors import Unavailable
from redisstore import keys
from redisstore.client import unavailable_on_failure
from redisstore.gate import RedisGate
from redisstore.scripts import Script, ScriptArg, ScriptCall, named
from redisstore.tickets.reads import BACKGROUND_BUDGET_MS, TicketReader
from redisstore.tickets.rows import (
    MATCH_PREFIX,
    Adopted,
    Cancelled,
    Claimed,
    ClaimRequest,
    Conflict,
    Held,
    Joined,
    NewTicket,
    Ticket,
    TicketAdoptRequest,
    TicketCancelRequest,
    TicketVerdict,
)

TICKET_JOIN = Script("ticket_join")
TICKET_CANCEL = Script("ticket_cancel")
TICKET_ADOPT = Script("ticket_adopt")
TICKET_EXPIRE = Script("ticket_expire")
MATCH_CLAIM = Script("match_claim")
MATCH_SETTLE = Script("match_settle")
MATCH_REQUEUE = Script("match_requeue")
PLAYER_RELEASE = Script("player_release")

R = TypeVar("R")


class TicketStore(TicketReader):
    """한 리전의 대기표. `ticket_timeout_ms`는 줄에서 기다릴 수 있는 시간이다.

    모든 메서드는 Redis가 예산 안에 답하지 않으면 Unavailable을 던진다.
    """

    def __init__(self, gate: RedisGate, region: str, *, ticket_timeout_ms: int = 60_000) -> None:
        super().__init__(gate, region)
        self._ticket_timeout_ms = ticket_timeout_ms

    async def join(
        self, tickets: Sequence[NewTicket], *, budget_ms: int = 250
    ) -> list[Joined | Held | Unavailable]:
        """대기표들을 한 왕복에 만든다. 답은 표마다 따로다: 하나의 실패가 다른 표를 막지 않는다.

        Raises:
            Unavailable: Redis에 닿지 않았다(만들어졌을 수도 있다. 같은 `request_key`로 다시 묻는다).
        """
        async with self._gate.open(budget_ms) as client:
            replies = await TICKET_JOIN.run_many(client, [self._join_call(t) for t in tickets])
        return [_decoded(reply, self._joined) for reply in replies]

    def _join_call(self, ticket: NewTicket) -> ScriptCall:
        region = self._region
        call_keys = [
            keys.join_reply(region, ticket.player_id, ticket.request_key),
            keys.player_guard(region, ticket.player_id),
            keys.ticket(region, ticket.ticket_id),
            keys.queue(region, ticket.mode),
            keys.gateway_lease(region, ticket.gateway_id),
        ]
        keep_ms = self._ticket_timeout_ms + keys.TICKET_GRACE_MS
        args = named(
            ticket_id=ticket.ticket_id, player_id=ticket.player_id, name=ticket.name, mode=ticket.mode,
            rating=ticket.rating, gateway_id=ticket.gateway_id, conn_id=ticket.conn_id,
            traceparent=ticket.traceparent, keep_ms=keep_ms, reply_ttl_ms=keys.JOIN_REPLY_MS,
            lease_ms=keys.GATEWAY_LEASE_MS, bot=int(ticket.is_bot),
        )  # fmt: skip
        return call_keys, [args]

    def _joined(self, reply: list[Any]) -> Joined | Held:
        if reply[0] == "HELD":
            return Held(str(reply[1]).removeprefix(MATCH_PREFIX) if reply[1].startswith(MATCH_PREFIX) else "")
        _, ticket_id, joined_ms, now_ms = reply
        return Joined(ticket_id, joined_ms, max(0, joined_ms + self._ticket_timeout_ms - now_ms))

    async def cancel(self, wishes: Sequence[TicketCancelRequest]) -> list[Cancelled | Unavailable | None]:
        """대기표들을 거두고 이름과 주인을 준다. 거둘 것이 없으면 None이다. 아는 것이 많을수록 왕복이 준다."""
        async with self._gate.open() as client:
            named = await self._named(client, wishes)
            calls: list[ScriptCall] = [
                (
                    [
                        keys.player_guard(self._region, wish.player_id),
                        keys.ticket(self._region, wish.ticket_id),
                        keys.queue(self._region, wish.mode),
                    ],
                    [
                        wish.ticket_id,
                        wish.player_id,
                        "" if wish.owner_conn_id is None else wish.owner_conn_id,
                    ],
                )
                for wish in named
            ]
            replies = await TICKET_CANCEL.run_many(client, calls)
        return [
            _decoded(reply, partial(_cancelled, wish)) for wish, reply in zip(named, replies, strict=True)
        ]

    async def adopt(self, wish: TicketAdoptRequest) -> Adopted | None:
        """기다리는 표의 주인을 바꾼다(멱등). 더는 기다리지 않는 표면 None이다.

        Raises:
            Unavailable: Redis에 닿지 않았다(바뀌었을 수도 있다. 그대로 다시 물어도 된다).
        """
        call_keys = [
            keys.player_guard(self._region, wish.player_id),
            keys.ticket(self._region, wish.ticket_id),
            keys.gateway_lease(self._region, wish.gateway_id),
        ]
        args: list[ScriptArg] = [
            wish.ticket_id, wish.gateway_id, wish.conn_id, keys.GATEWAY_LEASE_MS,
        ]  # fmt: skip
        async with self._gate.open() as client:
            reply = await TICKET_ADOPT.run(client, call_keys, args)
        if reply[0] != "ADOPTED":
            return None
        _, mode, joined_ms, now_ms, gateway_id, conn_id = reply
        left_ms = max(0, joined_ms + self._ticket_timeout_ms - now_ms)
        return Adopted(mode, gateway_id, int(conn_id), left_ms)

    async def release(self, match_id: str, player_ids: Collection[str]) -> int:
        """판에 매인 선수들을 놓아준다(멱등). 이번에 놓아준 수를 준다."""
        return await self.release_many([(match_id, player_ids)])

    async def release_many(self, left: Sequence[tuple[str, Collection[str]]]) -> int:
        """여러 판의 `release`를 한 왕복에."""
        return await self._release(left, owed_ms=0)

    async def end_many(self, ended: Sequence[tuple[str, Collection[str]]]) -> int:
        """끝난 판들의 선수를 한 왕복에 놓아주고, 들을 결과가 있음을 적는다(멱등). 이번에 놓아준 수를 준다."""
        return await self._release(ended, owed_ms=keys.OWED_RESULT_MS)

    async def _release(self, matches: Sequence[tuple[str, Collection[str]]], *, owed_ms: int) -> int:
        calls: list[ScriptCall] = [
            (
                [
                    key
                    for player_id in player_ids
                    for key in (
                        keys.player_guard(self._region, player_id),
                        keys.owed_result(self._region, player_id),
                    )
                ],
                [match_id, owed_ms],
            )
            for match_id, player_ids in matches
            if player_ids
        ]
        async with self._gate.open() as client:
            replies = await PLAYER_RELEASE.run_many(client, calls) if calls else []
            for reply in replies:
                if isinstance(reply, Exception):
                    raise reply
        return sum(replies)

    async def expire(self, mode: str, tickets: Sequence[Ticket], *, reap: bool) -> dict[str, TicketVerdict]:
        """지난 표와(`reap`이면) 임대가 끊긴 gateway의 표를 거둔다. 표마다의 답을 준다.

        주인이 바뀐 표(MOVED)는 그대로 두므로 다시 읽고 다시 부른다.
        """
        region = self._region
        call_keys = [keys.queue(region, mode)]
        for ticket in tickets:
            call_keys += [
                keys.ticket(region, ticket.ticket_id),
                keys.player_guard(region, ticket.player_id),
                keys.gateway_lease(region, ticket.gateway_id),
            ]
        ticket_ids = [ticket.ticket_id for ticket in tickets]
        async with self._gate.open(BACKGROUND_BUDGET_MS) as client:
            verdicts = await TICKET_EXPIRE.run(
                client, call_keys, [self._ticket_timeout_ms, int(reap), *_owned(tickets)]
            )
        return {ticket_id: TicketVerdict(v) for ticket_id, v in zip(ticket_ids, verdicts, strict=True)}

    async def drop_ghosts(self, mode: str, ticket_ids: Sequence[str]) -> None:
        """hash가 먼저 사라진 이름들을 줄에서 뺀다. 이름뿐이라 가드를 모르며, 가드는 hash와 함께 지났다."""
        if ticket_ids:
            async with self._gate.open(BACKGROUND_BUDGET_MS) as client:
                await client.zrem(keys.queue(self._region, mode), *ticket_ids)

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
        return [_decoded(reply, _claimed) for reply in replies]

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

    async def settle(self, matches: Sequence[tuple[str, str, Sequence[str]]]) -> list[int]:
        """만들어진 판들을 한 왕복에 적는다: 표가 줄에서 빠진다(멱등). 칸은 (mode, match_id, ticket_ids)다.

        판마다 이번에 정해진 표의 수를 준다.
        """
        calls: list[ScriptCall] = []
        for mode, match_id, ticket_ids in matches:
            call_keys = self._match_keys(mode, match_id)
            call_keys += [keys.ticket(self._region, ticket_id) for ticket_id in ticket_ids]
            calls.append((call_keys, [match_id, *ticket_ids]))
        async with self._gate.open(BACKGROUND_BUDGET_MS) as client:
            replies = await MATCH_SETTLE.run_many(client, calls)
            for reply in replies:
                if isinstance(reply, Exception):
                    raise reply
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

    async def renew_gateways(self, gateway_ids: Collection[str]) -> None:
        """gateway들의 임대를 잇는다."""
        async with self._gate.open() as client:
            pipeline = client.pipeline(transaction=False)
            for gateway_id in gateway_ids:
                pipeline.set(keys.gateway_lease(self._region, gateway_id), "1", px=keys.GATEWAY_LEASE_MS)
            await pipeline.execute()

    def _match_keys(self, mode: str, match_id: str) -> list[str]:
        return [keys.queue(self._region, mode), keys.claim(self._region, match_id)]


def _owned(tickets: Sequence[Ticket]) -> list[str | int]:
    """표의 이름과 아는 주인을 번갈아."""
    return [part for ticket in tickets for part in (ticket.ticket_id, ticket.conn_id)]


def _cancelled(wish: TicketCancelRequest, reply: list[Any]) -> Cancelled | None:
    return Cancelled(wish.ticket_id, reply[1], int(reply[2])) if reply[0] == "CANCELLED" else None


def _claimed(reply: list[Any]) -> Claimed | Conflict:
    if reply[0] == "CLAIMED":
        return Claimed(reply[1])
    return Conflict(tuple(reply[1]), tuple(reply[2]))


def _decoded(reply: Any, decode: Callable[[Any], R]) -> R | Unavailable:
    """묶음 속 답 하나. Redis의 상태 탓이면 그 자리에 Unavailable을 담고, 우리 잘못이면 던진다."""
    if isinstance(reply, Exception):
        try:
            with unavailable_on_failure():
                raise reply
        except Unavailable as error:
            return error
    return decode(reply)
