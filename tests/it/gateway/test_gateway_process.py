"""진짜 프로세스: `gateway` 명령이 뜨고, 선수를 받고, SIGTERM에 인사하고 0으로 나간다."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from kernel.ids import new_id
from players.identity.keys import ensure_player_keys, load_issuer
from tests.fakes.matchmaking_server import HOST
from tests.fakes.redis_process import RedisProcess

START_S = 20.0


class GatewayProcess:
    """따로 뜬 gateway 하나."""

    def __init__(self, folder: Path, redis: RedisProcess) -> None:
        ensure_player_keys(folder / "keys")
        self.issuer = load_issuer(folder / "keys", ttl_s=600)
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.port = int(probe.getsockname()[1])
        self.log = folder / "gateway.log"
        settings = redis.settings()
        environment = {
            **os.environ,
            "HANPAN_INSTANCE": "gateway7",
            "HANPAN_BIND_HOST": HOST,
            "HANPAN_HTTP_PORT": str(self.port),
            "HANPAN_REDIS_HOST": settings.host,
            "HANPAN_REDIS_PORT": str(settings.port),
            "HANPAN_KEYS_DIR": str(folder / "keys"),
            "HANPAN_MATCHMAKING_ADDRESSES": f"{HOST}:9",
        }
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway"], env=environment, stdout=out, stderr=subprocess.STDOUT
            )

    def status(self, path: str) -> int:
        """GET 하나의 상태. 아직 듣지 않으면 0."""
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.port}{path}", timeout=2) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return int(refused.code)
        except OSError:
            return 0

    async def ready(self) -> None:
        """받을 준비가 될 때까지 기다린다."""
        async with asyncio.timeout(START_S):
            while await asyncio.to_thread(self.status, "/readyz") != 200:
                assert self.process.poll() is None, self.log.read_text()
                await asyncio.sleep(0.05)

    def sockets(self) -> int:
        """열린 선수 소켓의 수, /metrics가 말하는 대로."""
        with urllib.request.urlopen(f"http://{HOST}:{self.port}/metrics", timeout=2) as answer:
            lines = answer.read().decode().splitlines()
        return round(
            float(next(line.split()[1] for line in lines if line.startswith("gateway_connections ")))
        )

    async def hold(self, count: int) -> None:
        """열린 소켓이 `count`개가 될 때까지 기다린다."""
        async with asyncio.timeout(START_S):
            while await asyncio.to_thread(self.sockets) != count:  # noqa: ASYNC110 - 알려 줄 이가 없다
                await asyncio.sleep(0.05)

    async def greet(self, socket_: ClientConnection, token: str) -> ClientConnection:
        """인사하고 welcome을 듣는다."""
        await socket_.send(json.dumps({"t": "hello", "token": token}))
        async with asyncio.timeout(START_S):
            assert json.loads(await socket_.recv())["t"] == "welcome"
        return socket_

    def events(self) -> list[str]:
        """남긴 로그의 사건들. 모든 줄이 JSON이어야 한다."""
        lines = [line for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [json.loads(line)["event"] for line in lines]


@pytest.fixture
def gateway(tmp_path: Path, private_redis: RedisProcess) -> Iterator[GatewayProcess]:
    process = GatewayProcess(tmp_path, private_redis)
    yield process
    if process.process.poll() is None:
        process.process.kill()
        process.process.wait(timeout=10)


async def test_the_process_serves_players_and_leaves_with_a_bye(gateway: GatewayProcess) -> None:
    await gateway.ready()
    uri = f"ws://{HOST}:{gateway.port}/ws"
    async with connect(uri, subprotocols=[Subprotocol("hanpan.v1")]) as player:
        await player.send(json.dumps({"t": "hello", "token": gateway.issuer.issue(new_id(), "가람")}))
        async with asyncio.timeout(10):
            assert json.loads(await player.recv())["gateway"] == "gateway7"
            gateway.process.send_signal(signal.SIGTERM)
            frames = []
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    frames.append(json.loads(await player.recv()))
        assert frames[-1]["t"] == "bye"
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4900
    assert await asyncio.to_thread(gateway.process.wait, 10) == 0
    assert gateway.events()[-1] == "gateway.stopped"
    assert "Traceback" not in gateway.log.read_text()


async def test_an_empty_gateway_leaves_at_once(gateway: GatewayProcess) -> None:
    await gateway.ready()
    gateway.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(gateway.process.wait, 5) == 0


async def test_a_forged_token_meets_the_real_verifier(gateway: GatewayProcess) -> None:
    await gateway.ready()
    good = gateway.issuer.issue(new_id(), "가람")
    head, body, signature = good.split(".")
    for token in ("", "a.b.c", f"{head}.{body}.", f"{head}.{body[::-1]}.{signature}"):
        async with connect(f"ws://{HOST}:{gateway.port}/ws") as socket_:
            await socket_.send(json.dumps({"t": "hello", "token": token}))
            async with asyncio.timeout(5):
                assert json.loads(await socket_.recv())["code"] == "UNAUTHENTICATED"
                with pytest.raises(ConnectionClosed) as closed:
                    await socket_.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4401
    assert "Traceback" not in gateway.log.read_text()
    assert good not in gateway.log.read_text()


async def test_of_three_hundred_sockets_of_one_player_five_stay_and_nobody_else_notices(
    gateway: GatewayProcess,
) -> None:
    await gateway.ready()
    uri = f"ws://{HOST}:{gateway.port}/ws"
    token = gateway.issuer.issue(new_id(), "가람")
    async with AsyncExitStack() as open_until:
        other = await open_until.enter_async_context(connect(uri))
        await gateway.greet(other, gateway.issuer.issue(new_id(), "나래"))
        gate = asyncio.Semaphore(32)

        async def one() -> ClientConnection:
            async with gate:
                return await gateway.greet(await open_until.enter_async_context(connect(uri)), token)

        crowd = await asyncio.gather(*(one() for _ in range(300)))
        await gateway.hold(5 + 1)
        living = [socket_ for socket_ in crowd if socket_.close_code is None]
        assert {socket_.close_code for socket_ in crowd} == {None, 4409}
        assert len(living) == 5
        for socket_ in (*living, other):
            await socket_.send(json.dumps({"t": "ping", "ts": 1, "id": "p"}))
            async with asyncio.timeout(10):
                while json.loads(await socket_.recv()).get("re") != "p":
                    pass
    await gateway.hold(0)
    assert "Traceback" not in gateway.log.read_text()
