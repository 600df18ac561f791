"""MariaDB와 Redis의 장애, 그리고 서버의 죽음: 결과는 그래도 한 번 쓰인다."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
from django.db import connections

from kernel.ids import new_id
from matches.models import MatchResult, RatingChange
from redisstore import keys
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.results import WriteFailure
from redisstore.seats import SeatStore
from stack.runtime import Runtime
from tests.fakes.gateway_peer import GatewayPeer
from tests.fakes.matchmaking_server import FakeMatchmaking
from tests.fakes.redis_process import RedisProcess
from tests.fakes.worker_process import WorkerProcess, session_process
from tests.it.matches.outcomes import finished, make_players
from tests.it.session.conftest import (
    SESSION_HOSTS,
    OpenedMatch,
    Organizer,
    eventually,
    in_database,
)

pytestmark = pytest.mark.django_db(transaction=True)


def stored_rows(match_id: str) -> tuple[int, int]:
    """그 판의 결과 줄과 레이팅 변화 줄의 수."""
    return (
        MatchResult.objects.filter(match_id=match_id).count(),
        RatingChange.objects.filter(match__match_id=match_id).count(),
    )


async def seated_duel(gateway: GatewayPeer, organizer: Organizer, session: WorkerProcess) -> OpenedMatch:
    """두 선수가 앉아 시작한 duel."""
    match = await organizer.open(gateway, session)
    for conn_id, player in enumerate(match.player_ids, start=1):
        await gateway.attach(conn_id, match.match_id, player)
    await gateway.control(1, "match_start")
    return match


async def test_a_result_waits_for_the_database_but_its_players_do_not(
    session2: WorkerProcess, organizer: Organizer, matchmaking: FakeMatchmaking, faults: Runtime,
    redis_client: AsyncRedis,
) -> None:  # fmt: skip
    async with GatewayPeer(session2.address, "gateway1") as gateway:
        match = await seated_duel(gateway, organizer, session2)
        await asyncio.to_thread(faults.kill, "mariadb")
        await eventually(lambda: is_free(matchmaking, match), "선수가 놓이지 않는다")
        assert "match_result" not in gateway.kinds(1)
        assert session2.metric("result_pending") >= 0
        failure = await noted_failure(redis_client, match.match_id)
        assert failure.server_id == "session2"
        assert "2002" in failure.reason or "2013" in failure.reason or "2006" in failure.reason
        await asyncio.to_thread(restore_database, faults)
        result = await gateway.control(1, "match_result")
    assert {row.player_id for row in result.results} == set(match.player_ids)
    assert await in_database(stored_rows, match.match_id) == (1, 2)

    async def is_forgotten() -> bool:
        return not await redis_client.hexists(keys.result_failures("local"), match.match_id)

    await eventually(is_forgotten, "쓰인 결과의 실패가 남아 있다")


async def noted_failure(redis: AsyncRedis, match_id: str) -> WriteFailure:
    """운영자가 볼 마지막 실패."""
    key = keys.result_failures("local")

    async def is_noted() -> bool:
        return bool(await redis.hexists(key, match_id))

    await eventually(is_noted, "실패가 남지 않는다", within_s=20)
    return msgspec.json.decode(await redis.hget(key, match_id), type=WriteFailure)


async def is_free(matchmaking: FakeMatchmaking, match: OpenedMatch) -> bool:
    return match.match_id in matchmaking.ended


def restore_database(faults: Runtime) -> None:
    """MariaDB를 다시 띄우고 낡은 연결을 버린다."""
    faults.start("mariadb")
    faults.wait_ready()
    connections.close_all()


async def test_a_result_is_written_and_told_while_redis_is_frozen(
    session2: WorkerProcess, organizer: Organizer, matchmaking: FakeMatchmaking, private_redis: RedisProcess
) -> None:
    async with GatewayPeer(session2.address, "gateway1") as gateway:
        match = await seated_duel(gateway, organizer, session2)
        private_redis.freeze()
        try:
            await gateway.control(1, "match_result")
            assert await in_database(stored_rows, match.match_id) == (1, 2)
        finally:
            private_redis.thaw()
    assert match.match_id in matchmaking.ended
    assert session2.process.poll() is None


async def test_a_server_that_dies_with_a_journalled_result_leaves_it_to_the_next(
    environment: dict[str, str],
    organizer: Organizer,
    matchmaking: FakeMatchmaking,
    redis_client: AsyncRedis,
    tmp_path: Path,
) -> None:
    outcome = finished(await in_database(make_players, 2), match_id=new_id())
    now_s, _ = await redis_client.time()
    stream = keys.pending_results("local")
    await redis_client.delete(stream)
    await redis_client.xadd(stream, {"payload": outcome.encode().decode()}, id=f"{now_s * 1000 - 20_000}-0")
    with session_process("session2", SESSION_HOSTS["session2"], environment, tmp_path):

        async def is_swept() -> bool:
            return not await redis_client.xlen(stream)

        await eventually(is_swept, "남은 줄을 쓰지 않는다")
    assert await in_database(stored_rows, outcome.match_id) == (1, 2)
    assert matchmaking.ended[outcome.match_id][1] == {player.player_id for player in outcome.players}


async def test_an_emptied_redis_gets_the_running_match_back(
    session2: WorkerProcess, organizer: Organizer, matchmaking: FakeMatchmaking, redis_client: AsyncRedis
) -> None:
    async with GatewayPeer(session2.address, "gateway1") as gateway:
        match = await organizer.open(gateway, session2, mode="arena")
        for conn_id, player in enumerate(match.player_ids, start=1):
            await gateway.attach(conn_id, match.match_id, player)
        await gateway.control(1, "match_start")
        resume = keys.resume(match.match_id, match.player_ids[0])

        async def is_refreshed() -> bool:
            return await redis_client.hget(resume, "expires_at_ms") != opened

        opened = await redis_client.hget(resume, "expires_at_ms")
        await eventually(is_refreshed, "자리의 기한이 늘지 않는다")
        await redis_client.flushall()

        async def is_back() -> bool:
            guard = await redis_client.get(keys.player_guard("local", match.player_ids[1]))
            live = await redis_client.exists(keys.match(match.match_id), keys.route(match.match_id), resume)
            return guard == f"match:{match.match_id}" and live == 3

        await eventually(is_back, "되살리지 않는다")
        seat = await SeatStore(RedisGate(redis_client)).rotate(match.answer.seats[0].resume_token)
        assert (seat.player_id, seat.epoch) == (match.player_ids[0], 2)
        servers = {row.server_id: row for row in await organizer.registry.servers()}
        assert servers["session2"].running == 1
        await gateway.say(leave={"conn_id": 1, "match_id": match.match_id})
        await gateway.control(2, "match_result")


async def test_players_are_released_later_when_matchmaking_is_away(
    session2: WorkerProcess, organizer: Organizer, matchmaking: FakeMatchmaking
) -> None:
    matchmaking.is_down = True
    async with GatewayPeer(session2.address, "gateway1") as gateway:
        match = await seated_duel(gateway, organizer, session2)
        await gateway.control(1, "match_result")
        assert not matchmaking.ended
        matchmaking.is_down = False
        await eventually(lambda: is_free(matchmaking, match), "빚을 갚지 않는다")


async def test_a_stopping_server_leaves_a_result_it_cannot_write_to_the_next(
    session2: WorkerProcess,
    environment: dict[str, str],
    organizer: Organizer,
    matchmaking: FakeMatchmaking,
    redis_client: AsyncRedis,
    faults: Runtime,
    tmp_path: Path,
) -> None:
    stream = keys.pending_results("local")
    async with GatewayPeer(session2.address, "gateway1") as gateway:
        match = await seated_duel(gateway, organizer, session2)
        await asyncio.to_thread(faults.kill, "mariadb")
        await eventually(lambda: is_free(matchmaking, match), "선수가 놓이지 않는다")
        session2.terminate()
        assert await asyncio.to_thread(session2.process.wait, 40) == 0
    assert await redis_client.xlen(stream) == 1
    await asyncio.to_thread(restore_database, faults)
    with session_process("session2", SESSION_HOSTS["session2"], environment, tmp_path):

        async def is_swept() -> bool:
            return not await redis_client.xlen(stream)

        await eventually(is_swept, "남은 줄을 쓰지 않는다", within_s=20)
    assert await in_database(stored_rows, match.match_id) == (1, 2)
