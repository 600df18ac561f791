"""session 서버의 등록부와 자리의 임대. 서버는 하트비트를 보내고, matchmaking은 자리를 잡고, 서버가 굳힌다.

임대는 판 하나의 운명을 정하는 한 곳이다: 굳힌 서버만 판을 만들고, 거두어진 임대는 굳지 않는다.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from redisstore import keys
from redisstore.gate import RedisGate, SyncRedisGate
from redisstore.scripts import Script, ScriptCall, named, raise_first
from redisstore.servers.rows import DEFAULT_POOL, SERVER_FIELDS, Fleet, ServerRow, ServerState, fleet_from

__all__ = [
    "Allocation",
    "Forgetting",
    "HeartbeatReply",
    "LeaseEnd",
    "ServerPick",
    "ServerRegistry",
    "ServerReport",
    "ServerRow",
    "ServerState",
    "fleet_sync",
    "forget_server_sync",
    "set_draining_sync",
]

SERVER_HEARTBEAT = Script("server_heartbeat")
SERVER_ALLOCATE = Script("server_allocate")
SERVER_CONFIRM = Script("server_confirm")
SERVER_RELEASE = Script("server_release")
SERVER_INTEND = Script("server_intend")
SERVER_FORGET = Script("server_forget")
SERVER_LEAVE = Script("server_leave")
FLEET_READ = Script("fleet_read")
HOLD = Script("server_hold")

# 굳힌 표시는 claim을 되살릴지 묻는 동안(claim의 TTL)보다 넉넉히 오래 남는다.
CONFIRMED_LEASE_MS = 2 * keys.CLAIM_MS


class Forgetting(StrEnum):
    """서버를 등록부에서 빼려 한 결과."""

    FORGOTTEN = "FORGOTTEN"
    ALIVE = "ALIVE"
    HOLDS = "HOLDS"


class LeaseEnd(StrEnum):
    """임대를 거두려 한 결과. CONFIRMED가 아니면 그 판을 만들 수 있는 서버는 이제 없다."""

    RELEASED = "RELEASED"
    GONE = "GONE"
    CONFIRMED = "CONFIRMED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerReport:
    """서버의 하트비트. 수용량과 도는 판의 단위는 판이다.

    `opening`은 열고 있어 `running`에 아직 들지 않은 판, `boot_id`는 뜰 때마다 다른 이름이다.
    `longest_left_ms`는 가장 오래 남은 판이 끝나기까지, `drain_left_ms`는 드레인 유예가 다하기까지다.
    드레인하지 않으면 -1이다.
    """

    server_id: str
    address: str
    state: str
    capacity: int
    running: int
    version: str
    pool: str = DEFAULT_POOL
    boot_id: str = ""
    longest_left_ms: int = 0
    drain_left_ms: int = -1
    opening: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class HeartbeatReply:
    """하트비트의 답: 드레인 지시와 그 유예(None이면 기본값), 그리고 등록부가 이 서버를 모르고 있었는가."""

    drain_intended: bool = False
    grace_ms: int | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class ServerPick:
    """고른 서버."""

    server_id: str
    address: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """판 하나가 청하는 자리. `not_after_ms`(Redis의 시각)가 지나면 받지 못하고, 0이면 언제든 된다."""

    match_id: str
    exclude: Collection[str] = ()
    not_after_ms: int = 0


class ServerRegistry:
    """한 리전의 서버들. 모든 메서드는 Redis가 멈추면 예산 안에 Unavailable을 던진다."""

    def __init__(self, gate: RedisGate, region: str, *, lease_ms: int = keys.LEASE_MS) -> None:
        self._gate = gate
        self._region = region
        self._lease_ms = lease_ms
        self._server_prefix = keys.server(region, "")
        self._own_turn = asyncio.Lock()

    async def tell(self, make_report: Callable[[], ServerReport]) -> HeartbeatReply:
        """지금 지은 하트비트를 적고 운영자의 뜻을 듣는다. 이 프로세스의 굳힘과 겹치지 않는다.

        연결이 다르면 차례가 없다: 하트비트를 지은 뒤 닿기 전에 굳힌 판은 하트비트에도 임대에도 없어 부하에서
        빠지고, 다음 하트비트까지 새 판이 이 서버로 쏠린다.
        """
        async with self._own_turn:
            return await self.heartbeat(make_report())

    async def heartbeat(self, report: ServerReport) -> HeartbeatReply:
        """하트비트를 적고 운영자의 뜻을 듣는다."""
        call_keys = [
            keys.server(self._region, report.server_id),
            keys.servers(self._region),
            keys.draining(self._region),
            keys.drain_grace(self._region),
        ]
        args = named(
            server_id=report.server_id, address=report.address, state=report.state, capacity=report.capacity,
            running=report.running, version=report.version, ttl_ms=keys.SERVER_TTL_MS, pool=report.pool,
            boot_id=report.boot_id, left_ms=report.longest_left_ms, drain_left_ms=report.drain_left_ms,
            opening=list(report.opening),
        )  # fmt: skip
        async with self._gate.open() as client:
            _, draining, grace_ms, is_new = await SERVER_HEARTBEAT.run(client, call_keys, [args])
        return HeartbeatReply(bool(draining), None if grace_ms < 0 else grace_ms, bool(is_new))

    async def unregister(self, server_id: str) -> None:
        """서버를 뺀다. 그 뒤의 하트비트는 다시 등록하므로 하트비트를 멈춘 뒤에 부른다."""
        call_keys = [keys.server(self._region, server_id), keys.servers(self._region)]
        async with self._own_turn, self._gate.open() as client:
            await SERVER_LEAVE.run(client, call_keys, [server_id])

    async def allocate(
        self, match_id: str, exclude: Collection[str] = (), *, not_after_ms: int = 0
    ) -> ServerPick | None:
        """가장 한가한 서버의 자리를 임대한다(같은 판에는 같은 임대). 받을 서버가 없으면 None.

        `not_after_ms`(Redis의 시각)가 지났어도 None이다: 늦게 깨어난 부름이 되살린 판의 자리를 잡지 못한다.
        """
        return (await self.allocate_many([Allocation(match_id, exclude, not_after_ms)]))[0]

    async def allocate_many(self, wanted: Sequence[Allocation]) -> list[ServerPick | None]:
        """여러 판의 `allocate`를 한 왕복에."""
        calls = [self._allocate_call(each) for each in wanted]
        async with self._gate.open() as client:
            replies = await SERVER_ALLOCATE.run_many(client, calls)
            raise_first(replies)
        return [ServerPick(*reply) if reply else None for reply in replies]

    def _allocate_call(self, wanted: Allocation) -> ScriptCall:
        call_keys = [
            keys.servers(self._region),
            keys.draining(self._region),
            keys.lease(self._region, wanted.match_id),
        ]
        return call_keys, [
            wanted.match_id, self._lease_ms, wanted.not_after_ms, self._server_prefix,
            *sorted(wanted.exclude),
        ]  # fmt: skip

    async def confirm(self, match_id: str, server_id: str) -> bool:
        """서버가 임대를 굳힌다. False면 임대가 지났거나 남의 것이니 판을 만들지 않는다."""
        return (await self.confirm_many([match_id], server_id))[0]

    async def confirm_many(self, match_ids: Sequence[str], server_id: str) -> list[bool]:
        """여러 판의 `confirm`을 한 왕복에."""
        own = [keys.server(self._region, server_id), keys.held_matches(self._region, server_id)]
        calls: list[ScriptCall] = [
            (
                [keys.lease(self._region, match_id), *own],
                [match_id, server_id, CONFIRMED_LEASE_MS, keys.HELD_MATCHES_MS],
            )
            for match_id in match_ids
        ]
        async with self._own_turn, self._gate.open() as client:
            replies = await SERVER_CONFIRM.run_many(client, calls)
            raise_first(replies)
        return [bool(reply) for reply in replies]

    async def release_lease(self, match_id: str) -> LeaseEnd:
        """굳지 않은 임대를 거둔다."""
        call_keys = [keys.lease(self._region, match_id), keys.servers(self._region)]
        async with self._gate.open() as client:
            reply = await SERVER_RELEASE.run(client, call_keys, [match_id, self._server_prefix])
        return LeaseEnd(reply)

    async def held(self, server_id: str) -> set[str]:
        """서버가 맡아 아직 끝이 쓰이지 않은 판들."""
        async with self._gate.open() as client:
            reply: Any = await client.smembers(keys.held_matches(self._region, server_id))
        return set(reply)

    async def hold(self, server_id: str, match_id: str) -> None:
        """맡은 판임을 다시 적는다(멱등). 비워진 Redis에 되살릴 때 쓴다."""
        key = keys.held_matches(self._region, server_id)
        async with self._gate.open() as client:
            await HOLD.run(client, [key], [match_id, keys.HELD_MATCHES_MS])

    async def let_go(self, server_id: str, match_id: str) -> None:
        """판의 끝이 쓰였다: 맡은 판에서 뺀다(멱등)."""
        async with self._gate.open() as client:
            await client.srem(keys.held_matches(self._region, server_id), match_id)

    async def forget(self, server_id: str) -> Forgetting:
        """하트비트가 끊기고 판도 남지 않은 서버를 뺀다."""
        async with self._gate.open() as client:
            return Forgetting(await SERVER_FORGET.run(client, *_forget_call(self._region, server_id)))

    async def servers(self) -> list[ServerRow]:
        """등록된 모든 서버를 이름순으로. 하트비트가 끊긴 서버는 LOST로 보인다."""
        return list((await self.fleet()).servers)

    async def fleet(self) -> Fleet:
        """`servers`와 그것을 본 Redis의 시각."""
        async with self._gate.open() as client:
            return fleet_from(await FLEET_READ.run(client, *_fleet_call(self._region)))

    async def is_draining(self, server_id: str) -> bool:
        """이 서버의 드레인 지시가 있는가."""
        async with self._gate.open() as client:
            reply = await client.sismember(keys.draining(self._region), server_id)
        return bool(reply)

    async def set_draining(self, server_id: str, *, intended: bool, grace_ms: int | None = None) -> None:
        """드레인 지시를 적거나 거둔다(멱등). 이 뒤의 allocate는 곧바로 따른다. 유예의 None은 기본값이다."""
        async with self._gate.open() as client:
            await SERVER_INTEND.run(client, *_intend_call(self._region, server_id, intended, grace_ms))


def _intend_call(region: str, server_id: str, intended: bool, grace_ms: int | None) -> ScriptCall:
    call_keys = [keys.draining(region), keys.drain_grace(region)]
    return call_keys, [server_id, int(intended), "" if grace_ms is None else grace_ms]


def set_draining_sync(
    gate: SyncRedisGate, region: str, server_id: str, *, intended: bool, grace_ms: int | None = None
) -> None:
    """`ServerRegistry.set_draining`의 스레드판.

    Raises:
        Unavailable: Redis가 답하지 않는다. 적혔는지는 모른다.
    """
    with gate.open() as client:
        SERVER_INTEND.run_sync(client, *_intend_call(region, server_id, intended, grace_ms))


def forget_server_sync(gate: SyncRedisGate, region: str, server_id: str) -> Forgetting:
    """`ServerRegistry.forget`의 스레드판.

    Raises:
        Unavailable: Redis가 답하지 않는다.
    """
    with gate.open() as client:
        return Forgetting(SERVER_FORGET.run_sync(client, *_forget_call(region, server_id)))


def _forget_call(region: str, server_id: str) -> ScriptCall:
    call_keys = [
        keys.server(region, server_id), keys.servers(region), keys.held_matches(region, server_id),
    ]  # fmt: skip
    return call_keys, [server_id]


def fleet_sync(gate: SyncRedisGate, region: str) -> Fleet:
    """`ServerRegistry.fleet`의 스레드판.

    Raises:
        Unavailable: Redis가 답하지 않는다.
    """
    with gate.open() as client:
        return fleet_from(FLEET_READ.run_sync(client, *_fleet_call(region)))


def _fleet_call(region: str) -> ScriptCall:
    return [keys.servers(region), keys.draining(region)], [keys.server(region, ""), *SERVER_FIELDS]
