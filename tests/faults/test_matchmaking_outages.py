"""matchmaking의 경계마다의 장애: 비워진 Redis, 죽은 matchmaking, 죽은 gateway.

아픈 Redis는 test_redis_degrade.py가 본다.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.errors import Unavailable
from kernel.ids import new_id
from tests.fakes.addresses import own_address
from tests.fakes.redis_process import RedisProcess
from tests.fakes.roomless_session import RoomlessSession
from tests.fakes.watching_gateway import WatchingGateway, eventually
from tests.fakes.worker_process import WorkerProcess, matchmaking_process
from tests.faults.conftest import REGION
from tests.faults.queueing import meet_again

HOSTS = {"matchmaking1": own_address(21), "matchmaking2": own_address(22)}


@pytest.fixture
def environment(own_redis: RedisProcess) -> dict[str, str]:
    redis = own_redis.settings()
    return {
        "HANPAN_REDIS_HOST": redis.host, "HANPAN_REDIS_PORT": str(redis.port), "HANPAN_REGION": REGION,
        "HANPAN_DB_HOST": own_address(20), "HANPAN_DB_PORT": "1",
        "HANPAN_MODE_OVERRIDES": json.dumps({"arena": {"fill_wait_ms": 500}}),
    }  # fmt: skip


@pytest.fixture
def matchmaking1(environment: dict[str, str], tmp_path: Path) -> Iterator[WorkerProcess]:
    with matchmaking_process("matchmaking1", HOSTS["matchmaking1"], environment, tmp_path) as process:
        yield process


@pytest.fixture
def matchmaking2(environment: dict[str, str], tmp_path: Path) -> Iterator[WorkerProcess]:
    with matchmaking_process("matchmaking2", HOSTS["matchmaking2"], environment, tmp_path) as process:
        yield process


async def test_after_a_redis_that_came_back_empty_the_waiting_are_told_and_others_can_play(
    own_redis: RedisProcess, matchmaking1: WorkerProcess, session: RoomlessSession
) -> None:
    address = matchmaking1.address
    async with WatchingGateway("gateway1", [address], region=REGION) as gateway:
        lonely = await gateway.join(address, mode="arena")
        await eventually(
            lambda: matchmaking1.metric('matchmaking_queue_depth{mode="arena"}') == 1, "줄이 보이지 않는다"
        )
        own_redis.kill()
        with pytest.raises(Unavailable):
            await gateway.join(address)
        own_redis.forget()
        own_redis.start()
        await gateway.until(lambda: lonely in gateway.timeouts)
        await meet_again(gateway, address)


async def test_the_match_of_a_matchmaker_that_died_is_finished_by_the_other(
    matchmaking1: WorkerProcess, matchmaking2: WorkerProcess, session: RoomlessSession
) -> None:
    session.stuck.clear()
    addresses = [matchmaking1.address, matchmaking2.address]
    players = [new_id(), new_id()]
    async with WatchingGateway("gateway1", addresses, region=REGION) as gateway:
        matchmaking2.freeze()
        pair = [await gateway.join(addresses[0], player) for player in players]
        await eventually(lambda: bool(session.asked), "session에 묻지 않았다")
        matchmaking1.kill()
        matchmaking2.thaw()
        session.stuck.set()
        await gateway.until(lambda: set(pair) <= gateway.seats.keys())
    seated = Counter(player.player_id for made in session.made.values() for player in made.players)
    assert seated == Counter(players)


async def test_the_tickets_of_a_gateway_that_died_do_not_meet_anyone(
    matchmaking1: WorkerProcess, session: RoomlessSession
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
