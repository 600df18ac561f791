"""돌아온 선수와 사라진 session 서버: hello가 산 판, 끝난 판, 사라진 판을 가려 알린다."""

from __future__ import annotations

import asyncio

from hanpan.v1 import common_pb2
from hanpan.v1 import session_pb2 as pb
from kernel.errors import Unavailable
from kernel.ids import new_id
from tests.contract.ws.test_match import stored_result
from tests.fakes.gateway_process import Client
from tests.fakes.gateway_stage import Stage
from tests.fakes.session_server import DELTA, SNAPSHOT, FakeMatch

# ---- hello으로 돌아옴


def live_match(stage: Stage, player_id: str) -> FakeMatch:
    """이 선수가 매인, 도는 판."""
    match = stage.session.open_match(new_id(), [player_id, new_id()])
    stage.redis.open_match(match.match_id, [player_id], stage.session.address)
    return match


async def test_hello_brings_a_player_back_into_a_live_match(stage: Stage) -> None:
    player_id = new_id()
    match = live_match(stage, player_id)
    async with stage.gateway.player(player_id) as client:
        found = await client.until("match.found")
        assert found["match_id"] == match.match_id
        assert found["players"][0]["player_id"] == player_id
        assert (await client.until("match.start"))["match_id"] == match.match_id
        assert await client.until_state() == SNAPSHOT
        assert client.kept == []
        assert match.epochs[player_id] == 2
        await client.send("input", seq=1, dx=1, dy=0)
        await stage.session.wait_for(lambda: bool(stage.session.items("input")))
        assert (await stage.redis.rotate(found["resume_token"])).epoch == 3


async def test_a_second_socket_takes_the_seat_and_closes_the_first(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as old:
        match_id = await stage.play({player_id: old})
        async with stage.gateway.player(player_id) as new:
            assert (await new.until("match.found"))["match_id"] == match_id
            assert (await old.until("bye"))["code"] == "SUPERSEDED"
            assert await old.close_code() == 4409
            stage.session.push(match_id, DELTA)
            assert await new.until_state() == SNAPSHOT
            assert await new.until_state() == DELTA
        assert stage.session.matches[match_id].epochs[player_id] == 2


async def test_hello_waits_for_a_match_that_is_being_made(stage: Stage) -> None:
    player_id, match_id = new_id(), new_id()
    stage.redis.guards[player_id] = f"match:{match_id}"
    async with stage.gateway.player(player_id) as client:
        assert (await client.ask("ping", ts=1))["t"] == "pong"
        stage.session.open_match(match_id, [player_id])
        stage.redis.open_match(match_id, [player_id], stage.session.address)
        assert (await client.until("match.found"))["match_id"] == match_id


async def test_hello_after_the_end_gives_the_result(stage: Stage) -> None:
    player_id, match_id = new_id(), new_id()
    stage.redis.guards[player_id] = f"match:{match_id}"
    stage.session.results[match_id] = stored_result(match_id, [player_id])
    async with stage.gateway.player(player_id) as client:
        assert (await client.until("match.result"))["match_id"] == match_id


async def test_hello_after_an_abort_says_why(stage: Stage) -> None:
    player_id, match_id = new_id(), new_id()
    stage.redis.guards[player_id] = f"match:{match_id}"
    stage.session.results[match_id] = pb.MatchResult(
        match_id=match_id, status=common_pb2.MATCH_STATUS_ABORTED, abort_code="SESSION_DRAINING"
    )
    async with stage.gateway.player(player_id) as client:
        aborted = await client.until("match.aborted")
        assert (aborted["match_id"], aborted["code"]) == (match_id, "SESSION_DRAINING")
        answer = await client.ask("finalize", match_id=match_id)
        assert (answer["status"], answer["results"]) == ("aborted", [])


async def test_hello_into_a_match_nobody_holds_is_told_it_is_lost(stage: Stage) -> None:
    player_id, match_id = new_id(), new_id()
    stage.redis.guards[player_id] = f"match:{match_id}"
    async with stage.gateway.player(player_id) as client:
        aborted = await client.until("match.aborted")
        assert (aborted["match_id"], aborted["code"]) == (match_id, "SESSION_LOST")


async def test_hello_to_a_ticket_that_is_gone_is_just_a_welcome(stage: Stage) -> None:
    player_id = new_id()
    stage.redis.guards[player_id] = f"ticket:{new_id()}"
    async with stage.gateway.player(player_id) as client:
        await client.ask("ping", ts=1)
        assert client.kept == []


async def test_hello_while_nobody_can_read_the_result_is_unavailable_and_not_an_abort(stage: Stage) -> None:
    player_id, match_id = new_id(), new_id()
    stage.redis.guards[player_id] = f"match:{match_id}"
    stage.session.results[match_id] = Unavailable()
    async with stage.gateway.player(player_id) as client:
        error = await client.until("error")
        assert (error["code"], error["retry_after_ms"]) == ("UNAVAILABLE", 1000)
        assert client.kept == []


async def test_hello_waits_a_moment_for_a_result_that_cannot_be_read_yet(stage: Stage) -> None:
    player_id, match_id = new_id(), new_id()
    stage.redis.guards[player_id] = f"match:{match_id}"
    stage.session.results[match_id] = Unavailable()
    async with stage.gateway.player(player_id) as client:
        assert (await client.ask("ping", ts=1))["t"] == "pong"
        stage.session.results[match_id] = stored_result(match_id, [player_id])
        assert (await client.until("match.result"))["match_id"] == match_id


async def test_a_lost_seat_whose_result_cannot_be_read_is_unavailable_and_not_an_abort(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        stage.session.results[match_id] = Unavailable()
        await stage.process.kill()
        stage.session.matches.clear()
        await stage.process.start()
        assert (await client.until("error"))["code"] == "UNAVAILABLE"
        stage.session.results[match_id] = stored_result(match_id, [player_id])
        assert (await client.ask("finalize", match_id=match_id))["t"] == "match.result"


# ---- session 서버가 사라짐


async def test_a_killed_session_server_aborts_its_matches_within_two_seconds(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        loop = asyncio.get_running_loop()
        killed_at_s = loop.time()
        await stage.process.kill()
        aborted = await client.until("match.aborted")
        assert (aborted["match_id"], aborted["code"]) == (match_id, "SESSION_LOST")
        assert loop.time() - killed_at_s < 3.0
        assert (await client.ask("input", seq=1, dx=0, dy=0))["code"] == "NOT_IN_MATCH"


async def test_a_server_that_comes_back_gets_its_seats_again_with_the_same_epoch(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        await stage.process.kill()
        await stage.process.start()
        assert await client.until_state() == SNAPSHOT
        stage.session.push(match_id, DELTA)
        assert await client.until_state() == DELTA
        assert {attach.epoch for attach in stage.session.items("attach")} == {1}


async def test_a_leave_said_while_its_server_is_away_is_heard_when_it_is_back(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        await stage.process.kill()
        await client.send("leave", match_id=match_id)
        await stage.process.start()
        assert (await client.until("match.left"))["match_id"] == match_id
        assert len(stage.session.items("attach")) == 1, "떠난 자리에 다시 앉지 않는다"


async def test_a_server_that_comes_back_without_the_match_aborts_it(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        await stage.process.kill()
        stage.session.matches.clear()
        await stage.process.start()
        assert (await client.until("match.aborted"))["match_id"] == match_id


async def test_a_silent_server_that_left_the_registry_is_lost(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        stage.redis.rows[0].state = "lost"
        assert (await client.until("match.aborted"))["match_id"] == match_id


async def test_a_silent_server_that_is_registered_is_kept(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        await asyncio.sleep(1.6)  # 조용한 채로 등록부를 두 번 묻는 시간
        stage.session.push(match_id, DELTA)
        assert await client.until_state() == DELTA


async def test_a_silent_server_is_kept_while_redis_cannot_tell(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        stage.redis.is_down = True
        stage.redis.rows.clear()
        await asyncio.sleep(1.6)  # 조용한 채로 등록부를 두 번 묻는 시간
        stage.session.push(match_id, DELTA)
        assert await client.until_state() == DELTA


async def drop(client: Client) -> None:
    """인사 없이 끊는다."""
    client.socket.transport.abort()


async def test_a_cut_socket_is_healed_by_hello(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        await drop(client)
    async with stage.gateway.player(player_id) as back:
        assert (await back.until("match.found"))["match_id"] == match_id
        assert await back.until_state() == SNAPSHOT
