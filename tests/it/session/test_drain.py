"""드레인: SIGTERM과 운영자의 뜻. 어느 쪽이든 새 판은 곧바로 막히고 도는 판은 정책대로 끝난다."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fleet.models import DrainIntent
from kernel.errors import SessionDraining
from kernel.ids import new_id
from matches.models import MatchResult, MatchStatus, RatingChange
from redisstore.servers.registry import ServerRegistry, ServerRow, ServerState
from tests.fakes.gateway_peer import GatewayPeer
from tests.fakes.matchmaking_server import FakeMatchmaking
from tests.fakes.worker_process import WorkerProcess, session_process
from tests.it.matches.outcomes import make_players
from tests.it.session.conftest import SESSION_HOSTS, Organizer, create_match, eventually, in_database

pytestmark = pytest.mark.django_db(transaction=True)


def stored(match_id: str) -> tuple[str, str, int]:
    """상태, 중단의 까닭, 레이팅 변화의 수."""
    row = MatchResult.objects.get(match_id=match_id)
    return row.status, row.abort_code, RatingChange.objects.filter(match__match_id=match_id).count()


async def exit_code(session: WorkerProcess) -> int:
    """프로세스가 끝나기를 기다린다."""
    return await asyncio.to_thread(session.process.wait, 20)


async def test_sigterm_lets_a_match_that_ends_in_time_end_well(
    session2: WorkerProcess, organizer: Organizer, matchmaking: FakeMatchmaking
) -> None:
    async with GatewayPeer(session2.address, "gateway1") as gateway:
        match = await organizer.open(gateway, session2, mode="arena")
        for conn_id, player in enumerate(match.player_ids, start=1):
            await gateway.attach(conn_id, match.match_id, player)
        await gateway.control(1, "match_start")
        session2.terminate()
        await eventually(lambda: drains(session2), "드레인을 시작하지 않는다")
        assert session2.probe("/readyz")[0] == 404
        request = organizer.request(await in_database(make_players, 2))
        with pytest.raises(SessionDraining):
            await create_match(gateway, request)
        await gateway.say(leave={"conn_id": 1, "match_id": match.match_id})
        assert (await gateway.control(2, "match_result")).results[0].player_id == match.player_ids[1]
        await asyncio.wait_for(gateway.ended.wait(), 10)
    assert await exit_code(session2) == 0
    assert await in_database(stored, match.match_id) == (MatchStatus.FINALIZED, "", 2)
    assert match.match_id in matchmaking.ended


async def drains(session: WorkerProcess) -> bool:
    return "server.draining" in session.events()


async def test_sigterm_ends_what_outlives_the_grace_as_void_and_leaves_nothing_behind(
    session2: WorkerProcess, organizer: Organizer, matchmaking: FakeMatchmaking
) -> None:
    async with GatewayPeer(session2.address, "gateway1") as gateway:
        match = await organizer.open(gateway, session2, mode="arena")
        await gateway.attach(1, match.match_id, match.player_ids[0])
        await gateway.control(1, "attached")
        session2.terminate()
        assert (await gateway.control(1, "match_aborted")).code == "SESSION_DRAINING"
        await asyncio.wait_for(gateway.ended.wait(), 10)
    assert await exit_code(session2) == 0
    assert await in_database(stored, match.match_id) == (MatchStatus.ABORTED, "SESSION_DRAINING", 0)
    assert matchmaking.ended[match.match_id] == ("local", set(match.player_ids))
    assert session2.events()[-1] == "worker.stopped"
    assert not [line for line in session2.log() if "exception" in line]
    assert "session2" not in {row.server_id for row in await organizer.registry.servers()}


async def test_an_idle_server_stops_at_once(session2: WorkerProcess) -> None:
    session2.terminate()
    assert await exit_code(session2) == 0
    assert session2.events()[-1] == "worker.stopped"


@dataclass
class Watched:
    """등록부에서 보는 session2."""

    registry: ServerRegistry

    async def row(self) -> ServerRow | None:
        return next((row for row in await self.registry.servers() if row.server_id == "session2"), None)

    async def becomes(self, wanted: ServerState) -> None:
        async def is_so() -> bool:
            row = await self.row()
            return row is not None and row.state is wanted

        await eventually(is_so, f"{wanted}가 되지 않는다")


@pytest.fixture
async def watched(session2: WorkerProcess, organizer: Organizer) -> AsyncIterator[Watched]:
    watched = Watched(organizer.registry)
    await watched.becomes(ServerState.READY)
    yield watched
    await organizer.registry.set_draining("session2", intended=False)


async def test_an_operators_drain_closes_the_door_and_its_withdrawal_opens_it(
    session2: WorkerProcess, organizer: Organizer, watched: Watched
) -> None:
    async with GatewayPeer(session2.address, "gateway1") as gateway:
        match = await organizer.open(gateway, session2, mode="arena")
        await gateway.attach(1, match.match_id, match.player_ids[0])
        await gateway.control(1, "attached")
        await organizer.registry.set_draining("session2", intended=True, grace_ms=60_000)
        await watched.becomes(ServerState.DRAINING)
        row = await watched.row()
        assert row is not None
        assert row.running == 1
        assert 50_000 < row.longest_left_ms <= 63_100  # 기다림 3초, 카운트다운 0.1초, 판 60초
        assert row.drain_left_ms is not None
        assert 50_000 < row.drain_left_ms <= 60_000
        assert session2.probe("/readyz")[0] == 404
        await organizer.registry.set_draining("session2", intended=False)
        await watched.becomes(ServerState.READY)
        assert session2.probe("/readyz")[0] == 200
        assert session2.process.poll() is None


async def test_an_ordered_drain_ends_the_process_when_its_last_match_is_over(
    session2: WorkerProcess, organizer: Organizer, watched: Watched, matchmaking: FakeMatchmaking
) -> None:
    async with GatewayPeer(session2.address, "gateway1") as gateway:
        match = await organizer.open(gateway, session2)
        await organizer.registry.set_draining("session2", intended=True, grace_ms=60_000)
        await watched.becomes(ServerState.DRAINING)
        for conn_id, player in enumerate(match.player_ids, start=1):
            await gateway.attach(conn_id, match.match_id, player)
        assert (await gateway.control(1, "match_result")).match_id == match.match_id
    assert await exit_code(session2) == 0
    assert await in_database(stored, match.match_id) == (MatchStatus.FINALIZED, "", 2)
    assert await watched.row() is None


async def test_an_ordered_drain_ends_what_outlives_the_ordered_grace(
    session2: WorkerProcess, organizer: Organizer, watched: Watched, matchmaking: FakeMatchmaking
) -> None:
    async with GatewayPeer(session2.address, "gateway1") as gateway:
        match = await organizer.open(gateway, session2, mode="arena")
        await gateway.attach(1, match.match_id, match.player_ids[0])
        await gateway.control(1, "attached")
        await organizer.registry.set_draining("session2", intended=True, grace_ms=200)
        assert (await gateway.control(1, "match_aborted")).code == "SESSION_DRAINING"
    assert await exit_code(session2) == 0
    assert await in_database(stored, match.match_id) == (MatchStatus.ABORTED, "SESSION_DRAINING", 0)


async def test_a_server_that_starts_while_it_is_meant_to_drain_takes_nothing_and_stays(
    environment: dict[str, str], organizer: Organizer, tmp_path: Path
) -> None:
    await organizer.registry.set_draining("session2", intended=True)
    try:
        host = SESSION_HOSTS["session2"]
        with session_process("session2", host, environment, tmp_path, until="/healthz") as reborn:
            watched = Watched(organizer.registry)
            await watched.becomes(ServerState.DRAINED)
            assert await organizer.registry.allocate(new_id(), {"session1"}) is None
            await organizer.registry.set_draining("session2", intended=False)
            await watched.becomes(ServerState.READY)
            assert reborn.process.poll() is None
    finally:
        await organizer.registry.set_draining("session2", intended=False)


async def test_the_intent_in_mariadb_wins_over_what_redis_says(
    session2: WorkerProcess, organizer: Organizer, watched: Watched
) -> None:
    intent = {"region": "local", "server_id": "session2", "intended": False, "actor": "kim"}
    await in_database(lambda: DrainIntent.objects.create(**intent))
    async with GatewayPeer(session2.address, "gateway1") as gateway:
        await organizer.open(gateway, session2, mode="arena")
        await organizer.registry.set_draining("session2", intended=True, grace_ms=60_000)
        await watched.becomes(ServerState.DRAINING)
        await watched.becomes(ServerState.READY)
        assert "server.intent_restored" in session2.events()
        await in_database(lambda: DrainIntent.objects.update(intended=True, grace_ms=300))
        await watched.becomes(ServerState.DRAINING)
    assert await exit_code(session2) == 0


async def test_two_versions_serve_side_by_side(
    session1: WorkerProcess, environment: dict[str, str], organizer: Organizer, tmp_path: Path
) -> None:
    newer = {**environment, "HANPAN_VERSION": "9.9.9", "HANPAN_POOL": "canary"}
    with session_process("session2", SESSION_HOSTS["session2"], newer, tmp_path) as session2:
        watched = Watched(organizer.registry)
        await watched.becomes(ServerState.READY)
        rows = {row.server_id: row for row in await organizer.registry.servers()}
        assert (rows["session2"].version, rows["session2"].pool) == ("9.9.9", "canary")
        assert rows["session1"].version != "9.9.9"
        for session in (session1, session2):
            async with GatewayPeer(session.address, "gateway1") as gateway:
                match = await organizer.open(gateway, session)
                for conn_id, player in enumerate(match.player_ids, start=1):
                    await gateway.attach(conn_id, match.match_id, player)
                assert (await gateway.control(1, "match_result")).match_id == match.match_id
