"""대기표의 join, cancel, expire와 Redis의 고장을 진짜 Redis에서: 길마다의 답과 겨루기."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from unittest.mock import ANY

import pytest

from kernel.errors import Unavailable
from kernel.ids import new_id
from redisstore import keys
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.results import OwedResults
from redisstore.tickets.claims import TicketStore
from redisstore.tickets.rows import (
    Adopted,
    Cancelled,
    Claimed,
    Conflict,
    Held,
    Joined,
    PlayerHold,
    Release,
    Ticket,
    TicketAdoptRequest,
    TicketCancelRequest,
    TicketState,
    TicketVerdict,
)
from tests.fakes.redis_process import RedisProcess
from tests.it.redisstore.ticket_making import REGION, cancel, claim, claim_of, queue_up, waiting, wanted


@pytest.fixture
def store(redis_client: AsyncRedis) -> TicketStore:
    return TicketStore(RedisGate(redis_client), REGION)


# ---- join


async def test_a_join_queues_a_ticket_with_everything_the_matcher_needs(store: TicketStore) -> None:
    asked = wanted(is_bot=True)
    [reply] = await store.join([asked])
    assert isinstance(reply, Joined)
    assert (reply.ticket_id, reply.expires_in_ms) == (asked.ticket_id, 60_000)
    status = (await store.fetch([asked.ticket_id]))[asked.ticket_id]
    assert status.state is TicketState.QUEUED
    assert status.ticket == Ticket(
        ticket_id=asked.ticket_id, player_id=asked.player_id, name="가람", mode="duel", rating=1512.5,
        gateway_id="gateway1", conn_id=2**63 + 5, joined_ms=reply.joined_ms, traceparent="00-aa-bb-01",
        is_bot=True,
    )  # fmt: skip
    snapshot = await store.snapshot(["duel", "arena"])
    assert snapshot.waiting == {"duel": [asked.ticket_id], "arena": []}
    assert 0 <= snapshot.now_ms - reply.joined_ms < 5_000


async def test_the_same_request_key_gives_the_same_ticket(store: TicketStore) -> None:
    first = wanted()
    again = wanted(first.player_id)
    [one] = await store.join([first])
    [two] = await store.join([again])
    assert isinstance(one, Joined)
    assert isinstance(two, Joined)
    assert (two.ticket_id, two.joined_ms) == (one.ticket_id, one.joined_ms)
    assert await waiting(store) == [first.ticket_id]


async def test_a_second_join_of_a_waiting_player_is_refused(store: TicketStore) -> None:
    [ticket] = await queue_up(store)
    [reply] = await store.join([wanted(ticket.player_id, request_key="k2", mode="arena")])
    assert reply == Held(match_id="")
    assert await waiting(store) == [ticket.ticket_id]


async def test_a_join_of_a_player_in_a_match_is_refused_with_that_match(store: TicketStore) -> None:
    pair = await queue_up(store, 2)
    request = await claim(store, pair)
    [reply] = await store.join([wanted(pair[0].player_id, request_key="k2")])
    assert reply == Held(match_id=request.match_id)


async def test_sixteen_joins_of_one_player_at_once_leave_one_ticket(
    private_redis: RedisProcess, store: TicketStore
) -> None:
    player_id = new_id()
    clients = [private_redis.client() for _ in range(16)]
    stores = [TicketStore(RedisGate(each), REGION) for each in clients]
    replies = await asyncio.gather(
        *(each.join([wanted(player_id, request_key=f"k{n}")]) for n, each in enumerate(stores))
    )
    await asyncio.gather(*(each.aclose() for each in clients))
    assert sum(isinstance(reply, Joined) for [reply] in replies) == 1
    assert len(await waiting(store)) == 1


async def test_many_joins_travel_together_and_are_answered_apart(store: TicketStore) -> None:
    [taken] = await queue_up(store)
    replies = await store.join([wanted(), wanted(taken.player_id, request_key="k2"), wanted()])
    assert [type(reply) for reply in replies] == [Joined, Held, Joined]


async def test_every_key_but_the_queue_carries_a_ttl(store: TicketStore, redis_client: AsyncRedis) -> None:
    await claim(store, await queue_up(store, 2))
    await queue_up(store, 1)
    endless = {name for name in await redis_client.keys("*") if await redis_client.pttl(name) < 0}
    assert endless == {keys.queue(REGION, "duel")}


# ---- cancel


async def test_a_cancelled_ticket_leaves_nothing_behind(store: TicketStore, redis_client: AsyncRedis) -> None:
    [ticket] = await queue_up(store)
    assert await cancel(store, ticket.player_id) == ticket.ticket_id
    assert await waiting(store) == []
    assert await store.player_guard(ticket.player_id) is None
    assert await store.fetch([ticket.ticket_id]) == {}
    assert await cancel(store, ticket.player_id) is None


async def test_a_cancel_that_names_another_ticket_touches_nothing(store: TicketStore) -> None:
    [ticket] = await queue_up(store)
    assert await cancel(store, ticket.player_id, new_id()) is None
    assert await waiting(store) == [ticket.ticket_id]
    assert await cancel(store, ticket.player_id, ticket.ticket_id) == ticket.ticket_id


async def test_a_cancel_after_the_claim_changes_nothing_but_the_wish(store: TicketStore) -> None:
    pair = await queue_up(store, 2)
    request = await claim(store, pair)
    assert await cancel(store, pair[0].player_id, pair[0].ticket_id) is None
    assert await store.player_guard(pair[0].player_id) == f"match:{request.match_id}"
    verdicts = await store.requeue("duel", request.match_id, pair)
    assert verdicts == {pair[0].ticket_id: TicketVerdict.DROPPED, pair[1].ticket_id: TicketVerdict.QUEUED}
    assert await waiting(store) == [pair[1].ticket_id]
    assert await store.player_guard(pair[0].player_id) is None


async def test_cancel_and_claim_race_and_exactly_one_of_them_wins(store: TicketStore) -> None:
    for _ in range(50):
        pair = await queue_up(store, 2)
        request = claim_of(pair)
        cancelled, [claimed] = await asyncio.gather(
            cancel(store, pair[0].player_id, pair[0].ticket_id), store.claim("mm1", [request])
        )
        assert (cancelled is None) == isinstance(claimed, Claimed)
        guard = await store.player_guard(pair[0].player_id)
        assert guard == (None if cancelled else f"match:{request.match_id}")


async def test_many_cancels_travel_together_whatever_each_of_them_knows(store: TicketStore) -> None:
    named, nameless, full = await queue_up(store, 3)
    replies = await store.cancel(
        [
            TicketCancelRequest(named.player_id, named.ticket_id),
            TicketCancelRequest(new_id()),
            TicketCancelRequest(nameless.player_id),
            TicketCancelRequest(full.player_id, full.ticket_id, "duel"),
            TicketCancelRequest(full.player_id, full.ticket_id),
        ]
    )
    assert replies == [
        Cancelled(named.ticket_id, "gateway1", named.conn_id),
        None,
        Cancelled(nameless.ticket_id, "gateway1", nameless.conn_id),
        Cancelled(full.ticket_id, "gateway1", full.conn_id),
        None,
    ]
    assert await waiting(store) == []


# ---- adopt


async def test_an_adopted_ticket_keeps_its_place_and_its_life(
    store: TicketStore, redis_client: AsyncRedis
) -> None:
    [ticket] = await queue_up(store)
    left_ms = await redis_client.pttl(keys.ticket(REGION, ticket.ticket_id))
    wish = TicketAdoptRequest(ticket.player_id, ticket.ticket_id, "gateway2", 9)
    adopted = await store.adopt(wish)
    assert adopted is not None
    assert (adopted.mode, adopted.gateway_id, adopted.conn_id) == ("duel", "gateway1", ticket.conn_id)
    assert 0 < adopted.expires_in_ms <= 60_000
    status = (await store.fetch([ticket.ticket_id]))[ticket.ticket_id]
    assert status.ticket == replace(ticket, gateway_id="gateway2", conn_id=9)
    assert 0 < await redis_client.pttl(keys.ticket(REGION, ticket.ticket_id)) <= left_ms
    assert await redis_client.pttl(keys.gateway_lease(REGION, "gateway2")) > 0
    again = await store.adopt(wish)
    assert isinstance(again, Adopted)
    assert (again.gateway_id, again.conn_id) == ("gateway2", 9)


async def test_a_ticket_whose_hash_lapsed_is_not_adopted(
    store: TicketStore, redis_client: AsyncRedis
) -> None:
    [ticket] = await queue_up(store)
    await redis_client.delete(keys.ticket(REGION, ticket.ticket_id))
    assert await store.adopt(TicketAdoptRequest(ticket.player_id, ticket.ticket_id, "gateway2", 9)) is None
    assert await redis_client.exists(keys.ticket(REGION, ticket.ticket_id)) == 0


async def test_a_closed_socket_does_not_cancel_what_another_adopted(store: TicketStore) -> None:
    [ticket] = await queue_up(store)
    await store.adopt(TicketAdoptRequest(ticket.player_id, ticket.ticket_id, "gateway2", 9))
    stale = TicketCancelRequest(ticket.player_id, ticket.ticket_id, owner_conn_id=ticket.conn_id)
    assert await store.cancel([stale]) == [None]
    assert await waiting(store) == [ticket.ticket_id]
    # 답을 잃은 청을 같은 열쇠로 다시 물으면, 지금의 주인만 그 표를 받는다.
    [reply] = await store.join([wanted(ticket.player_id)])
    assert reply == Held("")
    [reply] = await store.join([wanted(ticket.player_id, conn_id=9)])
    assert reply == Joined(ticket.ticket_id, ticket.joined_ms, ANY)


async def test_adopt_and_claim_race_and_the_match_knows_the_last_owner(store: TicketStore) -> None:
    """이은 것이 먼저면 낡은 기억의 claim은 물러나고, 잡은 것이 먼저면 잇지 못한다."""
    for _ in range(100):
        pair = await queue_up(store, 2)
        wish = TicketAdoptRequest(pair[0].player_id, pair[0].ticket_id, "gateway2", 9)
        adopted, [claimed] = await asyncio.gather(store.adopt(wish), store.claim("mm1", [claim_of(pair)]))
        assert (adopted is None) == isinstance(claimed, Claimed)
        if adopted is not None:
            assert claimed == Conflict((), (pair[0].ticket_id,))
            fresh = await store.fetch(ticket.ticket_id for ticket in pair)
            again = claim_of([fresh[ticket.ticket_id].ticket for ticket in pair])
            assert isinstance((await store.claim("mm1", [again]))[0], Claimed)


async def test_a_ticket_that_moved_is_reaped_only_by_the_lease_of_its_owner(
    store: TicketStore, redis_client: AsyncRedis
) -> None:
    [ticket] = await queue_up(store)
    await store.adopt(TicketAdoptRequest(ticket.player_id, ticket.ticket_id, "gateway2", 9))
    await redis_client.delete(keys.gateway_lease(REGION, "gateway1"))
    assert await store.expire("duel", [ticket], reap=True) == {ticket.ticket_id: TicketVerdict.MOVED}
    fresh = (await store.fetch([ticket.ticket_id]))[ticket.ticket_id].ticket
    assert await store.expire("duel", [fresh], reap=True) == {ticket.ticket_id: TicketVerdict.KEPT}
    await redis_client.delete(keys.gateway_lease(REGION, "gateway2"))
    assert await store.expire("duel", [fresh], reap=True) == {ticket.ticket_id: TicketVerdict.REAPED}


# ---- 들을 결과


async def test_a_result_is_owed_until_it_was_told(store: TicketStore, redis_client: AsyncRedis) -> None:
    pair = await queue_up(store, 2)
    request = await claim(store, pair)
    players = [ticket.player_id for ticket in pair]
    owed = OwedResults(RedisGate(redis_client), REGION)
    assert await store.end_many([Release(request.match_id, players)]) == 2
    assert await store.player_holds(players) == [PlayerHold(None, request.match_id)] * 2
    assert await owed.told_many([(players[0], request.match_id)]) == [True]
    assert await store.end_many([Release(request.match_id, players)]) == 0
    assert await store.player_holds(players) == [PlayerHold(None), PlayerHold(None, request.match_id)]


async def test_a_result_told_before_the_players_are_released_is_not_owed(
    store: TicketStore, redis_client: AsyncRedis
) -> None:
    player_id, match_id, other_id = new_id(), new_id(), new_id()
    owed = OwedResults(RedisGate(redis_client), REGION)
    assert await owed.told_many([(player_id, match_id)]) == [True]
    await store.end_many([Release(match_id, [player_id])])
    assert await store.player_holds([player_id]) == [PlayerHold(None)]
    await store.end_many([Release(other_id, [player_id])])
    assert await owed.told_many([(player_id, match_id)]) == [False]
    assert await store.player_holds([player_id]) == [PlayerHold(None, other_id)]


async def test_a_player_who_waits_again_still_hears_the_result_he_missed(store: TicketStore) -> None:
    pair = await queue_up(store, 2)
    request = await claim(store, pair)
    await store.end_many([Release(request.match_id, [ticket.player_id for ticket in pair])])
    [reply] = await store.join([wanted(pair[0].player_id, request_key="k2")])
    assert isinstance(reply, Joined)
    assert await store.player_holds([pair[0].player_id]) == [
        PlayerHold(f"ticket:{reply.ticket_id}", request.match_id)
    ]


# ---- expire


async def test_a_ticket_that_waited_too_long_goes_away_and_a_young_one_stays(
    store: TicketStore, redis_client: AsyncRedis
) -> None:
    [ticket] = await queue_up(store)
    assert await store.expire("duel", [ticket], reap=True) == {ticket.ticket_id: TicketVerdict.KEPT}
    impatient = TicketStore(RedisGate(redis_client), REGION, ticket_timeout_ms=0)
    assert await impatient.expire("duel", [ticket], reap=False) == {ticket.ticket_id: TicketVerdict.TIMEOUT}
    assert await waiting(store) == []
    assert await store.player_guard(ticket.player_id) is None


async def test_the_tickets_of_a_gateway_without_a_lease_are_reaped(
    store: TicketStore, redis_client: AsyncRedis
) -> None:
    [lost] = await queue_up(store, gateway_id="gateway1")
    [kept] = await queue_up(store, gateway_id="gateway2")
    await redis_client.delete(keys.gateway_lease(REGION, "gateway1"))
    assert await store.expire("duel", [lost, kept], reap=False) == dict.fromkeys(
        [lost.ticket_id, kept.ticket_id], TicketVerdict.KEPT
    )
    verdicts = await store.expire("duel", [lost, kept], reap=True)
    assert verdicts == {lost.ticket_id: TicketVerdict.REAPED, kept.ticket_id: TicketVerdict.KEPT}
    assert await waiting(store) == [kept.ticket_id]
    assert await store.player_guard(lost.player_id) is None


async def test_a_name_without_its_hash_is_swept(store: TicketStore, redis_client: AsyncRedis) -> None:
    known, unknown = await queue_up(store, 2)
    for ticket in (known, unknown):
        await redis_client.delete(keys.ticket(REGION, ticket.ticket_id))
    assert await store.expire("duel", [known], reap=False) == {known.ticket_id: TicketVerdict.GHOST}
    await store.drop_ghosts("duel", [unknown.ticket_id])
    assert await waiting(store) == []


async def test_a_claimed_ticket_does_not_expire(store: TicketStore, redis_client: AsyncRedis) -> None:
    pair = await queue_up(store, 2)
    request = await claim(store, pair)
    impatient = TicketStore(RedisGate(redis_client), REGION, ticket_timeout_ms=0)
    assert set((await impatient.expire("duel", pair, reap=True)).values()) == {TicketVerdict.KEPT}
    assert await store.player_guard(pair[0].player_id) == f"match:{request.match_id}"


# ---- Redis의 고장


async def test_the_scripts_survive_a_script_flush(store: TicketStore, redis_client: AsyncRedis) -> None:
    await queue_up(store, 1)
    await redis_client.script_flush()
    assert len(await queue_up(store, 3)) == 3


async def test_a_full_redis_answers_unavailable_and_writes_nothing(
    store: TicketStore, redis_client: AsyncRedis
) -> None:
    await redis_client.config_set("maxmemory", "1")
    try:
        [reply] = await store.join([wanted()])
        assert isinstance(reply, Unavailable)
    finally:
        await redis_client.config_set("maxmemory", "0")
    assert await redis_client.dbsize() == 0


async def test_a_frozen_redis_is_unavailable_within_the_budget_and_its_late_answers_are_not_mixed_up(
    private_redis: RedisProcess, store: TicketStore
) -> None:
    [ticket] = await queue_up(store)
    loop = asyncio.get_running_loop()
    private_redis.freeze()
    try:
        started_s = loop.time()
        with pytest.raises(Unavailable):
            await store.join([wanted(), wanted()])
        with pytest.raises(Unavailable):
            await cancel(store, ticket.player_id)
        assert loop.time() - started_s < 2 * 0.3
    finally:
        private_redis.thaw()
    for _ in range(5):
        assert await store.player_guard(ticket.player_id) in {None, f"ticket:{ticket.ticket_id}"}
        assert isinstance((await store.join([wanted()]))[0], Joined)
