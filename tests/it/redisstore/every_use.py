"""Redis에 적는 모든 길을 한 번씩 지나간다: 줄서기에서 판의 끝까지, 등록부, 일지, 속도 제한."""

from __future__ import annotations

from kernel.ids import new_id
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.live_matches import LiveMatchStore
from redisstore.ratelimit import RateLimiter
from redisstore.results import OwedResults, ResultStream, WriteFailure
from redisstore.revocations import Ask, RevocationReader, notices
from redisstore.seats import SeatRefresh, SeatStore
from redisstore.servers.registry import Forgetting, LeaseEnd, ServerRegistry, ServerReport, ServerState
from redisstore.tickets.claims import TicketStore
from redisstore.tickets.rows import ClaimSettlement, Release, TicketAdoptRequest
from tests.it.redisstore.match_making import RECORD_TTL_MS, opening
from tests.it.redisstore.ticket_making import REGION, cancel, claim, queue_up

SERVER = "session1"
ADDRESS = "10.0.0.7:7000"


async def use_everything(client: AsyncRedis) -> None:
    """스크립트마다 적어도 한 번 부른다."""
    await use_the_queue(TicketStore(RedisGate(client), REGION))
    assert await OwedResults(RedisGate(client), REGION).told_many([(new_id(), new_id())]) == [True]
    await use_the_fleet(ServerRegistry(RedisGate(client), REGION))
    await play(client)
    await use_the_logouts(client)
    await RateLimiter(RedisGate(client)).take("connect", "203.0.113.9", 10.0, 20)


async def use_the_logouts(client: AsyncRedis) -> None:
    """끝난 것의 알림과 그것을 보는 hello."""
    player_id, sign_in_id = new_id(), new_id()
    for key, value in notices(REGION, player_id, 2, [sign_in_id]):
        await client.set(key, value, px=60_000)
    reader = RevocationReader(RedisGate(client), REGION)
    asks = [Ask(player_id, "", 1), Ask(player_id, "", 2)]
    asks += [Ask(new_id(), sign_in_id, 0), Ask(new_id(), new_id(), 0)]
    assert await reader.are_revoked(asks) == [True, False, True, False]


async def use_the_queue(store: TicketStore) -> None:
    """거둔 표, 지난 표, 되돌린 판, 정해진 판."""
    (leaver,) = await queue_up(store)
    await cancel(store, leaver.player_id)
    waiting = await queue_up(store)
    await store.adopt(TicketAdoptRequest(waiting[0].player_id, waiting[0].ticket_id, "gateway2", 9))
    await store.expire("duel", waiting, reap=False)
    failed = await queue_up(store, 2)
    await store.requeue("duel", (await claim(store, failed)).match_id, failed)
    pair = await queue_up(store, 2)
    request = await claim(store, pair)
    await store.settle([ClaimSettlement("duel", request.match_id, [ticket.ticket_id for ticket in pair])])
    await store.release(request.match_id, [pair[0].player_id])
    await store.end_many([Release(request.match_id, [ticket.player_id for ticket in pair])])
    await store.renew_gateways(["gateway1"])


async def use_the_fleet(registry: ServerRegistry) -> None:
    """하트비트, 임대와 굳힘과 거둠, 드레인 지시."""
    report = ServerReport(
        server_id=SERVER, address=ADDRESS, state=ServerState.READY, capacity=10, running=0, version="x"
    )
    await registry.heartbeat(report)
    kept, left = new_id(), new_id()
    assert await registry.allocate(kept)
    assert await registry.confirm(kept, SERVER)
    await registry.hold(SERVER, kept)
    assert await registry.allocate(left)
    assert await registry.release_lease(left) is LeaseEnd.RELEASED
    assert await registry.allocate(new_id())
    assert await registry.forget("nobody") is Forgetting.FORGOTTEN
    await registry.set_draining("session2", intended=True, grace_ms=5_000)
    assert [row.server_id for row in await registry.servers()] == [SERVER]
    await registry.unregister("nobody")


async def play(client: AsyncRedis) -> None:
    """판을 열고, 잇고, 늘리고, 되살리고, 결과를 적는다."""
    seats, live, results = (
        SeatStore(RedisGate(client)),
        LiveMatchStore(RedisGate(client)),
        ResultStream(RedisGate(client), REGION),
    )
    match_id, players = new_id(), [new_id(), new_id()]
    wish = opening(match_id, players, address=ADDRESS)
    grants = await seats.open_match(wish)
    await live.put(wish.match, ttl_ms=RECORD_TTL_MS)
    await live.restore_guards(wish.match, wish.match.player_ids, ttl_ms=RECORD_TTL_MS)
    rotated = await seats.rotate(grants[players[0]].resume_token)
    await seats.confirm(match_id, players[0], rotated.epoch)
    assert await seats.reissue(match_id, players[1])
    (records,) = await seats.refresh(SERVER, ADDRESS, [SeatRefresh(match_id, players, {players[0]})])
    await seats.restore(new_id(), {player: record for player, record in records.items() if record})
    entry = await results.append("{}")
    await results.append("{}")
    await results.remove(entry, match_id)
    failure = WriteFailure(reason="x", attempts=1, server_id=SERVER, failed_at_ms=1)
    await results.note_failure(match_id, failure)
