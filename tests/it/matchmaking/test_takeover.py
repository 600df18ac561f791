"""두 gateway와 두 matchmaking 사이에서 표의 주인이 바뀐다: 판은 언제나 살아 있는 주인에게 간다."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from random import Random

import pytest

from kernel.errors import NotQueued
from kernel.ids import new_id
from redisstore.client import AsyncRedis
from tests.fakes.roomless_session import RoomlessSession
from tests.fakes.watching_gateway import WatchingGateway
from tests.fakes.worker_process import WorkerProcess
from tests.it.matchmaking.conftest import REGION

ROUNDS = 40
OLD, NEW = 5, 9


@pytest.fixture
async def gateways(
    redis_client: AsyncRedis, matchmaking1: WorkerProcess, matchmaking2: WorkerProcess
) -> AsyncIterator[tuple[WatchingGateway, WatchingGateway]]:
    addresses = [matchmaking1.address, matchmaking2.address]
    async with (
        WatchingGateway("gateway1", addresses, region=REGION) as old,
        WatchingGateway("gateway2", addresses, region=REGION) as new,
    ):
        yield old, new


async def seated(gateway: WatchingGateway, ticket: str) -> None:
    """그 표의 판을 들을 때까지."""
    await gateway.until(lambda: ticket in gateway.seats)


async def told_moved(gateway: WatchingGateway, ticket: str) -> None:
    """그 표를 남이 이었다고 들을 때까지."""
    await gateway.until(lambda: any(each.ticket_id == ticket for each in gateway.moved))


async def told_cancelled(gateway: WatchingGateway, ticket: str) -> None:
    """그 표를 남이 거두었다고 들을 때까지."""
    await gateway.until(lambda: any(each.ticket_id == ticket for each in gateway.cancelled))


async def test_a_match_goes_to_the_last_owner_whoever_makes_it(
    matchmaking1: WorkerProcess,
    matchmaking2: WorkerProcess,
    gateways: tuple[WatchingGateway, WatchingGateway],
    sessions: list[RoomlessSession],
) -> None:
    """잡기와 잇기가 겨룬다. 이었으면 판은 새 소켓에만, 잇지 못했으면 판은 이미 잡혀 옛 소켓에 간다.

    넷째마다 상대가 오기 전에 잇고 시작한다: 바쁜 기계에서도 두 끝을 모두 본다.
    """
    old, new = gateways
    chance, ends = Random(14), Counter[str]()
    for number in range(ROUNDS):
        player = new_id()
        ticket = await old.join(matchmaking1.address, player, conn_id=OLD)

        async def take_over(player: str, ticket: str) -> str | None:
            await asyncio.sleep(chance.uniform(0, 0.02))
            reply = await new.adopt(matchmaking2.address, player, ticket, NEW)
            return "adopted" if reply.HasField("adopted") else None

        if number % 4 == 0:
            outcome = await take_over(player, ticket)
            await old.join(matchmaking1.address)
        else:
            outcome, _ = await asyncio.gather(take_over(player, ticket), old.join(matchmaking1.address))
        ends[str(outcome)] += 1
        owner, loser = (new, old) if outcome == "adopted" else (old, new)
        await seated(owner, ticket)
        [found] = owner.seats[ticket]
        seat = next(seat for seat in found.seats if seat.ticket_id == ticket)
        assert seat.conn_id == (NEW if outcome == "adopted" else OLD)
        assert ticket not in loser.seats
        if outcome == "adopted":
            await told_moved(old, ticket)
    assert ends["adopted"] > 0
    assert {each.conn_id for each in old.moved} == {OLD}
    assert new.moved == []


async def test_a_cancel_races_with_a_takeover_and_leaves_nobody_waiting(
    matchmaking1: WorkerProcess,
    matchmaking2: WorkerProcess,
    gateways: tuple[WatchingGateway, WatchingGateway],
) -> None:
    old, new = gateways
    for _ in range(ROUNDS):
        player = new_id()
        ticket = await old.join(matchmaking1.address, player, conn_id=OLD)
        cancelled, reply = await asyncio.gather(
            old.cancel(matchmaking1.address, player),
            new.adopt(matchmaking2.address, player, ticket, NEW),
        )
        assert cancelled == ticket
        told = new if reply.HasField("adopted") else old
        await told_cancelled(told, ticket)
        with pytest.raises(NotQueued):
            await old.cancel(matchmaking1.address, player)
