"""HanpanClient를 진짜 소켓 위에서: 인사, 짝 맞추기, 겹침, 다시 잇기, 그만두기."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from hanpan_client import (
    Backoff,
    CallTimeoutError,
    ClientOptions,
    ConnectionLostError,
    Disconnected,
    HanpanApiError,
    HanpanClient,
    HeaderView,
    MatchFound,
    MatchResult,
    MatchStart,
    Reconnected,
    StarBot,
    StateView,
    play,
)
from tests.fakes.game_server import FakeGateway, fake_gateway, found, in_turn, refusal, result, start
from tests.fakes.state_frames import delta, snapshot

QUICK = ClientOptions(call_timeout_s=2, reconnect=Backoff(base_ms=5, cap_ms=20, max_attempts=5), seed=1)
BODY = {1: [0, 0, 0, 0, 0]}


@pytest.fixture
async def gateway() -> AsyncIterator[FakeGateway]:
    async with fake_gateway() as running:
        yield running


@pytest.fixture
async def client(gateway: FakeGateway) -> AsyncIterator[HanpanClient]:
    async with HanpanClient(gateway.url, "token", QUICK) as connected:
        yield connected


async def seat(gateway: FakeGateway, client: HanpanClient) -> None:
    """판에 앉아 첫 모습까지 본다."""
    await gateway.push(found(), start())
    await gateway.send_state(snapshot(BODY, tick=7))
    await client.wait_state(lambda world: world.tick == 7)


async def test_hello_tells_who_and_where(gateway: FakeGateway, client: HanpanClient) -> None:
    assert (client.player_id, client.gateway, client.conn_id, client.region) == (
        "p1",
        "gateway1",
        "1",
        "local",
    )
    hello = gateway.received[0]
    assert (hello["t"], hello["token"]) == ("hello", "token")
    assert client.is_connected


async def test_replies_meet_their_requests(client: HanpanClient) -> None:
    joined, latency_ms, ended = await asyncio.gather(
        client.join("duel"), client.ping(), client.finalize("m9")
    )
    assert joined.mode == "duel"
    assert latency_ms == client.latency_ms
    assert (ended.match_id, ended.already_finalized) == ("m9", True)


async def test_a_refusal_is_a_typed_error(gateway: FakeGateway, client: HanpanClient) -> None:
    gateway.answers["queue.join"] = refusal("UNAVAILABLE", retry_after_ms=1500, trace_id="f" * 32)
    with pytest.raises(HanpanApiError) as caught:
        await client.join("duel")
    assert (caught.value.code, caught.value.retry_after_s, caught.value.trace_id) == (
        "UNAVAILABLE",
        1.5,
        "f" * 32,
    )


async def test_an_unanswered_call_ends_at_its_deadline(gateway: FakeGateway) -> None:
    gateway.answers["queue.join"] = lambda _: None
    async with HanpanClient(gateway.url, "token", ClientOptions(call_timeout_s=0.05)) as client:
        with pytest.raises(CallTimeoutError):
            await client.join("duel")


async def test_doubled_pushes_reach_the_reader_once(gateway: FakeGateway, client: HanpanClient) -> None:
    await gateway.push(found(), found(token="rs1.second"), start(), start(), result(), result())
    await gateway.push(found("m2"))
    kinds = [type(await anext(client.events())) for _ in range(4)]
    assert kinds == [MatchFound, MatchStart, MatchResult, MatchFound]


async def test_state_frames_build_the_world(gateway: FakeGateway, client: HanpanClient) -> None:
    await seat(gateway, client)
    moved = {1: [16, -32, 0, 2, 0]}
    await gateway.send_state(delta(BODY, moved, tick=8, base=7, seq=3))
    world = await client.wait_state(lambda world: world.tick == 8)
    assert client.my_entity == 1
    assert (world.value(1, "x"), world.value(1, "y"), world.last_input_seq) == (1.0, -2.0, 3)


async def test_inputs_continue_after_what_the_server_applied(
    gateway: FakeGateway, client: HanpanClient
) -> None:
    await gateway.push(found(), start())
    await gateway.send_state(snapshot(BODY, tick=7, seq=40))
    await client.wait_state(lambda world: world.tick == 7)
    assert [await client.send_input(1, 0), await client.send_input(0, -1)] == [41, 42]
    frames = await gateway.wait_received("input", count=2)
    assert frames[1] == {"t": "input", "seq": 42, "dx": 0, "dy": -1}


async def test_a_severed_network_is_resumed(gateway: FakeGateway, client: HanpanClient) -> None:
    await seat(gateway, client)
    client.sever()
    assert (await client.wait_for(Reconnected)).resumed is True


@pytest.mark.parametrize("code", [1006, 4408, 4900])
async def test_a_lost_socket_is_resumed_with_the_last_token_and_tick(
    gateway: FakeGateway, client: HanpanClient, code: int
) -> None:
    await seat(gateway, client)
    if code == 1006:
        gateway.sockets[-1].transport.abort()
    else:
        await gateway.close(code)
    lost = await client.wait_for(Disconnected)
    back = await client.wait_for(Reconnected)
    resume = (await gateway.wait_received("resume"))[0]
    assert (lost.close_code, back.resumed, back.gateway) == (code, True, "gateway2")
    assert (resume["resume_token"], resume["last_tick"]) == ("rs1.first", 7)
    assert (client.resume_token, client.reconnects) == ("rs1.first+", 1)
    await gateway.send_state(snapshot({1: [9, 9, 0, 0, 0]}, tick=20))
    await client.wait_state(lambda world: world.tick == 20)


async def test_without_a_match_it_says_hello_again(gateway: FakeGateway, client: HanpanClient) -> None:
    await gateway.close(1012)
    assert (await client.wait_for(Reconnected)).resumed is False
    assert len(await gateway.wait_received("hello", count=2)) == 2
    assert (await client.join("duel")).ticket_id == "t1"


async def test_a_dead_seat_falls_back_to_hello(gateway: FakeGateway, client: HanpanClient) -> None:
    await seat(gateway, client)
    gateway.answers["resume"] = refusal("RESUME_EXPIRED", close=4410)
    await gateway.close(4900)
    assert (await client.wait_for(Reconnected)).resumed is False
    assert client.resume_token is None


async def test_a_match_that_ended_meanwhile_gives_its_result(
    gateway: FakeGateway, client: HanpanClient
) -> None:
    await seat(gateway, client)
    gateway.answers["resume"] = lambda _: result()
    await gateway.close(4900)
    assert (await client.wait_for(MatchResult)).match_id == "m1"
    assert client.match_id is None


async def test_an_unavailable_resume_is_tried_again(gateway: FakeGateway, client: HanpanClient) -> None:
    await seat(gateway, client)
    gateway.answers["resume"] = in_turn(
        refusal("UNAVAILABLE", retry_after_ms=1),
        refusal("UNAVAILABLE", close=4503),
        gateway.answers["resume"],
    )
    await gateway.close(4900)
    assert (await client.wait_for(Reconnected)).resumed is True


@pytest.mark.parametrize("code", [4400, 4401, 4409])
async def test_a_final_close_is_told_to_everyone_waiting(
    gateway: FakeGateway, client: HanpanClient, code: int
) -> None:
    waiting = asyncio.create_task(client.wait_for(MatchFound))
    await gateway.close(code, "끝")
    with pytest.raises(ConnectionLostError) as caught:
        await waiting
    assert (caught.value.close_code, caught.value.reason) == (code, "끝")
    with pytest.raises(ConnectionLostError):
        await client.join("duel")
    assert len(gateway.sockets) == 1


async def test_a_goodbye_without_return_is_obeyed(gateway: FakeGateway, client: HanpanClient) -> None:
    await gateway.push({"t": "bye", "code": 4900, "reason": "점검", "reconnect": False})
    await gateway.close(4900)
    with pytest.raises(ConnectionLostError):
        await client.wait_for(MatchFound)
    assert len(gateway.sockets) == 1


async def test_it_gives_up_when_nobody_answers(gateway: FakeGateway, client: HanpanClient) -> None:
    gateway.answers["hello"] = refusal("UNAVAILABLE", close=4503)
    await gateway.close(4900)
    with pytest.raises(HanpanApiError, match="UNAVAILABLE"):
        await client.wait_for(MatchFound)
    assert len(gateway.sockets) == 6


async def test_a_call_cut_by_the_close_does_not_wait_for_its_deadline(
    gateway: FakeGateway, client: HanpanClient
) -> None:
    gateway.answers["queue.join"] = lambda _: None
    joining = asyncio.create_task(client.join("duel"))
    await gateway.wait_received("queue.join")
    await gateway.close(4900)
    with pytest.raises(ConnectionLostError):
        await joining


async def test_a_bad_token_is_refused_at_connect(gateway: FakeGateway) -> None:
    gateway.answers["hello"] = refusal("UNAUTHENTICATED", close=4401)
    with pytest.raises(HanpanApiError, match="UNAUTHENTICATED"):
        await HanpanClient(gateway.url, "forged", QUICK).connect()


async def test_nobody_home_is_a_lost_connection() -> None:
    with pytest.raises(ConnectionLostError):
        await HanpanClient("ws://127.0.0.1:9/ws", "token", QUICK).connect()


async def test_a_token_from_elsewhere_takes_the_seat(gateway: FakeGateway) -> None:
    client = await HanpanClient(gateway.url, "token", QUICK).connect_with("rs1.elsewhere", last_tick=33)
    try:
        resume = gateway.received[0]
        assert (resume["t"], resume["resume_token"], resume["last_tick"]) == ("resume", "rs1.elsewhere", 33)
        assert client.match_id == "m1"
    finally:
        await client.close()


async def test_garbage_from_the_server_stops_the_client_loudly(
    gateway: FakeGateway, client: HanpanClient
) -> None:
    await gateway.sockets[-1].send('{"t":"pong"}')
    with pytest.raises(ConnectionLostError) as caught:
        await client.wait_for(MatchFound)
    assert caught.value.close_code == 1002


async def test_a_bug_in_the_state_callback_is_thrown_at_the_waiters(
    gateway: FakeGateway, client: HanpanClient
) -> None:
    def broken(view: StateView) -> None:
        raise RuntimeError("봇의 잘못")

    client.on_state = broken
    await gateway.push(found(), start())
    await gateway.send_state(snapshot(BODY, tick=1))
    with pytest.raises(RuntimeError, match="봇의 잘못"):
        await client.wait_for(MatchResult)


async def test_the_cheap_view_follows_the_header_only(gateway: FakeGateway) -> None:
    options = ClientOptions(view=lambda _: HeaderView())
    async with HanpanClient(gateway.url, "token", options) as client:
        ticks: list[int] = []
        client.on_state = lambda view: ticks.append(view.tick)
        await gateway.push(found(), start())
        for tick in (1, 2, 3):
            await gateway.send_state(delta({}, {}, tick=tick, base=tick - 1))
        while (await client.next_state()).tick < 3:
            pass
        assert ticks == [1, 2, 3]


async def test_a_bot_plays_to_the_end(gateway: FakeGateway, client: HanpanClient) -> None:
    playing = asyncio.create_task(play(client, StarBot(1, wander=0), timeout_s=5))
    await gateway.push(found(), start())
    await gateway.send_state(snapshot(BODY | {9: [160, 0, 1, 0, 0]}, tick=1))
    steps = await gateway.wait_received("input")
    assert (steps[0]["dx"], steps[0]["dy"]) == (1, 0)
    await gateway.push(result())
    assert isinstance(await playing, MatchResult)


async def test_events_end_when_the_client_closes(gateway: FakeGateway, client: HanpanClient) -> None:
    await gateway.push(found())
    seen: list[type] = []
    async for event in client.events():
        seen.append(type(event))
        await client.close()
    assert seen == [MatchFound]


async def test_closing_leaves_the_line(gateway: FakeGateway) -> None:
    async with HanpanClient(gateway.url, "token", QUICK) as client:
        await client.join("duel")
    await gateway.wait_received("queue.cancel")


async def test_closing_leaves_a_line_it_may_stand_in(gateway: FakeGateway) -> None:
    gateway.answers["queue.join"] = refusal("UNAVAILABLE")
    async with HanpanClient(gateway.url, "token", QUICK) as client:
        with pytest.raises(HanpanApiError):
            await client.join("duel")
    await gateway.wait_received("queue.cancel")


@pytest.mark.parametrize("code", ["ALREADY_QUEUED", "ALREADY_IN_MATCH"])
async def test_closing_takes_nothing_from_another_socket_of_the_player(
    gateway: FakeGateway, code: str
) -> None:
    gateway.answers["queue.join"] = refusal(code)
    async with HanpanClient(gateway.url, "token", QUICK) as client:
        with pytest.raises(HanpanApiError):
            await client.join("duel")
        await client.ping()
    assert [frame for frame in gateway.received if frame["t"] == "queue.cancel"] == []


async def test_a_severed_socket_does_not_leave_the_line(gateway: FakeGateway) -> None:
    """돌아올 것이다: 서버가 표를 이어 준다."""
    async with HanpanClient(gateway.url, "token", QUICK) as client:
        await client.join("duel")
        client.sever()
        await gateway.wait_received("hello", count=2)
        await client.wait_for(Reconnected)
        await client.ping()
        assert [frame for frame in gateway.received if frame["t"] == "queue.cancel"] == []
