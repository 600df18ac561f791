"""사라진 session 서버의 판: 남은 서버가 무효로 끝내고, 선수는 곧 다시 줄을 선다. 진짜 프로세스로 본다."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kernel.ids import new_id
from matches.models import MatchResult, RatingChange
from redisstore import keys
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.live_matches import LiveMatchStore
from redisstore.results import ResultStream
from redisstore.seats import SeatStore
from redisstore.servers.registry import ServerRegistry, ServerReport, ServerState
from tests.fakes.gateway_peer import GatewayPeer
from tests.fakes.matchmaking_server import FakeMatchmaking
from tests.fakes.worker_process import WorkerProcess, session_process
from tests.it.matches.outcomes import finished, make_players
from tests.it.redisstore.match_making import opening
from tests.it.session.conftest import SESSION_HOSTS, OpenedMatch, Organizer, eventually, in_database

pytestmark = pytest.mark.django_db(transaction=True)

# 판단하는 서버의 하트비트가 이어져야 하는 6초와, 사라진 서버의 hash가 지나는 4초를 넉넉히 덮는다.
DECIDED_WITHIN_S = 25.0


def stored(match_id: str) -> tuple[str, str, int] | None:
    """쓰인 끝: 상태, 중단 코드, 레이팅 변화의 수."""
    row = MatchResult.objects.filter(match_id=match_id).first()
    if row is None:
        return None
    return row.status, row.abort_code, RatingChange.objects.filter(match=row).count()


async def is_stored(match_id: str) -> bool:
    return await in_database(stored, match_id) is not None


async def seated(gateway: GatewayPeer, organizer: Organizer, session: WorkerProcess) -> OpenedMatch:
    """두 선수가 앉아 시작한 긴 판."""
    match = await organizer.open(gateway, session, mode="arena")
    for conn_id, player in enumerate(match.player_ids, start=1):
        await gateway.attach(conn_id, match.match_id, player)
    await gateway.control(1, "match_start")
    return match


async def assert_cleaned_up(redis: AsyncRedis, matchmaking: FakeMatchmaking, match_id: str) -> None:
    """선수는 놓였고, 살아 있던 기록과 경로와 맡은 판의 목록에 남은 것이 없다."""

    async def is_clean() -> bool:
        return match_id in matchmaking.ended and not await ServerRegistry(RedisGate(redis), "local").held(
            "session2"
        )

    await eventually(is_clean, "뒷정리가 끝나지 않는다", within_s=DECIDED_WITHIN_S)
    assert await LiveMatchStore(RedisGate(redis)).get(match_id) is None
    assert await SeatStore(RedisGate(redis)).route(match_id) is None


async def test_the_match_of_a_killed_server_is_aborted_by_another(
    session1: WorkerProcess, session2: WorkerProcess, organizer: Organizer,
    matchmaking: FakeMatchmaking, redis_client: AsyncRedis,
) -> None:  # fmt: skip
    async with GatewayPeer(session2.address, "gateway1") as gateway:
        match = await seated(gateway, organizer, session2)
        await asyncio.to_thread(session2.kill)
        await eventually(lambda: is_stored(match.match_id), "아무도 끝내지 않는다", within_s=DECIDED_WITHIN_S)
    assert await in_database(stored, match.match_id) == ("aborted", "SESSION_LOST", 0)
    await assert_cleaned_up(redis_client, matchmaking, match.match_id)
    assert "match.lost" in session1.events()


async def test_a_frozen_server_that_wakes_follows_what_was_decided(
    session1: WorkerProcess, session2: WorkerProcess, organizer: Organizer,
    matchmaking: FakeMatchmaking, redis_client: AsyncRedis,
) -> None:  # fmt: skip
    async with GatewayPeer(session2.address, "gateway1") as gateway:
        match = await seated(gateway, organizer, session2)
        session2.freeze()
        try:
            await eventually(
                lambda: is_stored(match.match_id), "아무도 끝내지 않는다", within_s=DECIDED_WITHIN_S
            )
            await assert_cleaned_up(redis_client, matchmaking, match.match_id)
        finally:
            session2.thaw()
    assert await in_database(stored, match.match_id) == ("aborted", "SESSION_LOST", 0)

    async def is_empty() -> bool:
        return session2.metric("session_matches") == 0 and session2.metric("result_pending") == 0

    await eventually(is_empty, "깨어난 서버가 판을 놓지 않는다")
    left = [*(keys.player_guard("local", player) for player in match.player_ids), keys.route(match.match_id)]

    async def is_forgotten() -> bool:
        return not await redis_client.exists(*left)

    # 깨어난 서버가 되살린 것이 있으면 제 뒷일에서 치운다. 그 수명(30초)에 사라지는 것이 아니다.
    await eventually(is_forgotten, "끝난 판의 기록이 남는다", within_s=5.0)
    ended = next(line for line in session2.log() if line["event"] == "match.ended")
    assert (ended["match_id"], ended["abort_code"]) == (match.match_id, "SESSION_LOST")
    assert "match.finalize_conflict" not in session1.events() + session2.events()


async def test_a_server_that_returns_under_its_name_ends_what_it_had(
    environment: dict[str, str], tmp_path: Path, session2: WorkerProcess, organizer: Organizer,
    matchmaking: FakeMatchmaking, redis_client: AsyncRedis,
) -> None:  # fmt: skip
    async with GatewayPeer(session2.address, "gateway1") as gateway:
        match = await seated(gateway, organizer, session2)
        await asyncio.to_thread(session2.kill)
    folder = tmp_path / "again"
    folder.mkdir()
    with session_process("session2", SESSION_HOSTS["session2"], environment, folder):
        await eventually(lambda: is_stored(match.match_id), "아무도 끝내지 않는다", within_s=DECIDED_WITHIN_S)
        assert await in_database(stored, match.match_id) == ("aborted", "SESSION_LOST", 0)
        await assert_cleaned_up(redis_client, matchmaking, match.match_id)


async def test_a_finished_result_that_was_written_down_wins_over_the_abort(
    session1: WorkerProcess, matchmaking: FakeMatchmaking, redis_client: AsyncRedis
) -> None:
    registry = ServerRegistry(RedisGate(redis_client), "local")
    players, match_id, gone = await in_database(make_players, 2), new_id(), "session9"
    await registry.heartbeat(
        ServerReport(
            server_id=gone,
            address="10.0.0.9:7000",
            state=ServerState.READY,
            capacity=1,
            running=0,
            version="x",
        )
    )
    await registry.allocate(match_id, set(SESSION_HOSTS))
    assert await registry.confirm(match_id, gone)
    wish = opening(match_id, players, address="10.0.0.9:7000")
    await SeatStore(RedisGate(redis_client)).open_match(wish)
    outcome = finished(players, match_id=match_id, server_id=gone)
    await ResultStream(RedisGate(redis_client), "local").append(outcome.encode().decode())
    await eventually(lambda: is_stored(match_id), "아무도 쓰지 않는다", within_s=DECIDED_WITHIN_S)
    assert await in_database(stored, match_id) == ("finalized", "", 2)
    assert match_id in matchmaking.ended
    assert session1.process.poll() is None


async def test_an_emptied_redis_takes_nobody_for_lost(
    session1: WorkerProcess, session2: WorkerProcess, organizer: Organizer,
    matchmaking: FakeMatchmaking, redis_client: AsyncRedis,
) -> None:  # fmt: skip
    registry = ServerRegistry(RedisGate(redis_client), "local")
    async with GatewayPeer(session2.address, "gateway1") as gateway:
        match = await seated(gateway, organizer, session2)

        async def is_refreshed() -> bool:
            # 경로가 한 번 늘어난 뒤에야 비워진 것을 알아본다.
            return await redis_client.pttl(keys.route(match.match_id)) > 0

        await eventually(is_refreshed, "경로가 없다")
        await redis_client.flushall()

        async def is_back() -> bool:
            alive = {row.server_id for row in await registry.servers() if row.state is ServerState.READY}
            return alive >= {"session1", "session2"} and match.match_id in await registry.held("session2")

        await eventually(is_back, "기록이 되살아나지 않는다", within_s=DECIDED_WITHIN_S)
        assert await in_database(stored, match.match_id) is None
        await gateway.say(leave={"conn_id": 1, "match_id": match.match_id})
        await gateway.control(2, "match_result")
    assert await in_database(stored, match.match_id) == ("finalized", "", 2)
    assert match.match_id in matchmaking.ended
    ended_by_others = {line.get("match_id") for line in session1.log() if line["event"] == "match.lost"}
    assert match.match_id not in ended_by_others
