"""소켓과 프로세스의 한살이: 느린 소비자, 심장 박동, 상태 확인, 나가는 길."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gateway.settings import OutboxLimits
from kernel.ids import new_id
from tests.fakes.gateway_process import HOST, Gateway
from tests.fakes.gateway_stage import Stage, gateway_stage
from tests.fakes.session_server import DELTA, SNAPSHOT

BIG_SNAPSHOT = bytes([1, 1]) + bytes(60_000)
SMALL_RECEIVE_BUFFER_BYTES = 4096


async def http(gateway: Gateway, path: str) -> tuple[int, bytes]:
    """GET 하나의 상태와 본문."""
    host, port = gateway.base.rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET {path} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def small_socket(gateway: Gateway) -> socket.socket:
    """커널이 거의 쌓아 주지 않는 소켓. 읽지 않으면 곧 막힌다."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_RECEIVE_BUFFER_BYTES)
    host, port = gateway.base.rsplit(":", 1)
    sock.connect((host, int(port)))
    sock.setblocking(False)
    return sock


def reads_nothing(gateway: Gateway) -> dict[str, Any]:
    """받은 프레임을 하나만 쌓고 더는 읽지 않는 클라이언트의 옵션."""
    return {"sock": small_socket(gateway), "max_queue": 1, "ping_interval": None, "close_timeout": 0.1}


async def seat_one_slow_and_one_quick(
    stage: Stage, slow: Any, slow_id: str, quick: Any, quick_id: str
) -> str:
    for client, player_id in ((slow, slow_id), (quick, quick_id)):
        await client.hello(player_id)
    return await stage.play({slow_id: slow, quick_id: quick})


async def test_a_reader_who_stops_is_closed_and_slows_nobody() -> None:
    limits = OutboxLimits(max_frames=8, max_bytes=200_000, lag_s=0.5)
    async with gateway_stage(outbox=limits) as stage:
        slow_id, quick_id = new_id(), new_id()
        async with (
            stage.gateway.client(**reads_nothing(stage.gateway)) as slow,
            stage.gateway.client() as quick,
        ):
            match_id = await seat_one_slow_and_one_quick(stage, slow, slow_id, quick, quick_id)
            app = stage.gateway.app
            received = 0
            async with asyncio.timeout(15):
                while len(app.connections) == 2:
                    stage.session.push(match_id, BIG_SNAPSHOT)
                    assert await quick.until_state() == BIG_SNAPSHOT
                    received += 1
            assert received > 8
            assert (await quick.ask("ping", ts=1))["t"] == "pong"
            with pytest.raises(ConnectionClosed):
                while True:
                    await slow.recv()


async def test_a_reader_who_falls_behind_and_returns_gets_a_fresh_snapshot() -> None:
    limits = OutboxLimits(max_frames=8, max_bytes=200_000, lag_s=30.0)
    async with gateway_stage(outbox=limits) as stage:
        slow_id, quick_id = new_id(), new_id()
        async with (
            stage.gateway.client(**reads_nothing(stage.gateway)) as slow,
            stage.gateway.client() as quick,
        ):
            match_id = await seat_one_slow_and_one_quick(stage, slow, slow_id, quick, quick_id)
            big_delta = bytes([1, 2]) + bytes(60_000)
            for _ in range(30):
                stage.session.push(match_id, big_delta)
                await quick.until_state()
            before = len(stage.session.items("resync"))
            frames = [await slow.until_state()]
            while frames[-1] != SNAPSHOT:
                frames.append(await slow.until_state())
            assert len(frames) < 30
            assert len(stage.session.items("resync")) == before + 1
            stage.session.push(match_id, DELTA)
            assert await slow.until_state() == DELTA


async def test_answers_nobody_reads_close_the_socket() -> None:
    limits = OutboxLimits(max_frames=8, max_bytes=10_000, lag_s=30.0)
    async with (
        gateway_stage(outbox=limits, messages_per_s=1e6, messages_burst=1_000_000) as stage,
        stage.gateway.client(**reads_nothing(stage.gateway)) as slow,
    ):
        await slow.hello(new_id())
        question = json.dumps({"t": "finalize", "match_id": "x" * 60, "id": "y" * 60})
        with pytest.raises((ConnectionClosed, TimeoutError)):
            async with asyncio.timeout(10):
                while True:
                    await slow.socket.send(question)
        await stage.until(lambda: len(stage.gateway.app.connections) == 0)


async def test_a_dead_socket_is_closed_after_two_missed_heartbeats() -> None:
    async with (
        gateway_stage(heartbeat_s=0.2) as stage,
        stage.gateway.client(**reads_nothing(stage.gateway)) as client,
    ):
        await client.hello(new_id())
        client.socket.transport.pause_reading()
        await stage.until(lambda: len(stage.gateway.app.connections) == 0)


async def test_a_living_socket_outlives_many_heartbeats() -> None:
    async with gateway_stage(heartbeat_s=0.1) as stage, stage.gateway.player(new_id()) as client:
        await asyncio.sleep(0.6)  # 심장 박동 여섯 번
        assert (await client.ask("ping", ts=1))["t"] == "pong"


async def test_the_probes_answer_on_the_same_port(stage: Stage) -> None:
    status, body = await http(stage.gateway, "/healthz")
    assert (status, json.loads(body)["service"], json.loads(body)["instance"]) == (200, "gateway", "gateway1")
    assert (await http(stage.gateway, "/readyz"))[0] == 200
    async with stage.gateway.player(new_id()):
        status, metrics = await http(stage.gateway, "/metrics")
    assert status == 200
    assert b"gateway_connections 1.0" in metrics
    assert b'gateway_messages_total{direction="in",type="hello"}' in metrics
    assert (await http(stage.gateway, "/ws"))[0] == 426


async def test_readiness_does_not_depend_on_what_is_behind(stage: Stage) -> None:
    stage.redis.is_down = True
    await stage.process.kill()
    assert (await http(stage.gateway, "/readyz"))[0] == 200


async def test_a_leaving_gateway_refuses_new_sockets_and_says_bye() -> None:
    async with gateway_stage(drain_notice_s=0.6) as stage, stage.gateway.player(new_id()) as client:
        stage.gateway.begin_exit()
        await stage.until(lambda: stage.gateway.app.is_draining)
        assert (await http(stage.gateway, "/readyz"))[0] == 404
        assert (await http(stage.gateway, "/healthz"))[0] == 200
        with pytest.raises(InvalidStatus) as caught:
            async with stage.gateway.connect():
                pass
        assert caught.value.response.status_code == 503
        assert (await client.ask("ping", ts=1))["t"] == "pong"
        bye = await client.until("bye")
        assert (bye["code"], bye["reconnect"]) == ("GOING_AWAY", True)
        assert await client.close_code() == 4900
        assert stage.gateway.finished is not None
        async with asyncio.timeout(5):
            await stage.gateway.finished


async def test_everyone_is_told_before_the_gateway_is_gone() -> None:
    async with gateway_stage() as stage:
        contexts = [stage.gateway.player(new_id()) for _ in range(30)]
        clients = [await context.__aenter__() for context in contexts]
        stage.gateway.begin_exit()
        codes = await asyncio.gather(*(client.close_code() for client in clients))
        assert codes == [4900] * 30
        for context in contexts:
            await context.__aexit__(None, None, None)


async def test_a_leaving_gateway_leaves_its_tickets_to_their_lease() -> None:
    """곧 다른 gateway로 올 선수의 표를 거두지 않는다."""
    async with gateway_stage(queue_return_s=60.0) as stage, stage.gateway.player(new_id()) as client:
        await client.ask("queue.join", mode="duel")
        stage.gateway.begin_exit()
        assert await client.close_code() == 4900
        assert stage.gateway.finished is not None
        await stage.gateway.finished
        assert len(stage.matchmaking.tickets) == 1
        assert stage.matchmaking.cancels == []


async def test_a_client_that_never_reads_does_not_hold_the_exit() -> None:
    async with (
        gateway_stage(drain_limit_s=1.0) as stage,
        stage.gateway.client(**reads_nothing(stage.gateway)) as slow,
    ):
        player_id = new_id()
        await slow.hello(player_id)
        match_id = await stage.play({player_id: slow})
        for _ in range(60):
            stage.session.push(match_id, BIG_SNAPSHOT)
        await stage.until(lambda: any(len(conn.outbox) for conn in stage.gateway.app.connections))
        stage.gateway.begin_exit()
        assert stage.gateway.finished is not None
        async with asyncio.timeout(6):
            await stage.gateway.finished


async def test_the_port_is_ours_alone(stage: Stage) -> None:
    port = int(stage.gateway.base.rsplit(":", 1)[1])
    with socket.socket() as rival, pytest.raises(OSError, match="in use"):
        rival.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        rival.bind((HOST, port))
        rival.listen()
