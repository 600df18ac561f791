"""줄에 서고, 거두고, 잇고, 지나는 대기표. 매칭의 규칙은 모른다.

쓰기는 모두 한 해시 태그 안의 스크립트 하나다. Redis가 멈추면 어느 메서드든 예산 안에 Unavailable을 던지고,
그때 쓰기의 결과는 모른다: join은 요청 키로 다시 물을 수 있다.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from kernel.errors import Unavailable
from redisstore import keys
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.scripts import Script, ScriptArg, ScriptCall, decoded, named
from redisstore.tickets.reads import BACKGROUND_BUDGET_MS, TicketReader
from redisstore.tickets.rows import (
    MATCH_PREFIX,
    TICKET_PREFIX,
    Adopted,
    Cancelled,
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


class QueueStore(TicketReader):
    """한 리전의 줄. `ticket_timeout_ms`는 줄에서 기다릴 수 있는 시간이다."""

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
        return [decoded(reply, self._joined) for reply in replies]

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
            known = await self._with_modes(client, await self._with_names(client, wishes))
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
                for wish in known
            ]
            replies = await TICKET_CANCEL.run_many(client, calls)
        return [decoded(reply, partial(_cancelled, wish)) for wish, reply in zip(known, replies, strict=True)]

    async def _with_names(
        self, client: AsyncRedis, wishes: Sequence[TicketCancelRequest]
    ) -> list[TicketCancelRequest]:
        """이름 없는 바람에 선수의 가드가 가리키는 표를 채운다. 표가 없으면 이름이 비어 있다."""
        nameless = [wish.player_id for wish in wishes if not wish.ticket_id]
        if not nameless:
            return list(wishes)
        guards: list[Any] = await client.mget(
            [keys.player_guard(self._region, player_id) for player_id in nameless]
        )
        held = {
            player_id: guard.removeprefix(TICKET_PREFIX)
            for player_id, guard in zip(nameless, guards, strict=True)
            if guard and guard.startswith(TICKET_PREFIX)
        }
        return [
            wish if wish.ticket_id else replace(wish, ticket_id=held.get(wish.player_id, ""))
            for wish in wishes
        ]

    async def _with_modes(
        self, client: AsyncRedis, wishes: Sequence[TicketCancelRequest]
    ) -> list[TicketCancelRequest]:
        """모드를 모르는 바람에 표의 모드를 채운다."""
        unknown = [wish.ticket_id for wish in wishes if wish.ticket_id and not wish.mode]
        if not unknown:
            return list(wishes)
        pipeline = client.pipeline(transaction=False)
        for ticket_id in unknown:
            pipeline.hget(keys.ticket(self._region, ticket_id), "mode")
        modes = dict(zip(unknown, await pipeline.execute(), strict=True))
        return [wish if wish.mode else replace(wish, mode=modes.get(wish.ticket_id) or "") for wish in wishes]

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
        owned = [part for ticket in tickets for part in (ticket.ticket_id, ticket.conn_id)]
        async with self._gate.open(BACKGROUND_BUDGET_MS) as client:
            verdicts = await TICKET_EXPIRE.run(
                client, call_keys, [self._ticket_timeout_ms, int(reap), *owned]
            )
        return {ticket_id: TicketVerdict(v) for ticket_id, v in zip(ticket_ids, verdicts, strict=True)}

    async def drop_ghosts(self, mode: str, ticket_ids: Sequence[str]) -> None:
        """hash가 먼저 사라진 이름들을 줄에서 뺀다. 이름뿐이라 가드를 모르며, 가드는 hash와 함께 지났다."""
        if ticket_ids:
            async with self._gate.open(BACKGROUND_BUDGET_MS) as client:
                await client.zrem(keys.queue(self._region, mode), *ticket_ids)

    async def renew_gateways(self, gateway_ids: Collection[str]) -> None:
        """gateway들의 임대를 잇는다."""
        async with self._gate.open() as client:
            pipeline = client.pipeline(transaction=False)
            for gateway_id in gateway_ids:
                pipeline.set(keys.gateway_lease(self._region, gateway_id), "1", px=keys.GATEWAY_LEASE_MS)
            await pipeline.execute()


def _cancelled(wish: TicketCancelRequest, reply: list[Any]) -> Cancelled | None:
    return Cancelled(wish.ticket_id, reply[1], int(reply[2])) if reply[0] == "CANCELLED" else None
