"""Redis가 아픈 여러 꼴: join과 cancel은 곧바로 UNAVAILABLE이고, 낫고 나면 다시 띄우지 않아도 돌아온다."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from kernel.errors import HanpanError, Unavailable
from kernel.ids import new_id
from redisstore.client import AsyncRedis
from tests.fakes.addresses import own_address
from tests.fakes.redis_process import HOST, RedisProcess
from tests.fakes.roomless_session import RoomlessSession
from tests.fakes.tcp_proxy import SlowProxy, proxying
from tests.fakes.watching_gateway import WatchingGateway, eventually
from tests.fakes.worker_process import WorkerProcess, matchmaking_process
from tests.faults.conftest import REGION
from tests.faults.queueing import meet, meet_again, withdraw
from tests.it.redisstore.key_table import strange_keys

pytestmark = pytest.mark.alone

log = logging.getLogger(__name__)

CALLERS = 12
# 예산은 250 ms다. 느린 기계의 몫을 더해도 멈춰 있는 것(수 초)과는 가려진다.
FAST_S = 0.6
# 가득 찬 Redis도 지우기는 한다. 물러나는 것은 자리를 비우는 일이라 그대로 된다.
STILL_CANCELS = {"out-of-memory"}
UNREADABLE = {"killed", "frozen", "slow"}
NOBODY = 1  # 아무도 듣지 않는 포트


class SickRedis:
    """혼자만의 Redis와 그 앞의 중계. `fall`로 아프고 `heal`로 낫는다."""

    def __init__(self, process: RedisProcess, proxy: SlowProxy) -> None:
        self.process = process
        self.proxy = proxy
        self.ways: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
            "killed": (process.kill, process.start),
            "frozen": (process.freeze, process.thaw),
            "slow": (lambda: self._slow(0.4), lambda: self._slow(0.0)),
            "read-only": (
                lambda: self._ask("REPLICAOF", HOST, NOBODY),
                lambda: self._ask("REPLICAOF", "NO", "ONE"),
            ),
            "out-of-memory": (
                lambda: self._ask("CONFIG", "SET", "maxmemory", 1),
                lambda: self._ask("CONFIG", "SET", "maxmemory", 0),
            ),
        }  # fmt: skip

    def fall(self, way: str) -> None:
        self.ways[way][0]()

    def heal(self, way: str) -> None:
        self.ways[way][1]()

    def _slow(self, delay_s: float) -> None:
        self.proxy.delay_s = delay_s

    def _ask(self, *command: str | int) -> None:
        with redis.Redis(host=HOST, port=self.process.port) as client:
            client.execute_command(*command)


@pytest.fixture
def sick(own_redis: RedisProcess) -> Iterator[SickRedis]:
    with proxying(SlowProxy((HOST, own_redis.port))) as proxy:
        yield SickRedis(own_redis, proxy)


@pytest.fixture
def matchmaking(sick: SickRedis, tmp_path: Path) -> Iterator[WorkerProcess]:
    environment = {
        "HANPAN_REDIS_HOST": HOST, "HANPAN_REDIS_PORT": str(sick.proxy.port), "HANPAN_REGION": REGION,
        "HANPAN_DB_HOST": own_address(50), "HANPAN_DB_PORT": "1",
        "HANPAN_MODE_OVERRIDES": json.dumps({"arena": {"fill_wait_ms": 60_000}}),
    }  # fmt: skip
    with matchmaking_process("matchmaking1", own_address(51), environment, tmp_path) as process:
        yield process


async def refusals(
    gateway: WatchingGateway, address: str, joining: list[str], waiting: list[str], way: str
) -> tuple[list[object], float]:
    """줄에 서려는 이들과 물러나려는 이들의 답과, 가장 늦은 답까지의 시간."""
    began_s = asyncio.get_running_loop().time()
    calls = [gateway.join(address, player, request_key="k") for player in joining]
    calls += [gateway.cancel(address, player) for player in waiting]
    answers: list[object] = list(await asyncio.gather(*calls, return_exceptions=True))
    if way in STILL_CANCELS:
        del answers[len(joining) :]
    return answers, asyncio.get_running_loop().time() - began_s


@pytest.mark.parametrize("way", ["killed", "frozen", "slow", "read-only", "out-of-memory"])
async def test_a_sick_redis_refuses_at_once_and_comes_back_by_itself(
    sick: SickRedis, redis_client: AsyncRedis, matchmaking: WorkerProcess, session: RoomlessSession, way: str
) -> None:
    address = matchmaking.address
    joining, waiting = ([new_id() for _ in range(CALLERS)] for _ in range(2))
    async with WatchingGateway("gateway1", [address], region=REGION) as gateway:
        await meet(gateway, address)
        for player in waiting:
            await gateway.join(address, player, mode="arena", request_key="k")
        sick.fall(way)
        try:
            slowest_s = 0.0
            for _ in range(3):
                answers, took_s = await refusals(gateway, address, joining, waiting, way)
                assert {type(answer) for answer in answers} == {Unavailable}, answers
                assert all(error.retry_after_ms for error in answers if isinstance(error, HanpanError))
                assert took_s < FAST_S
                slowest_s = max(slowest_s, took_s)
            assert matchmaking.probe("/readyz")[0] == 200
            if way in UNREADABLE:
                await eventually(
                    lambda: "match_loop.unavailable" in matchmaking.events(), "매칭의 고리가 모른다"
                )
        finally:
            sick.heal(way)
        healed_s = time.monotonic()
        # 시간이 다한 청도 나은 Redis에는 반영된다: 줄에 섰을 수도, 물러났을 수도 있다.
        await asyncio.gather(*(withdraw(gateway, address, player) for player in joining))
        await asyncio.gather(*(withdraw(gateway, address, player, "arena") for player in waiting))
        await meet_again(gateway, address)
        log.info("%s: 거절 %.3f초, 나은 뒤 판까지 %.3f초", way, slowest_s, time.monotonic() - healed_s)
    assert matchmaking.process.poll() is None
    assert await strange_keys(redis_client) == []
