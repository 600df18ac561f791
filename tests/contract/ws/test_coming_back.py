"""기다리던 소켓이 닫혔다가 돌아옴: 틈 안이면 같은 표, 늦으면 없는 표. 떠나겠다고 말한 닫기는 곧바로다."""

from __future__ import annotations

from hanpan.v1 import matchmaking_pb2 as mm
from kernel.errors import Unavailable
from kernel.ids import new_id
from tests.contract.ws.test_takeover import FAST, half_opened, match_goes_to, wait_in_line
from tests.fakes.gateway_process import gateway_process, settings_for_tests
from tests.fakes.gateway_stage import Stage, gateway_stage

LONG_RETURN_S = 60.0


async def test_who_comes_back_in_time_has_the_same_ticket_and_plays() -> None:
    """뒤늦은 거두기는 제 것이 아닌 표를 본다."""
    async with gateway_stage(queue_return_s=1.0) as stage:
        player_id = new_id()
        async with stage.gateway.player(player_id) as old:
            ticket_id = await wait_in_line(stage, old, player_id)
        async with stage.gateway.player(player_id) as new:
            joined = await new.until("queue.joined")
            assert (joined["ticket_id"], "re" in joined) == (ticket_id, False)
            assert joined["expires_in_ms"] == 42_000, "기다림이 이어진다"
            await stage.until(lambda: bool(stage.matchmaking.cancels))
            assert stage.matchmaking.cancels[0].only_own
            assert list(stage.matchmaking.tickets) == [ticket_id]
            assert len(stage.matchmaking.joins) == 1
            await match_goes_to(stage, new, player_id)


async def test_who_comes_back_too_late_waits_no_more(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as old:
        ticket_id = await wait_in_line(stage, old, player_id)
    await stage.until(lambda: not stage.matchmaking.tickets)
    stage.redis.guards.clear()  # matchmaking이 표와 함께 지운다
    async with stage.gateway.player(player_id) as new:
        joined = await new.ask("queue.join", mode="duel")
        assert joined["t"] == "queue.joined"
        assert joined["ticket_id"] != ticket_id
        assert new.kept == []


async def test_a_match_made_while_he_was_away_is_given_at_hello() -> None:
    async with gateway_stage(queue_return_s=LONG_RETURN_S) as stage:
        player_id, match_id = new_id(), new_id()
        async with stage.gateway.player(player_id) as old:
            await wait_in_line(stage, old, player_id)
            ticket_id, wish = stage.matchmaking.ticket_of(player_id)
        await stage.until(lambda: len(stage.gateway.app.connections) == 0)
        event = stage.found_event(match_id, [(player_id, ticket_id, wish.conn_id)])
        stage.matchmaking.tickets.clear()
        stage.matchmaking.notify("gateway1", event)
        stage.redis.guards[player_id] = f"match:{match_id}"
        async with stage.gateway.player(player_id) as new:
            assert (await new.until("match.found"))["match_id"] == match_id
            assert (await new.until("match.start"))["match_id"] == match_id


async def test_an_unanswered_join_is_not_taken_from_who_came_back() -> None:
    """표는 만들어졌지만 답은 가지 못했다. 돌아온 소켓이 이은 뒤의 같은 열쇠는 아무것도 바꾸지 않는다."""
    async with gateway_stage(queue_return_s=1.0) as stage:
        player_id, matchmaking = new_id(), stage.matchmaking
        async with stage.gateway.player(player_id) as old:
            matchmaking.refusal = Unavailable()
            assert (await old.ask("queue.join", mode="duel"))["code"] == "UNAVAILABLE"
            matchmaking.refusal = None
            ticket_id, wish = new_id(), matchmaking.joins[-1]
            matchmaking.tickets[ticket_id] = wish
            matchmaking.replies[wish.request_key] = mm.Joined(ticket_id=ticket_id, mode="duel")
        stage.redis.guards[player_id] = f"ticket:{ticket_id}"
        async with stage.gateway.player(player_id) as new:
            assert (await new.until("queue.joined"))["ticket_id"] == ticket_id
            await stage.until(lambda: bool(matchmaking.cancels))
            assert list(matchmaking.tickets) == [ticket_id]
            assert {each.request_key for each in matchmaking.joins} == {wish.request_key}


async def test_a_gateway_that_goes_down_leaves_its_players_their_tickets() -> None:
    """그 선수는 다른 gateway에서 같은 표로 돌아온다."""
    async with gateway_stage(queue_return_s=LONG_RETURN_S) as stage:
        player_id = new_id()
        settings = settings_for_tests([stage.matchmaking.address], instance="gateway2")
        async with gateway_process(settings, stage.redis) as other:
            await stage.until(lambda: len(stage.matchmaking.watches) == 2)
            async with stage.gateway.player(player_id) as old:
                ticket_id = await wait_in_line(stage, old, player_id)
                stage.gateway.begin_exit()
                assert await old.close_code() == 4900
            assert stage.gateway.finished is not None
            await stage.gateway.finished
            assert stage.matchmaking.cancels == []
            async with other.player(player_id) as new:
                assert (await new.until("queue.joined"))["ticket_id"] == ticket_id
                assert (await new.ask("queue.cancel"))["ticket_id"] == ticket_id


async def test_a_cancel_said_with_the_last_breath_leaves_no_ghost() -> None:
    """SDK의 close(): 답을 기다리지 않고 닫아도 서버는 앞서 온 말을 먼저 다룬다."""
    async with gateway_stage(queue_return_s=LONG_RETURN_S) as stage:
        async with stage.gateway.player(new_id()) as client:
            await client.ask("queue.join", mode="duel")
            await client.send("queue.cancel")
        await stage.until(lambda: not stage.matchmaking.tickets)
        assert [cancel.only_own for cancel in stage.matchmaking.cancels] == [False]


async def test_a_cancel_right_behind_an_unanswered_join_leaves_no_ghost() -> None:
    async with gateway_stage(queue_return_s=LONG_RETURN_S) as stage:
        async with stage.gateway.player(new_id()) as client:
            stage.matchmaking.join_delay_s = 0.3
            await client.send("queue.join", mode="duel")
            await client.send("queue.cancel")
        await stage.until(lambda: bool(stage.matchmaking.cancels) and not stage.matchmaking.tickets)


async def test_a_half_open_socket_has_no_second_chance() -> None:
    """5초를 조용했던 소켓은 이미 그만큼 기다렸다."""
    async with (
        gateway_stage(**FAST, queue_return_s=LONG_RETURN_S) as stage,
        stage.gateway.player(new_id()) as client,
    ):
        await client.ask("queue.join", mode="duel")
        await half_opened(client)
        await stage.until(lambda: not stage.matchmaking.tickets)
