"""떠나기와 비운 자리: 진짜 session, MariaDB, Redis에서. 떠난 선수는 꼭 놓이고, 버려진 판은 무효가 된다."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from matches.models import MatchResult, MatchStatus, RatingChange
from redisstore import keys
from redisstore.client import AsyncRedis
from tests.fakes.gateway_peer import GatewayPeer
from tests.fakes.matchmaking_server import FakeMatchmaking
from tests.fakes.worker_process import WorkerProcess, session_process
from tests.it.matches.outcomes import make_players
from tests.it.session.conftest import (
    SESSION_HOSTS,
    OpenedMatch,
    Organizer,
    create_match,
    eventually,
    in_database,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def impatient(environment: dict[str, str], tmp_path: Path) -> Iterator[WorkerProcess]:
    """빈 자리를 짧게 기다리는 session."""
    short = {"HANPAN_ABANDON_AFTER_MS": "700", "HANPAN_CONCEDE_AFTER_MS": "1000"}
    with session_process("session2", SESSION_HOSTS["session2"], environment | short, tmp_path) as session:
        yield session


@pytest.fixture
async def gateway(session2: WorkerProcess) -> AsyncIterator[GatewayPeer]:
    async with GatewayPeer(session2.address, "gateway1") as opened:
        yield opened


async def seated(
    gateway: GatewayPeer, organizer: Organizer, session: WorkerProcess, *, players: int = 3
) -> OpenedMatch:
    """`players`명이 앉아 도는 arena. 소켓의 번호는 1부터다."""
    request = organizer.request(await in_database(make_players, players), "arena")
    await organizer.lease(request.match_id, session)
    answer = await create_match(gateway, request)
    player_ids = [player.player_id for player in request.players]
    for conn_id, player_id in enumerate(player_ids, start=1):
        await gateway.attach(conn_id, request.match_id, player_id)
    await gateway.until(lambda: any(frame.tick > 0 for frame in gateway.frames.get(1, [])))
    return OpenedMatch(request.match_id, player_ids, answer)


async def leave(gateway: GatewayPeer, match: OpenedMatch, conn_id: int) -> None:
    player_id = match.player_ids[conn_id - 1]
    await gateway.say(leave={"conn_id": conn_id, "match_id": match.match_id, "player_id": player_id})


def stored(match_id: str) -> tuple[str, str, int] | None:
    """상태, 중단의 까닭, 레이팅 변화의 수."""
    row = MatchResult.objects.filter(match_id=match_id).first()
    if row is None:
        return None
    return row.status, row.abort_code, RatingChange.objects.filter(match=row).count()


async def is_stored_as(match: OpenedMatch, *wanted: object) -> None:
    async def is_so() -> bool:
        return await in_database(stored, match.match_id) == wanted

    await eventually(is_so, f"{wanted}로 쓰이지 않는다")


async def test_one_who_leaves_is_let_go_alone_and_the_others_play_on(
    gateway: GatewayPeer, organizer: Organizer, session2: WorkerProcess, matchmaking: FakeMatchmaking
) -> None:
    match = await seated(gateway, organizer, session2)
    await leave(gateway, match, 1)
    assert not (await gateway.control(1, "left")).is_over
    assert matchmaking.ended[match.match_id] == ("local", {match.player_ids[0]})
    seen = len(gateway.frames[1])
    tick = gateway.frames[2][-1].tick
    await gateway.until(lambda: gateway.frames[2][-1].tick > tick + 5)
    assert len(gateway.frames[1]) == seen, "떠난 소켓에는 프레임이 가지 않는다"
    await gateway.attach(9, match.match_id, match.player_ids[0], epoch=99)
    assert (await gateway.control(9, "refused")).code == "NOT_IN_MATCH"
    await leave(gateway, match, 2)
    rows = (await gateway.control(3, "match_result")).results
    assert rows[0].player_id == match.player_ids[2]
    assert [row.conceded for row in rows] == [False, True, True]
    assert (await gateway.control(2, "match_result")).results == rows
    assert "match_result" not in gateway.kinds(1)


async def test_one_who_left_is_let_go_as_soon_as_matchmaking_is_back(
    gateway: GatewayPeer, organizer: Organizer, session2: WorkerProcess, matchmaking: FakeMatchmaking
) -> None:
    match = await seated(gateway, organizer, session2, players=4)
    matchmaking.is_down = True
    for conn_id in (1, 2):
        await leave(gateway, match, conn_id)
        await gateway.control(conn_id, "left")
    assert match.match_id not in matchmaking.ended
    released: set[str] = set()
    matchmaking.is_down = False

    async def are_free() -> bool:
        released.update(matchmaking.ended.get(match.match_id, ("", set()))[1])
        return released == set(match.player_ids[:2])

    await eventually(are_free, "떠난 둘이 모두 놓이지 않는다")


async def test_an_emptied_redis_binds_only_those_who_stayed(
    gateway: GatewayPeer,
    organizer: Organizer,
    session2: WorkerProcess,
    matchmaking: FakeMatchmaking,
    redis_client: AsyncRedis,
) -> None:
    match = await seated(gateway, organizer, session2)
    await leave(gateway, match, 1)
    await gateway.control(1, "left")
    await eventually(lambda: _is_written(redis_client, match), "도는 판을 적지 않는다")
    await redis_client.flushall()
    left, stayer, _ = (keys.player_guard("local", player_id) for player_id in match.player_ids)

    async def is_back() -> bool:
        return bool(await redis_client.get(stayer) == f"match:{match.match_id}")

    await eventually(is_back, "남은 선수의 가드를 되살리지 않는다")
    assert await redis_client.get(left) is None
    assert await redis_client.exists(keys.resume(match.match_id, match.player_ids[0])) == 0


async def _is_written(redis: AsyncRedis, match: OpenedMatch) -> bool:
    return bool(await redis.hget(keys.match(match.match_id), "status") == "running")


async def test_a_match_that_all_are_gone_from_is_stored_as_abandoned_and_lets_all_go(
    impatient: WorkerProcess, organizer: Organizer, matchmaking: FakeMatchmaking
) -> None:
    async with GatewayPeer(impatient.address, "gateway1") as gateway:
        match = await seated(gateway, organizer, impatient)
        await leave(gateway, match, 1)
        for conn_id in (2, 3):
            await gateway.say(detach={"conn_id": conn_id})
        await is_stored_as(match, MatchStatus.ABORTED, "ABANDONED", 0)

        async def are_free() -> bool:
            return matchmaking.ended[match.match_id][1] == set(match.player_ids)

        await eventually(are_free, "모두 놓이지 않는다")


async def test_one_who_is_gone_from_a_duel_concedes_to_the_other(
    impatient: WorkerProcess, organizer: Organizer, matchmaking: FakeMatchmaking
) -> None:
    async with GatewayPeer(impatient.address, "gateway1") as gateway:
        match = await seated(gateway, organizer, impatient, players=2)
        await gateway.say(detach={"conn_id": 1})
        rows = (await gateway.control(2, "match_result")).results
        assert [(row.player_id, row.conceded) for row in rows] == [
            (match.player_ids[1], False),
            (match.player_ids[0], True),
        ]
        await is_stored_as(match, MatchStatus.FINALIZED, "", 2)


async def test_a_match_waits_while_no_gateway_is_linked_and_its_players_may_come_back(
    impatient: WorkerProcess, organizer: Organizer, matchmaking: FakeMatchmaking
) -> None:
    async with GatewayPeer(impatient.address, "gateway1") as gateway:
        match = await seated(gateway, organizer, impatient)
    await asyncio.sleep(2.5)  # 잇지 않은 채로 무효가 될 시간의 세 배를 보낸다
    async with GatewayPeer(impatient.address, "gateway1") as gateway:
        for conn_id, player_id in enumerate(match.player_ids, start=11):
            await gateway.attach(conn_id, match.match_id, player_id)
        assert (await gateway.control(11, "attached")).match_id == match.match_id
        tick = (await gateway.control(11, "match_start")).tick
        await gateway.until(lambda: any(frame.tick > tick + 30 for frame in gateway.frames.get(11, [])))
