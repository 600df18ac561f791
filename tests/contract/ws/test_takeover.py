"""두 소켓, 한 선수: 새 hello가 대기표와 결과를 잇고 앞 소켓은 4409를 듣는다. 빈손인 소켓은 함께 산다."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from hanpan.v1 import common_pb2
from hanpan.v1 import session_pb2 as session
from kernel.errors import MatchNotOver, NotFound, Unavailable
from kernel.ids import new_id
from tests.contract.ws.test_match import stored_result
from tests.fakes.gateway_process import Client
from tests.fakes.gateway_stage import Stage, gateway_stage


async def wait_in_line(stage: Stage, client: Client, player_id: str) -> str:
    """줄에 서고 표의 이름을 준다. 가드는 matchmaking이 적은 것과 같다."""
    joined = await client.ask("queue.join", mode="duel")
    stage.redis.guards[player_id] = f"ticket:{joined['ticket_id']}"
    return str(joined["ticket_id"])


async def superseded(client: Client) -> None:
    """밀려난 소켓은 까닭을 먼저 듣는다."""
    bye = await client.until("bye")
    assert (bye["code"], bye["reconnect"]) == ("SUPERSEDED", False)
    assert await client.close_code() == 4409


async def test_a_new_hello_takes_the_waiting_over(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as old:
        ticket_id = await wait_in_line(stage, old, player_id)
        async with stage.gateway.player(player_id) as new:
            joined = await new.until("queue.joined")
            assert (joined["ticket_id"], joined["mode"], "re" in joined) == (ticket_id, "duel", False)
            assert 0 < joined["expires_in_ms"] <= 60_000
            await superseded(old)
            assert list(stage.matchmaking.tickets) == [ticket_id]
            assert stage.matchmaking.cancels == []
            await match_goes_to(stage, new, player_id)


async def match_goes_to(stage: Stage, client: Client, player_id: str) -> None:
    """판이 지금의 주인에게 간다."""
    ticket_id, owner = stage.matchmaking.ticket_of(player_id)
    match_id = new_id()
    event = stage.found_event(match_id, [(player_id, ticket_id, owner.conn_id)])
    stage.matchmaking.tickets.clear()
    stage.matchmaking.notify("gateway1", event)
    assert (await client.until("match.found"))["match_id"] == match_id
    assert (await client.until("match.start"))["match_id"] == match_id


async def test_the_close_of_a_socket_that_lost_its_ticket_takes_nothing_back(stage: Stage) -> None:
    """앞 소켓의 gateway가 통지를 듣기 전에 그 소켓이 닫혀도 그렇다."""
    player_id = new_id()
    async with stage.gateway.player(player_id) as old:
        ticket_id = await wait_in_line(stage, old, player_id)
        _, wish = stage.matchmaking.ticket_of(player_id)
        wish.conn_id = 1  # 다른 gateway의 소켓이 이었고, 통지는 오지 않았다
    await stage.until(lambda: bool(stage.matchmaking.cancels))
    assert stage.matchmaking.cancels[0].only_own
    assert list(stage.matchmaking.tickets) == [ticket_id]


async def test_a_ticket_taken_over_dies_with_its_new_socket(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as old:
        await wait_in_line(stage, old, player_id)
        async with stage.gateway.player(player_id) as new:
            await new.until("queue.joined")
        await stage.until(lambda: not stage.matchmaking.tickets)


async def test_many_sockets_hand_one_ticket_on_and_the_last_one_plays(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as first:
        ticket_id = await wait_in_line(stage, first, player_id)
        async with stage.gateway.player(player_id) as second:
            assert (await second.until("queue.joined"))["ticket_id"] == ticket_id
            await superseded(first)
            async with stage.gateway.player(player_id) as third:
                assert (await third.until("queue.joined"))["ticket_id"] == ticket_id
                await superseded(second)
                await match_goes_to(stage, third, player_id)


async def test_sockets_that_own_nothing_live_beside_each_other(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as one, stage.gateway.player(player_id) as two:
        for client in (one, two, one):
            assert (await client.ask("ping", ts=1))["t"] == "pong"
        assert one.kept == two.kept == []


async def test_a_cancel_from_another_socket_tells_the_owner_and_frees_both(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as owner, stage.gateway.player(player_id) as other:
        ticket_id = await wait_in_line(stage, owner, player_id)
        assert (await other.ask("queue.cancel"))["ticket_id"] == ticket_id
        told = await owner.until("queue.cancelled")
        assert (told["ticket_id"], "re" in told) == (ticket_id, False)
        assert (await other.ask("queue.cancel"))["code"] == "NOT_QUEUED"
        for client in (owner, other):
            assert (await client.ask("queue.join", mode="duel"))["t"] == "queue.joined"
            assert (await client.ask("queue.cancel"))["t"] == "queue.cancelled"


async def test_a_cancel_works_where_the_news_of_the_cancel_was_lost(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as owner:
        await wait_in_line(stage, owner, player_id)
        stage.matchmaking.tickets.clear()  # 다른 소켓이 거두었고, 통지는 오지 않았다
        assert (await owner.ask("queue.join", mode="duel"))["t"] == "queue.joined"
        assert (await owner.ask("queue.cancel"))["t"] == "queue.cancelled"


async def test_a_match_being_made_is_waited_for_as_long_as_it_takes(stage: Stage) -> None:
    """만드는 데 2초가 넘게 걸려도 판이 사라졌다고 하지 않는다."""
    player_id, match_id = new_id(), new_id()
    stage.redis.guards[player_id] = f"match:{match_id}"
    stage.matchmaking.forming[player_id] = match_id
    async with stage.gateway.player(player_id) as client:
        await stage.until(lambda: len(stage.matchmaking.adoptions) >= 1)
        stage.session.open_match(match_id, [player_id])
        stage.redis.open_match(match_id, [player_id], stage.session.address)
        assert (await client.until("match.found"))["match_id"] == match_id


async def test_a_match_that_came_to_nothing_gives_the_ticket_back(stage: Stage) -> None:
    player_id, match_id = new_id(), new_id()
    async with stage.gateway.player(player_id) as old:
        ticket_id = await wait_in_line(stage, old, player_id)
        stage.redis.guards[player_id] = f"match:{match_id}"
        stage.matchmaking.forming[player_id] = match_id
        async with stage.gateway.player(player_id) as new:
            await stage.until(lambda: len(stage.matchmaking.adoptions) >= 1)
            stage.redis.guards[player_id] = f"ticket:{ticket_id}"
            assert (await new.until("queue.joined"))["ticket_id"] == ticket_id
            await superseded(old)


@pytest.mark.parametrize("what", ["redis", "matchmaking"])
async def test_a_ticket_is_taken_over_when_what_was_down_is_back(stage: Stage, what: str) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as old:
        ticket_id = await wait_in_line(stage, old, player_id)
        stage.redis.is_down = what == "redis"
        stage.matchmaking.refusal = Unavailable() if what == "matchmaking" else None
        async with stage.gateway.player(player_id) as new:
            assert (await new.until("error"))["code"] == "UNAVAILABLE"
            assert (await new.ask("ping", ts=1))["t"] == "pong"
            stage.redis.is_down, stage.matchmaking.refusal = False, None
            assert (await new.until("queue.joined"))["ticket_id"] == ticket_id
            assert [frame for frame in new.kept if frame["t"] == "error"] == []  # type: ignore[call-overload]


# ---- 놓친 결과


def ended_unheard(stage: Stage, player_id: str, result: Any = None) -> str:
    """듣지 못한 채 끝난 판."""
    match_id = new_id()
    stage.redis.owed[player_id] = match_id
    stage.session.results[match_id] = result or stored_result(match_id, [player_id])
    return match_id


async def test_hello_after_the_end_gives_the_result(stage: Stage) -> None:
    player_id = new_id()
    match_id = ended_unheard(stage, player_id)
    async with stage.gateway.player(player_id) as client:
        result = await client.until("match.result")
        assert (result["match_id"], result["already_finalized"]) == (match_id, True)
        assert (await client.ask("queue.join", mode="duel"))["t"] == "queue.joined"


async def test_hello_after_an_abort_gives_its_reason(stage: Stage) -> None:
    player_id = new_id()
    aborted = session.MatchResult(status=common_pb2.MATCH_STATUS_ABORTED, abort_code="SESSION_DRAINING")
    match_id = ended_unheard(stage, player_id, aborted)
    aborted.match_id = match_id
    async with stage.gateway.player(player_id) as client:
        told = await client.until("match.aborted")
        assert (told["match_id"], told["code"]) == (match_id, "SESSION_DRAINING")


async def test_a_waiting_player_gets_his_ticket_and_the_result_he_missed(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as old:
        ticket_id = await wait_in_line(stage, old, player_id)
        match_id = ended_unheard(stage, player_id)
        async with stage.gateway.player(player_id) as new:
            assert (await new.until("queue.joined"))["ticket_id"] == ticket_id
            assert (await new.until("match.result"))["match_id"] == match_id


@pytest.mark.parametrize("why", [MatchNotOver(), Unavailable()], ids=["being written", "down"])
async def test_a_result_that_cannot_be_read_yet_comes_later(stage: Stage, why: Exception) -> None:
    player_id = new_id()
    match_id = ended_unheard(stage, player_id, why)
    async with stage.gateway.player(player_id) as client:
        assert (await client.until("error"))["code"] == "UNAVAILABLE"
        stage.session.results[match_id] = stored_result(match_id, [player_id])
        assert (await client.until("match.result"))["match_id"] == match_id


async def test_a_result_that_never_was_is_not_told(stage: Stage) -> None:
    player_id = new_id()
    ended_unheard(stage, player_id, NotFound())
    async with stage.gateway.player(player_id) as client:
        assert (await client.ask("ping", ts=1))["t"] == "pong"
        await asyncio.sleep(0)
        assert client.kept == []


# ---- 들은 결과는 다시 오지 않는다


async def test_a_result_that_arrived_is_not_told_again(stage: Stage) -> None:
    player_id = new_id()
    match_id = ended_unheard(stage, player_id)
    async with stage.gateway.player(player_id) as client:
        await client.until("match.result")
        await stage.until(lambda: (player_id, match_id) in stage.redis.heard)
    async with stage.gateway.player(player_id) as again:
        assert (await again.ask("ping", ts=1))["t"] == "pong"
        assert again.kept == []


async def test_a_result_swallowed_by_a_dead_socket_comes_with_the_next_hello(stage: Stage) -> None:
    """반쯤 열린 TCP: 서버는 보냈지만 아무도 받지 않았다."""
    player_id = new_id()
    async with stage.gateway.player(player_id) as dead:
        match_id = await stage.play({player_id: dead})
        dead.socket.transport.pause_reading()
        result = stored_result(match_id, [player_id])
        stage.session.results[match_id] = result
        stage.redis.guards.pop(player_id, None)
        stage.redis.owed[player_id] = match_id
        stage.session.tell(match_id, match_result=result)
        async with stage.gateway.player(player_id) as alive:
            assert (await alive.until("match.result"))["match_id"] == match_id
            await stage.until(lambda: (player_id, match_id) in stage.redis.heard)
        assert stage.redis.heard == [(player_id, match_id)]


@pytest.mark.parametrize("how", ["push", "finalize", "resume"])
async def test_every_way_a_result_comes_counts_as_heard(stage: Stage, how: str) -> None:
    player_id, match_id = new_id(), new_id()
    stage.session.open_match(match_id, [player_id])
    token = stage.redis.open_match(match_id, [player_id], stage.session.address)[player_id].resume_token
    result = stored_result(match_id, [player_id])
    async with stage.gateway.client() as client:
        if how == "resume":
            del stage.redis.routes[match_id]
            stage.session.results[match_id] = result
            await client.ask("resume", resume_token=token, last_tick=0)
        else:
            await client.hello(player_id)
            await client.until("match.start")
            if how == "push":
                stage.session.tell(match_id, match_result=result)
                await client.until("match.result")
            else:
                stage.session.results[match_id] = result
                await client.ask("finalize", match_id=match_id)
        await stage.until(lambda: (player_id, match_id) in stage.redis.heard)


# ---- 반쯤 열린 TCP


FAST = {"busy_ping_s": 0.2, "busy_limit_s": 0.5, "heartbeat_s": 30.0}


async def half_opened(client: Client) -> None:
    """아무도 읽지 않고 아무것도 보내지 않는다. 닫힘도 없다."""
    client.socket.transport.pause_reading()


async def test_a_half_open_socket_in_the_queue_is_noticed_and_its_ticket_withdrawn() -> None:
    async with gateway_stage(**FAST) as stage, stage.gateway.player(new_id()) as client:
        await client.ask("queue.join", mode="duel")
        loop = asyncio.get_running_loop()
        await half_opened(client)
        started_s = loop.time()
        await stage.until(lambda: not stage.matchmaking.tickets)
        assert 0.3 < loop.time() - started_s < 2.0
        assert stage.matchmaking.cancels[-1].only_own


async def test_a_half_open_socket_in_a_match_leaves_its_seat() -> None:
    async with gateway_stage(**FAST) as stage:
        player_id = new_id()
        async with stage.gateway.player(player_id) as client:
            await stage.play({player_id: client})
            await half_opened(client)
            await stage.session.wait_for(lambda: bool(stage.session.items("detach")))


async def test_an_idle_half_open_socket_is_left_to_its_heartbeat() -> None:
    async with gateway_stage(**FAST) as stage, stage.gateway.player(new_id()) as idle:
        await half_opened(idle)
        async with stage.gateway.player(new_id()) as busy:
            await busy.ask("queue.join", mode="duel")
            await half_opened(busy)
            await stage.until(lambda: not stage.matchmaking.tickets)
        assert len(stage.gateway.app.connections) >= 1


async def test_a_silent_living_socket_keeps_its_place_by_its_pongs_alone() -> None:
    """한 번도 보내지 않고 읽기만 하는 선수. ping의 답은 홍수로도 세지 않는다."""
    async with gateway_stage(**FAST) as stage, stage.gateway.player(new_id()) as client:
        await client.ask("queue.join", mode="duel")
        await asyncio.sleep(2.0)  # 상한의 네 배
        assert len(stage.matchmaking.tickets) == 1
        assert (await client.ask("queue.cancel"))["t"] == "queue.cancelled"


async def test_a_stall_of_our_own_cuts_nobody() -> None:
    async with gateway_stage(**FAST) as stage, stage.gateway.player(new_id()) as client:
        await client.ask("queue.join", mode="duel")
        for _ in range(3):
            time.sleep(1.0)  # noqa: ASYNC251 - 이벤트 루프가 멈칫한다
            await asyncio.sleep(0.05)
        assert (await client.ask("queue.cancel"))["t"] == "queue.cancelled"
