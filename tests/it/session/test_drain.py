"""비우기: SIGTERM과 운영자의 뜻. 어느 쪽이든 새 판은 곧바로 막히고 도는 판은 정책대로 끝난다."""

from __future__ import annotations

import asyncio

import pytest

from kernel.errors import SessionDraining
from matches.models import MatchResult, MatchStatus, RatingChange
from redisstore.registry import ServerState
from tests.it.platform.outcomes import make_players
from tests.it.session.conftest import Organizer, create_match, eventually, in_database
from tests.it.session.peers import FakeGateway, FakeMatchmaking
from tests.it.session.session_process import SessionProcess

pytestmark = pytest.mark.django_db(transaction=True)


def stored(match_id: str) -> tuple[str, str, int]:
    """상태, 중단의 까닭, 레이팅 변화의 수."""
    row = MatchResult.objects.get(match_id=match_id)
    return row.status, row.abort_code, RatingChange.objects.filter(match__match_id=match_id).count()


async def exit_code(session: SessionProcess) -> int:
    """프로세스가 끝나기를 기다린다."""
    return await asyncio.to_thread(session.process.wait, 20)


async def test_sigterm_lets_a_match_that_ends_in_time_end_well(
    session2: SessionProcess, organizer: Organizer, matchmaking: FakeMatchmaking
) -> None:
    async with FakeGateway(session2.address, "gateway1") as gateway:
        match = await organizer.open(gateway, session2, mode="arena")
        for conn_id, player in enumerate(match.player_ids, start=1):
            await gateway.attach(conn_id, match.match_id, player)
        await gateway.control(1, "match_start")
        session2.terminate()
        await eventually(lambda: drains(session2), "비우기 시작하지 않는다")
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


async def drains(session: SessionProcess) -> bool:
    return "server.draining" in session.events()


async def test_sigterm_ends_what_outlives_the_grace_as_void_and_leaves_nothing_behind(
    session2: SessionProcess, organizer: Organizer, matchmaking: FakeMatchmaking
) -> None:
    async with FakeGateway(session2.address, "gateway1") as gateway:
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


async def test_an_idle_server_stops_at_once(session2: SessionProcess) -> None:
    session2.terminate()
    assert await exit_code(session2) == 0
    assert session2.events()[-1] == "worker.stopped"


async def test_an_operators_drain_and_its_withdrawal_are_heeded(
    session2: SessionProcess, organizer: Organizer
) -> None:
    async def state_is(wanted: ServerState) -> bool:
        rows = {row.server_id: row for row in await organizer.registry.servers()}
        return "session2" in rows and rows["session2"].state is wanted

    await eventually(lambda: state_is(ServerState.READY), "등록되지 않는다")
    await organizer.registry.set_draining("session2", intended=True)
    await eventually(lambda: state_is(ServerState.DRAINED), "비우지 않는다")
    assert session2.probe("/readyz")[0] == 404
    await organizer.registry.set_draining("session2", intended=False)
    await eventually(lambda: state_is(ServerState.READY), "다시 열리지 않는다")
    assert session2.probe("/readyz")[0] == 200
