"""matchmaking의 경계마다의 장애: 멈춘 Redis, 비워진 Redis, 죽은 matchmaking."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from kernel.errors import AlreadyInMatch, NotQueued, Unavailable
from kernel.ids import new_id
from redisstore.client import AsyncRedis
from tests.fakes.addresses import own_address
from tests.fakes.redis_process import RedisProcess, redis_process
from tests.fakes.session_service import FakeSession, fake_session
from tests.fakes.watching_gateway import WatchingGateway, eventually
from tests.it.matchmaking.matchmaking_process import MatchmakingProcess, matchmaking_process

REGION = "local"
HOSTS = {"matchmaking1": own_address(21), "matchmaking2": own_address(22)}
# 멈춘 Redis의 답은 예산 250 ms 안이다. 느린 기계의 몫을 더해도 멈춰 있는 것(수 초)과는 가려진다.
FAST_S = 0.6


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisProcess]:
    folder = tmp_path / "redis"
    folder.mkdir()
    with redis_process(folder) as process:
        yield process


@pytest.fixture
async def redis_client(own_redis: RedisProcess) -> AsyncIterator[AsyncRedis]:
    client = own_redis.client()
    yield client
    await client.aclose()


@pytest.fixture
def environment(own_redis: RedisProcess) -> dict[str, str]:
    redis = own_redis.settings()
    return {
        "HANPAN_REDIS_HOST": redis.host, "HANPAN_REDIS_PORT": str(redis.port), "HANPAN_REGION": REGION,
        "HANPAN_DB_HOST": own_address(20), "HANPAN_DB_PORT": "1",
        "HANPAN_MODE_OVERRIDES": json.dumps({"arena": {"fill_wait_ms": 500}}),
    }  # fmt: skip


@pytest.fixture
def matchmaking1(environment: dict[str, str], tmp_path: Path) -> Iterator[MatchmakingProcess]:
    with matchmaking_process("matchmaking1", HOSTS["matchmaking1"], environment, tmp_path) as process:
        yield process


@pytest.fixture
def matchmaking2(environment: dict[str, str], tmp_path: Path) -> Iterator[MatchmakingProcess]:
    with matchmaking_process("matchmaking2", HOSTS["matchmaking2"], environment, tmp_path) as process:
        yield process


@pytest.fixture
async def session(redis_client: AsyncRedis) -> AsyncIterator[FakeSession]:
    async with fake_session(redis_client, REGION, "session1") as opened:
        yield opened


async def meet(gateway: WatchingGateway, address: str) -> None:
    """두 선수가 줄에 서서 판을 얻는다."""
    pair = [await gateway.join(address) for _ in range(2)]
    await gateway.until(lambda: set(pair) <= gateway.seats.keys())


async def meet_again(gateway: WatchingGateway, address: str) -> None:
    """되돌아올 때까지 줄에 서 보고, 서면 판을 얻는다."""
    async with asyncio.timeout(15):
        while True:
            try:
                return await meet(gateway, address)
            except Unavailable:
                await asyncio.sleep(0.05)


async def seconds_until_unavailable(gateway: WatchingGateway, address: str, players: list[str]) -> float:
    """모두의 join과 cancel을 한꺼번에 보내 모두 UNAVAILABLE이 될 때까지의 시간."""
    loop = asyncio.get_running_loop()
    started_s = loop.time()
    calls = [gateway.join(address, player, request_key="k") for player in players]
    calls += [gateway.cancel(address, player) for player in players]
    replies = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(reply, Unavailable) for reply in replies), replies
    return loop.time() - started_s


async def withdraw(gateway: WatchingGateway, address: str, player: str) -> None:
    """답을 듣지 못한 join을 gateway처럼 같은 열쇠로 다시 물어, 만들어져 있었으면 거둔다."""
    async with asyncio.timeout(15):
        while True:
            try:
                await gateway.join(address, player, request_key="k")
                await gateway.cancel(address, player)
            except Unavailable:
                await asyncio.sleep(0.05)
            except (NotQueued, AlreadyInMatch):
                return
            else:
                return


async def test_a_frozen_redis_refuses_at_once_and_matching_returns_by_itself(
    own_redis: RedisProcess, matchmaking1: MatchmakingProcess, session: FakeSession
) -> None:
    address = matchmaking1.address
    async with WatchingGateway("gateway1", [address], region=REGION) as gateway:
        await meet(gateway, address)
        refused = [new_id() for _ in range(20)]
        own_redis.freeze()
        try:
            for _ in range(3):
                assert await seconds_until_unavailable(gateway, address, refused) < FAST_S
            assert matchmaking1.probe("/readyz")[0] == 200
        finally:
            own_redis.thaw()
        # 시간이 다한 쓰기도 Redis가 깨어나면 반영된다. 같은 열쇠로 다시 물어야 남지 않는다.
        await asyncio.gather(*(withdraw(gateway, address, player) for player in refused))
        await meet_again(gateway, address)
    assert "match_loop.unavailable" in matchmaking1.events()


async def test_after_a_redis_that_came_back_empty_the_waiting_are_told_and_others_can_play(
    own_redis: RedisProcess, matchmaking1: MatchmakingProcess, session: FakeSession
) -> None:
    address = matchmaking1.address
    async with WatchingGateway("gateway1", [address], region=REGION) as gateway:
        lonely = await gateway.join(address, mode="arena")
        await eventually(
            lambda: matchmaking1.metric('matchmaking_queue_depth{mode="arena"}') == 1, "줄이 보이지 않는다"
        )
        own_redis.kill()
        assert await seconds_until_unavailable(gateway, address, [new_id()]) < FAST_S
        own_redis.forget()
        own_redis.start()
        await gateway.until(lambda: lonely in gateway.timeouts)
        await meet_again(gateway, address)


async def test_the_match_of_a_matchmaker_that_died_is_finished_by_the_other(
    matchmaking1: MatchmakingProcess, matchmaking2: MatchmakingProcess, session: FakeSession
) -> None:
    session.stuck.clear()
    addresses = [matchmaking1.address, matchmaking2.address]
    players = [new_id(), new_id()]
    async with WatchingGateway("gateway1", addresses, region=REGION) as gateway:
        matchmaking2.signal(signal.SIGSTOP)
        pair = [await gateway.join(addresses[0], player) for player in players]
        await eventually(lambda: bool(session.asked), "session에 묻지 않았다")
        matchmaking1.signal(signal.SIGKILL)
        matchmaking2.signal(signal.SIGCONT)
        session.stuck.set()
        await gateway.until(lambda: set(pair) <= gateway.seats.keys())
    seated = Counter(player.player_id for made in session.made.values() for player in made.players)
    assert seated == Counter(players)


async def test_the_tickets_of_a_gateway_that_died_do_not_meet_anyone(
    matchmaking1: MatchmakingProcess, session: FakeSession
) -> None:
    address = matchmaking1.address
    async with WatchingGateway("gateway1", [address], region=REGION) as gateway:
        async with WatchingGateway("gateway2", [address], region=REGION) as dying:
            ghost = await dying.join(address, mode="arena")
            await eventually(
                lambda: matchmaking1.metric('matchmaking_queue_depth{mode="arena"}') == 1,
                "표가 지표에 보이지 않는다",
            )
        await eventually(
            lambda: matchmaking1.metric('matchmaking_queue_depth{mode="arena"}') == 0,
            "유령 표가 남았다",
            within_s=25,
        )
        pair = [await gateway.join(address, mode="arena") for _ in range(2)]
        await gateway.until(lambda: set(pair) <= gateway.seats.keys())
        [found] = gateway.seats[pair[0]]
    assert len(found.players) == 2
    assert ghost not in gateway.seats
