"""진짜 프로세스, 진짜 Redis, 진짜 gRPC로 본 매칭: 줄에 서서 판을 얻고 놓여날 때까지."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter

import pytest

from kernel.errors import AlreadyInMatch, AlreadyQueued, InvalidArgument, NotQueued
from kernel.ids import new_id
from redisstore import keys
from redisstore.client import AsyncRedis
from tests.fakes.roomless_session import RoomlessSession
from tests.fakes.watching_gateway import WatchingGateway, eventually
from tests.fakes.worker_process import WorkerProcess
from tests.it.matchmaking.conftest import REGION
from tests.it.redisstore.key_table import strange_keys


async def test_two_players_meet_are_told_and_are_free_again_after_the_end(
    matchmaking1: WorkerProcess, gateway: WatchingGateway, sessions: list[RoomlessSession]
) -> None:
    address = matchmaking1.address
    players = [new_id(), new_id()]
    first, second = [await gateway.join(address, player) for player in players]
    await gateway.until(lambda: {first, second} <= gateway.seats.keys())
    [found] = gateway.seats[first]
    assert gateway.seats[second] == [found]
    assert [player.player_id for player in found.players] == players
    made = {match_id: session for session in sessions for match_id in session.made}
    assert made[found.match_id].server_id == found.session_id
    assert {seat.resume_token for seat in found.seats} == {f"token-{player}" for player in players}
    with pytest.raises(AlreadyInMatch):
        await gateway.join(address, players[0])
    await gateway.end(address, found.match_id, players)
    assert await gateway.join(address, players[0])
    with pytest.raises(AlreadyQueued):
        await gateway.join(address, players[0])


async def test_a_cancelled_player_is_not_matched(
    matchmaking1: WorkerProcess, gateway: WatchingGateway, sessions: list[RoomlessSession]
) -> None:
    address, leaver = matchmaking1.address, new_id()
    ticket = await gateway.join(address, leaver)
    assert await gateway.cancel(address, leaver) == ticket
    with pytest.raises(NotQueued):
        await gateway.cancel(address, leaver)
    pair = [await gateway.join(address) for _ in range(2)]
    await gateway.until(lambda: set(pair) <= gateway.seats.keys())
    assert ticket not in gateway.seats


async def test_wrong_requests_are_named_and_leave_no_stack_trace(
    matchmaking1: WorkerProcess, gateway: WatchingGateway
) -> None:
    with pytest.raises(InvalidArgument):
        await gateway.join(matchmaking1.address, mode="chess")
    with pytest.raises(InvalidArgument):
        await gateway.join(matchmaking1.address, player_id="me")
    assert not any("exception" in line or "Traceback" in line["event"] for line in matchmaking1.log())


async def test_the_probes_and_the_metrics_tell_what_goes_on(
    matchmaking1: WorkerProcess, gateway: WatchingGateway, sessions: list[RoomlessSession]
) -> None:
    before = matchmaking1.metric('matchmaking_matches_total{mode="duel"}')
    pair = [await gateway.join(matchmaking1.address) for _ in range(2)]
    await gateway.until(lambda: set(pair) <= gateway.seats.keys())
    assert matchmaking1.probe("/healthz")[0] == 200
    await eventually(
        lambda: matchmaking1.metric('matchmaking_matches_total{mode="duel"}') > before,
        "판의 수가 늘지 않았다",
    )
    assert matchmaking1.metric("matchmaking_rating_fallback_total") >= 2, "MariaDB가 없다"


@pytest.mark.alone
async def test_two_instances_match_two_hundred_players_and_nobody_sits_twice(
    matchmaking1: WorkerProcess,
    matchmaking2: WorkerProcess,
    redis_client: AsyncRedis,
    sessions: list[RoomlessSession],
) -> None:
    addresses = [matchmaking1.address, matchmaking2.address]
    chance = random.Random(7)
    players = [new_id() for _ in range(200)]
    async with (
        WatchingGateway("gateway1", addresses, region=REGION) as one,
        WatchingGateway("gateway2", addresses, region=REGION) as two,
    ):
        asked = [
            chance.choice([one, two]).join(chance.choice(addresses), player, request_key="k")
            for player in players
        ]
        tickets = set(await asyncio.gather(*asked))
        await eventually(lambda: tickets <= one.seats.keys() | two.seats.keys(), "판을 얻지 못한 선수가 있다")
    told = {**one.seats, **two.seats}
    assert all(len(found) == 1 for found in told.values()), "한 표에 한 판"
    seated = Counter(
        player.player_id for session in sessions for made in session.made.values() for player in made.players
    )
    assert seated == Counter(players), "모두 한 번씩 앉았다"
    assert sum(len(session.made) for session in sessions) == 100
    assert max(len(session.made) for session in sessions) <= 60, "부하가 나뉜다"
    async with asyncio.timeout(10):  # 판은 알린 뒤에 정해진다
        while await redis_client.zcard(keys.queue(REGION, "duel")):  # noqa: ASYNC110 - 알려 줄 이가 없다
            await asyncio.sleep(0.02)
    assert await strange_keys(redis_client) == []


async def test_a_gateway_that_comes_back_is_told_what_it_missed(
    matchmaking1: WorkerProcess, gateway: WatchingGateway, sessions: list[RoomlessSession]
) -> None:
    address = matchmaking1.address
    for session in sessions:
        session.stuck.clear()
    pair = [await gateway.join(address) for _ in range(2)]
    await gateway.unwatch(address)
    for session in sessions:
        session.stuck.set()
    await eventually(lambda: any(session.made for session in sessions), "판이 만들어지지 않았다")
    await gateway.watch(address, waiting=[*pair, gone := new_id()])
    await gateway.until(lambda: set(pair) <= gateway.seats.keys() and gone in gateway.timeouts)
    assert sum(len(session.made) for session in sessions) == 1


async def test_without_a_session_server_players_wait_and_are_matched_when_one_comes(
    matchmaking1: WorkerProcess, gateway: WatchingGateway, sessions: list[RoomlessSession]
) -> None:
    for session in sessions:
        session.capacity = 0
        await session.beat()
    before = matchmaking1.metric("allocation_no_server_total")
    pair = [await gateway.join(matchmaking1.address) for _ in range(2)]
    await eventually(
        lambda: matchmaking1.metric("allocation_no_server_total") > before, "둘 곳이 없다고 세지 않았다"
    )
    assert not gateway.seats
    sessions[0].capacity = 10
    await sessions[0].beat()
    await gateway.until(lambda: set(pair) <= gateway.seats.keys())


async def test_a_reply_lost_by_the_session_server_still_makes_one_match(
    matchmaking1: WorkerProcess, gateway: WatchingGateway, sessions: list[RoomlessSession]
) -> None:
    for session in sessions:
        session.lost_replies = 2
    pair = [await gateway.join(matchmaking1.address) for _ in range(2)]
    await gateway.until(lambda: set(pair) <= gateway.seats.keys())
    assert sum(len(session.made) for session in sessions) == 1


async def test_sigterm_finishes_the_match_in_flight_ends_the_streams_and_exits_with_zero(
    matchmaking2: WorkerProcess, redis_client: AsyncRedis, sessions: list[RoomlessSession]
) -> None:
    address = matchmaking2.address
    for session in sessions:
        session.stuck.clear()
    async with WatchingGateway("gateway1", [address], region=REGION) as gateway:
        pair = [await gateway.join(address) for _ in range(2)]
        await eventually(lambda: any(session.asked for session in sessions), "session에 묻지 않았다")
        matchmaking2.signal(signal.SIGTERM)
        await eventually(lambda: matchmaking2.probe("/readyz")[0] == 404, "드레인을 시작하지 않았다")
        for session in sessions:
            session.stuck.set()
        await gateway.until(lambda: set(pair) <= gateway.seats.keys())
        await gateway.watch_ended(address)
    assert await asyncio.to_thread(matchmaking2.exit_code) == 0
    assert matchmaking2.events()[-1] == "worker.stopped"
