"""대기표: 청함, 거둠, 지남, 그리고 matchmaking이나 소켓이 사라졌을 때."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from hanpan.v1 import matchmaking_pb2 as pb
from kernel.errors import AlreadyInMatch, AlreadyQueued, HanpanError, Unavailable
from kernel.ids import new_id
from tests.fakes.gateway_ports import FakeRedis
from tests.fakes.gateway_process import Client, gateway_process, settings_for_tests
from tests.fakes.gateway_stage import Stage
from tests.fakes.matchmaking_server import HOST, matchmaking_server


async def join_when_ready(client: Client) -> dict[str, Any]:
    """gateway가 matchmaking을 찾을 때까지 청한다."""
    async with asyncio.timeout(5):
        while (answer := await client.ask("queue.join", mode="duel"))["t"] == "error":
            assert answer["code"] == "UNAVAILABLE"
            await asyncio.sleep(0.02)
    return answer


async def test_a_join_is_answered_with_a_ticket(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        joined = await client.ask("queue.join", mode="duel")
        assert joined["t"] == "queue.joined"
        assert joined["mode"] == "duel"
        assert joined["expires_in_ms"] == 60_000
        ticket_id, request = stage.matchmaking.ticket_of(player_id)
        assert joined["ticket_id"] == ticket_id
        assert (request.region, request.name) == ("local", "선수")
        assert request.gateway_id == stage.matchmaking.watches[0].gateway_id


async def test_a_gateway_that_comes_back_has_another_name_so_old_tickets_lose_their_lease() -> None:
    async with matchmaking_server() as matchmaking:
        for boot in range(2):
            async with gateway_process(settings_for_tests([matchmaking.address]), FakeRedis()):
                async with asyncio.timeout(5):
                    while len(matchmaking.watches) <= boot:  # noqa: ASYNC110 - 알려 줄 이가 없다
                        await asyncio.sleep(0.01)
        first, second = (watch.gateway_id for watch in matchmaking.watches[:2])
    assert first.startswith("gateway1.")
    assert second.startswith("gateway1.")
    assert first != second


async def test_a_second_join_is_refused(stage: Stage) -> None:
    async with stage.gateway.player(new_id()) as client:
        await client.ask("queue.join", mode="duel")
        assert (await client.ask("queue.join", mode="duel"))["code"] == "ALREADY_QUEUED"


async def test_a_join_from_a_second_socket_of_the_player_is_refused(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as one, stage.gateway.player(player_id) as two:
        await one.ask("queue.join", mode="duel")
        assert (await two.ask("queue.join", mode="duel"))["code"] == "ALREADY_QUEUED"


async def test_a_cancel_gives_the_ticket_back(stage: Stage) -> None:
    async with stage.gateway.player(new_id()) as client:
        joined = await client.ask("queue.join", mode="duel")
        cancelled = await client.ask("queue.cancel")
        assert (cancelled["t"], cancelled["ticket_id"]) == ("queue.cancelled", joined["ticket_id"])
        assert (await client.ask("queue.cancel"))["code"] == "NOT_QUEUED"
        assert (await client.ask("queue.join", mode="duel"))["t"] == "queue.joined"


async def test_joins_of_one_turn_travel_together_and_are_answered_apart(stage: Stage) -> None:
    async with AsyncExitStack() as sockets:
        player_ids = [new_id() for _ in range(30)]
        clients = [
            await sockets.enter_async_context(stage.gateway.player(player_id))
            for player_id in [*player_ids, player_ids[0]]
        ]
        stage.matchmaking.join_batches.clear()
        answers = await asyncio.gather(*(each.ask("queue.join", mode="duel") for each in clients))
    kinds = [answer["t"] for answer in answers]
    assert (kinds.count("queue.joined"), kinds.count("error")) == (30, 1)
    assert len({answer["ticket_id"] for answer in answers if "ticket_id" in answer}) == 30
    assert len(stage.matchmaking.join_batches) < 31


@pytest.mark.parametrize("refusal", [AlreadyInMatch(), AlreadyQueued(), Unavailable("멈춤")])
async def test_a_refusal_of_matchmaking_is_passed_on(stage: Stage, refusal: HanpanError) -> None:
    stage.matchmaking.refusal = refusal
    async with stage.gateway.player(new_id()) as client:
        error = await client.ask("queue.join", mode="duel")
        assert error["code"] == refusal.code
        assert error.get("retry_after_ms") == refusal.retry_after_ms


async def test_a_ticket_that_times_out_is_told_and_forgotten(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        joined = await client.ask("queue.join", mode="duel")
        ticket_id, request = stage.matchmaking.ticket_of(player_id)
        stage.matchmaking.tickets.clear()
        timeout = pb.QueueTimeout(ticket_id=ticket_id, player_id=player_id, conn_id=request.conn_id)
        stage.matchmaking.notify("gateway1", pb.WatchEvent(queue_timeout=timeout))
        assert (await client.until("queue.timeout"))["ticket_id"] == joined["ticket_id"]
        stage.matchmaking.notify("gateway1", pb.WatchEvent(queue_timeout=timeout))
        assert (await client.ask("queue.join", mode="duel"))["t"] == "queue.joined"
        assert client.kept == []


async def test_a_match_found_before_the_join_reply_is_told_after_it(stage: Stage) -> None:
    player_id = new_id()

    def found_at_once(ticket_id: str, request: pb.JoinWish) -> None:
        event = stage.found_event(new_id(), [(player_id, ticket_id, request.conn_id)])
        stage.matchmaking.notify("gateway1", event)

    stage.matchmaking.before_join_reply = found_at_once
    async with stage.gateway.player(player_id) as client:
        await client.send("queue.join", mode="duel")
        await client.until("match.start")
        kinds = [frame["t"] for frame in client.kept if isinstance(frame, dict)]
        assert kinds == ["queue.joined", "match.found"]


async def test_a_closed_socket_takes_its_ticket_back(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        joined = await client.ask("queue.join", mode="duel")
    await stage.until(lambda: not stage.matchmaking.tickets)
    assert stage.matchmaking.cancels[-1].ticket_id == joined["ticket_id"]


async def test_a_closed_socket_tries_again_when_matchmaking_could_not_take_its_ticket_back(
    stage: Stage,
) -> None:
    async with stage.gateway.player(new_id()) as client:
        await client.ask("queue.join", mode="duel")
        stage.matchmaking.refusal = Unavailable()
    await stage.until(lambda: len(stage.matchmaking.cancels) == 1)
    stage.matchmaking.refusal = None
    await stage.until(lambda: not stage.matchmaking.tickets)


async def test_an_unanswered_join_is_asked_again_with_the_same_key(stage: Stage) -> None:
    stage.matchmaking.join_delay_s = 1.5
    async with stage.gateway.player(new_id()) as client:
        assert (await client.ask("queue.join", mode="duel"))["code"] == "UNAVAILABLE"
        stage.matchmaking.join_delay_s = 0.0
        assert (await client.ask("queue.join", mode="duel"))["t"] == "queue.joined"
    first, second = stage.matchmaking.joins
    assert first.request_key == second.request_key


async def test_a_ticket_of_an_unanswered_join_is_taken_back_when_the_socket_closes(stage: Stage) -> None:
    async with stage.gateway.player(new_id()) as client:
        stage.matchmaking.join_delay_s = 1.2
        assert (await client.ask("queue.join", mode="duel"))["code"] == "UNAVAILABLE"
        stage.matchmaking.join_delay_s = 0.0
    await stage.until(lambda: bool(stage.matchmaking.cancels) and not stage.matchmaking.tickets)


async def test_a_join_before_the_modes_are_known_is_unavailable() -> None:
    settings = settings_for_tests([f"{HOST}:9"])
    async with gateway_process(settings, FakeRedis()) as gateway, gateway.player(new_id()) as client:
        error = await client.ask("queue.join", mode="duel")
        assert (error["code"], error["retry_after_ms"]) == ("UNAVAILABLE", 1000)


async def test_a_batch_one_matchmaking_does_not_answer_is_asked_of_the_other_with_the_same_keys() -> None:
    async with matchmaking_server() as stuck, matchmaking_server() as living:
        stuck.join_delay_s = living.join_delay_s = 1.5
        settings = settings_for_tests([stuck.address, living.address])
        async with gateway_process(settings, FakeRedis()) as gateway, gateway.player(new_id()) as client:
            async with asyncio.timeout(5):
                while not (stuck.joins and living.joins):
                    assert (await client.ask("queue.join", mode="duel"))["code"] == "UNAVAILABLE"
                    await asyncio.sleep(0.02)
            assert len({wish.request_key for wish in [*stuck.joins, *living.joins]}) == 1
            living.join_delay_s = 0.0
            assert (await client.ask("queue.join", mode="duel"))["t"] == "queue.joined"


async def test_a_join_goes_to_the_other_matchmaking_when_one_is_gone() -> None:
    async with matchmaking_server() as living:
        settings = settings_for_tests([f"{HOST}:9", living.address])
        async with gateway_process(settings, FakeRedis()) as gateway, gateway.player(new_id()) as client:
            await join_when_ready(client)
            for _ in range(4):
                assert (await client.ask("queue.cancel"))["t"] == "queue.cancelled"
                assert (await client.ask("queue.join", mode="duel"))["t"] == "queue.joined"


async def test_a_reopened_watch_names_the_tickets_that_still_wait() -> None:
    player_id = new_id()
    async with matchmaking_server() as first:
        gateway_context = gateway_process(settings_for_tests([first.address]), FakeRedis())
        gateway = await gateway_context.__aenter__()
        client_context = gateway.player(player_id)
        client = await client_context.__aenter__()
        joined = await join_when_ready(client)
    try:
        async with matchmaking_server(first.address) as second, asyncio.timeout(5):
            while not second.watches:  # noqa: ASYNC110 - 다시 이을 때까지
                await asyncio.sleep(0.01)
            assert list(second.watches[0].waiting_ticket_ids) == [joined["ticket_id"]]
    finally:
        await client_context.__aexit__(None, None, None)
        await gateway_context.__aexit__(None, None, None)


async def test_the_trace_of_the_client_reaches_matchmaking(stage: Stage) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    async with stage.gateway.player(new_id()) as client:
        await client.ask("queue.join", mode="duel", trace=f"00-{trace_id}-00f067aa0ba902b7-01")
    assert stage.matchmaking.joins[0].traceparent.split("-")[1] == trace_id
