"""claim의 한살이를 진짜 Redis에서: 잡고, 정하고, 되돌리고, 놓아준다."""

from __future__ import annotations

import asyncio
import random

import pytest

from kernel.ids import new_id
from redisstore import keys
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.tickets.claims import TicketStore
from redisstore.tickets.rows import (
    Claimed,
    ClaimSettlement,
    Conflict,
    Joined,
    Ticket,
    TicketState,
    TicketVerdict,
)
from tests.fakes.redis_process import RedisProcess
from tests.it.redisstore.ticket_making import REGION, cancel, claim, claim_of, queue_up, waiting, wanted


@pytest.fixture
def store(redis_client: AsyncRedis) -> TicketStore:
    return TicketStore(RedisGate(redis_client), REGION)


async def test_a_claim_takes_every_ticket_and_can_be_read_back(store: TicketStore) -> None:
    pair = await queue_up(store, 2)
    request = await claim(store, pair)
    assert await waiting(store) == []
    for ticket in pair:
        assert await store.player_guard(ticket.player_id) == f"match:{request.match_id}"
    stored = await store.read_claim(request.match_id)
    assert stored is not None
    assert (stored.mode, stored.seed, stored.settled) == ("duel", 7, False)
    assert stored.ticket_ids == tuple(ticket.ticket_id for ticket in pair)
    status = await store.fetch([pair[0].ticket_id])
    assert status[pair[0].ticket_id].match_id == request.match_id


async def test_a_claim_with_one_ticket_gone_takes_none(store: TicketStore) -> None:
    stays, leaves = await queue_up(store, 2)
    await cancel(store, leaves.player_id)
    assert await store.claim("mm1", [claim_of([stays, leaves])]) == [Conflict((leaves.ticket_id,))]
    assert await waiting(store) == [stays.ticket_id]
    assert await store.player_guard(stays.player_id) == f"ticket:{stays.ticket_id}"


async def test_a_claim_sent_twice_answers_the_same(store: TicketStore) -> None:
    request = claim_of(await queue_up(store, 2))
    assert await store.claim("mm1", [request]) == await store.claim("mm1", [request])


async def test_two_matchers_never_put_one_ticket_into_two_matches(
    private_redis: RedisProcess, store: TicketStore
) -> None:
    tickets = await queue_up(store, 40)
    clients = [private_redis.client() for _ in range(4)]
    claims: list[list[Ticket]] = []

    async def matcher(seed: int, own: TicketStore) -> None:
        chance = random.Random(seed)
        for _ in range(60):
            pair = chance.sample(tickets, 2)
            [reply] = await own.claim(f"mm{seed}", [claim_of(pair)])
            if isinstance(reply, Claimed):
                claims.append(pair)

    await asyncio.gather(
        *(matcher(n, TicketStore(RedisGate(each), REGION)) for n, each in enumerate(clients))
    )
    await asyncio.gather(*(each.aclose() for each in clients))
    seated = [ticket.ticket_id for pair in claims for ticket in pair]
    assert len(seated) == len(set(seated))
    assert set(await waiting(store)) == {t.ticket_id for t in tickets} - set(seated)


async def test_a_settled_match_leaves_the_queue_but_stays_readable(store: TicketStore) -> None:
    pair = await queue_up(store, 2)
    request = await claim(store, pair)
    ticket_ids = [ticket.ticket_id for ticket in pair]
    assert await store.settle([ClaimSettlement("duel", request.match_id, ticket_ids)]) == [2]
    assert await store.settle([ClaimSettlement("duel", request.match_id, ticket_ids)]) == [0]
    now_ms = (await store.snapshot([])).now_ms
    assert await store.stale_claims("duel", now_ms=now_ms + 60_000, older_than_ms=0) == []
    stored = await store.read_claim(request.match_id)
    assert stored is not None
    assert stored.settled
    assert (await store.fetch(ticket_ids))[ticket_ids[0]].state is TicketState.MATCHED
    assert set((await store.requeue("duel", request.match_id, pair)).values()) == {TicketVerdict.GONE}


async def test_a_requeued_ticket_is_back_at_its_old_place_with_its_old_life(
    store: TicketStore, redis_client: AsyncRedis
) -> None:
    first = await queue_up(store, 2)
    second = await queue_up(store, 1)
    left_ms = await redis_client.pttl(keys.player_guard(REGION, first[0].player_id))
    request = await claim(store, first)
    assert set((await store.requeue("duel", request.match_id, first)).values()) == {TicketVerdict.QUEUED}
    places = dict(await redis_client.zrange(keys.queue(REGION, "duel"), 0, -1, withscores=True))
    assert places == {ticket.ticket_id: ticket.joined_ms for ticket in [*first, *second]}
    back = (await store.fetch([first[0].ticket_id]))[first[0].ticket_id]
    assert (back.state, back.match_id, back.ticket) == (TicketState.QUEUED, "", first[0])
    assert await store.player_guard(first[0].player_id) == f"ticket:{first[0].ticket_id}"
    assert 0 < await redis_client.pttl(keys.player_guard(REGION, first[0].player_id)) <= left_ms
    assert await store.read_claim(request.match_id) is None
    assert isinstance((await store.claim("mm1", [claim_of(first)]))[0], Claimed)


async def test_a_late_requeue_does_not_touch_the_next_match(store: TicketStore) -> None:
    pair = await queue_up(store, 2)
    old = await claim(store, pair)
    await store.requeue("duel", old.match_id, pair)
    new = await claim(store, pair)
    assert set((await store.requeue("duel", old.match_id, pair)).values()) == {TicketVerdict.GONE}
    assert await store.settle(
        [ClaimSettlement("duel", old.match_id, [ticket.ticket_id for ticket in pair])]
    ) == [0]
    assert await store.player_guard(pair[0].player_id) == f"match:{new.match_id}"


async def test_claims_that_were_never_settled_are_found_by_their_age(store: TicketStore) -> None:
    pair = await queue_up(store, 2)
    await claim(store, pair)
    now_ms = (await store.snapshot([])).now_ms
    assert await store.stale_claims("duel", now_ms=now_ms, older_than_ms=10_000) == []
    stale = await store.stale_claims("duel", now_ms=now_ms + 10_001, older_than_ms=10_000)
    assert sorted(stale) == sorted(ticket.ticket_id for ticket in pair)


async def test_release_frees_only_the_players_of_that_match(store: TicketStore) -> None:
    pair = await queue_up(store, 2)
    request = await claim(store, pair)
    players = [ticket.player_id for ticket in pair]
    assert await store.release(new_id(), players) == 0
    assert await store.release(request.match_id, players) == 2
    assert await store.release(request.match_id, players) == 0
    assert await store.release(request.match_id, []) == 0
    [reply] = await store.join([wanted(players[0], request_key="k2")])
    assert isinstance(reply, Joined)
    assert await store.release(request.match_id, players) == 0
