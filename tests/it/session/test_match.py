"""판 하나의 처음부터 끝까지: 진짜 session, MariaDB, Redis에서."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc
import grpc.aio
import pytest

from hanpan.v1 import common_pb2, session_pb2
from kernel.errors import HanpanError, InvalidArgument, Unavailable
from matches.models import MatchResult, RatingChange
from redisstore import keys
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.live_matches import LiveMatchStore
from redisstore.seats import Route, SeatStore
from rpc.errors import error_from_rpc
from tests.fakes.gateway_peer import GatewayPeer
from tests.fakes.matchmaking_server import FakeMatchmaking
from tests.fakes.worker_process import WorkerProcess
from tests.it.matches.outcomes import make_players
from tests.it.session.conftest import Organizer, create_match, eventually, in_database

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def gateways(session1: WorkerProcess) -> AsyncIterator[tuple[GatewayPeer, GatewayPeer]]:
    async with (
        GatewayPeer(session1.address, "gateway1") as one,
        GatewayPeer(session1.address, "gateway2") as other,
    ):
        yield one, other


def stored_rows(match_id: str) -> tuple[int, int]:
    """그 판의 결과 줄과 레이팅 변화 줄의 수."""
    return (
        MatchResult.objects.filter(match_id=match_id).count(),
        RatingChange.objects.filter(match__match_id=match_id).count(),
    )


async def refused_with(call: grpc.aio.UnaryUnaryCall) -> HanpanError:
    """부름이 거절된 까닭."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return error_from_rpc(caught.value)


async def test_a_whole_duel_ends_in_one_result_on_both_sides(
    gateways: tuple[GatewayPeer, GatewayPeer],
    organizer: Organizer,
    session1: WorkerProcess,
    matchmaking: FakeMatchmaking,
    redis_client: AsyncRedis,
) -> None:
    one, other = gateways
    match = await organizer.open(one, session1)
    match_id, (first, second) = match.match_id, match.player_ids
    assert match.answer.session_id == "session1"
    assert await SeatStore(RedisGate(redis_client)).route(match_id) == Route("session1", session1.address)

    await one.attach(1, match_id, first)
    await other.attach(2, match_id, second)
    attached = await one.control(1, "attached")
    assert [(player.player_id, player.slot) for player in attached.players] == [(first, 0), (second, 1)]
    start = await other.control(2, "match_start")
    assert dict(start.entity_players) == {0: first, 1: second}
    assert '"name":"x"' in start.schema_json

    await one.input(1, 1, 1, 0)
    await one.until(lambda: any(frame.seq == 1 for frame in one.frames.get(1, [])))
    result = await one.control(1, "match_result")
    assert await other.control(2, "match_result") == result
    assert result.status == common_pb2.MATCH_STATUS_FINALIZED
    assert not result.already_finalized
    assert {row.player_id for row in result.results} == {first, second}
    assert all(row.HasField("rating_after") for row in result.results)
    assert matchmaking.ended[match_id] == ("local", {first, second})

    frames = one.frames[1]
    assert (frames[0].is_snapshot, frames[0].tick) == (True, 0)
    moving = [frame for frame in frames if frame.tick > 0]  # 카운트다운의 입력은 틱 0의 snapshot이 알린다
    assert [(frame.tick, frame.base) for frame in moving] == [(tick, tick - 1) for tick in range(1, 31)]
    assert await in_database(stored_rows, match_id) == (1, 2)

    again = await one.stub.GetResult(
        session_pb2.GetResultRequest(match_id=match_id, player_id=second), timeout=5
    )
    assert again.already_finalized
    assert list(again.results) == list(result.results)
    gone = await refused_with(one.stub.GetMatch(session_pb2.GetMatchRequest(match_id=match_id), timeout=5))
    assert gone.code == "NOT_FOUND"
    await until_no_trace(redis_client, match_id)


async def until_no_trace(redis_client: AsyncRedis, match_id: str) -> None:
    """결과가 쓰인 판은 산 기록도, 경로도, 일지 줄도 남기지 않는다."""

    async def no_trace() -> bool:
        live = await redis_client.exists(keys.match(match_id), keys.route(match_id))
        return not live and not await redis_client.xlen(keys.pending_results("local"))

    await eventually(no_trace, "끝난 판의 기록이 남았다")


async def test_the_record_follows_the_match(
    gateways: tuple[GatewayPeer, GatewayPeer],
    organizer: Organizer,
    session1: WorkerProcess,
    matchmaking: FakeMatchmaking,
    redis_client: AsyncRedis,
) -> None:
    one, _ = gateways
    match = await organizer.open(one, session1)
    live = LiveMatchStore(RedisGate(redis_client))
    record = await live.get(match.match_id)
    assert record is not None
    assert (record.status, record.server_id, list(record.player_ids)) == (
        "created",
        "session1",
        match.player_ids,
    )
    request = session_pb2.GetResultRequest(match_id=match.match_id, player_id=match.player_ids[0])
    assert (await refused_with(one.stub.GetResult(request, timeout=5))).code == "MATCH_NOT_OVER"
    request.player_id = match.match_id
    assert (await refused_with(one.stub.GetResult(request, timeout=5))).code == "PERMISSION_DENIED"
    for conn_id, player in enumerate(match.player_ids, start=1):
        await one.attach(conn_id, match.match_id, player)
    await one.control(1, "match_start")

    async def is_running() -> bool:
        record = await live.get(match.match_id)
        return record is not None and record.status == "running" and record.started_at_ms > 0

    await eventually(is_running, "시작한 판의 기록이 바뀌지 않는다")
    await one.control(1, "match_result")
    assert matchmaking.ended


async def test_a_player_resumes_on_another_gateway_and_the_old_socket_is_told(
    gateways: tuple[GatewayPeer, GatewayPeer],
    organizer: Organizer,
    session1: WorkerProcess,
    matchmaking: FakeMatchmaking,
    redis_client: AsyncRedis,
) -> None:
    one, other = gateways
    match = await organizer.open(one, session1)
    for conn_id, player in enumerate(match.player_ids, start=1):
        await one.attach(conn_id, match.match_id, player)
    await one.input(1, 7, 1, 0)
    await one.until(lambda: any(frame.seq == 7 for frame in one.frames.get(1, [])))
    token = match.answer.seats[0].resume_token
    seat = await SeatStore(RedisGate(redis_client)).rotate(token)
    await other.attach(50, seat.match_id, seat.player_id, seat.epoch)
    assert (await one.control(1, "superseded")).match_id == match.match_id
    await other.control(50, "match_start")
    await other.until(lambda: len(other.frames.get(50, [])) >= 2)
    snapshot, delta = other.frames[50][:2]
    assert (snapshot.is_snapshot, snapshot.seq) == (True, 7)
    assert (delta.is_snapshot, delta.base) == (False, snapshot.tick)
    await one.attach(1, match.match_id, seat.player_id, 1)
    assert (await one.control(1, "refused")).code == "SUPERSEDED"
    await other.control(50, "match_result")
    assert matchmaking.ended


async def test_a_lost_gateway_empties_its_seats_and_the_match_is_still_finalized(
    organizer: Organizer, session1: WorkerProcess, matchmaking: FakeMatchmaking
) -> None:
    async with GatewayPeer(session1.address, "gateway1") as lost:
        match = await organizer.open(lost, session1)
        for conn_id, player in enumerate(match.player_ids, start=1):
            await lost.attach(conn_id, match.match_id, player)
        await lost.control(1, "match_start")
    async with GatewayPeer(session1.address, "gateway1") as back:
        await back.attach(11, match.match_id, match.player_ids[0])
        await back.control(11, "match_result")
    assert matchmaking.ended
    assert await in_database(stored_rows, match.match_id) == (1, 2)


async def test_leaving_a_duel_gives_it_to_the_other(
    gateways: tuple[GatewayPeer, GatewayPeer],
    organizer: Organizer,
    session1: WorkerProcess,
    matchmaking: FakeMatchmaking,
) -> None:
    one, _ = gateways
    match = await organizer.open(one, session1, mode="arena")
    for conn_id, player in enumerate(match.player_ids, start=1):
        await one.attach(conn_id, match.match_id, player)
    await one.control(1, "match_start")
    await one.say(leave=session_pb2.Leave(conn_id=1, match_id=match.match_id))
    result = await one.control(2, "match_result")
    assert [(row.player_id, row.place) for row in result.results] == [
        (match.player_ids[1], 1),
        (match.player_ids[0], 2),
    ]
    assert matchmaking.ended


async def test_the_same_match_is_made_once_however_often_it_is_asked_for(
    gateways: tuple[GatewayPeer, GatewayPeer],
    organizer: Organizer,
    session1: WorkerProcess,
    matchmaking: FakeMatchmaking,
) -> None:
    one, other = gateways
    request = organizer.request(await in_database(make_players, 2))
    await organizer.lease(request.match_id, session1)
    answers = await asyncio.gather(*(create_match(gateway, request) for gateway in (one, other, one, other)))
    assert all(answer == answers[0] for answer in answers)
    mine = [line["event"] for line in session1.log() if line.get("match_id") == request.match_id]
    assert mine.count("match.created") == 1
    assert not matchmaking.ended


async def test_a_match_without_a_lease_is_refused(
    gateways: tuple[GatewayPeer, GatewayPeer], organizer: Organizer, session1: WorkerProcess
) -> None:
    one, _ = gateways
    request = organizer.request(await in_database(make_players, 2))
    with pytest.raises(Unavailable):
        await create_match(one, request)
    await organizer.lease(request.match_id, session1)
    await organizer.registry.release_lease(request.match_id)
    with pytest.raises(Unavailable):
        await create_match(one, request)


async def test_nonsense_gets_a_typed_answer_and_no_stack_trace(
    gateways: tuple[GatewayPeer, GatewayPeer], organizer: Organizer, session1: WorkerProcess
) -> None:
    one, _ = gateways
    wrong = organizer.request(["x", "y"], mode="chess")
    with pytest.raises(InvalidArgument):
        await create_match(one, wrong)
    unknown = session_pb2.GetResultRequest(match_id=wrong.match_id, player_id=wrong.match_id)
    assert (await refused_with(one.stub.GetResult(unknown, timeout=5))).code == "NOT_FOUND"
    await one.attach(9, wrong.match_id, wrong.match_id)
    assert (await one.control(9, "refused")).code == "SESSION_LOST"
    stream = one.stub.Link()
    await stream.write(session_pb2.LinkUp(items=[session_pb2.UpItem(detach=session_pb2.Detach(conn_id=1))]))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stream.read()
    assert error_from_rpc(caught.value).code == "INVALID_ARGUMENT"
    assert not [line for line in session1.log() if "exception" in line]
