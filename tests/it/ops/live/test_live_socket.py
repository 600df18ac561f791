"""살아 있는 숫자의 소켓: 세션으로 들어오고, 볼 수 있는 것만 보며, 진짜 Redis를 사이에 두고도 나눠진다."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from channels_redis.core import RedisChannelLayer
from django.conf import settings as django_settings
from django.test import Client

from accounts.models import Staff
from accounts.permissions import StaffPermission
from accounts.roles import Role
from kernel.clock import SystemClock
from kernel.ids import new_id
from ops.live import consumer as consumer_module
from ops.live import hub as hub_module
from ops.live.consumer import NOT_ALLOWED, SIGNED_OUT, UNAVAILABLE
from ops.live.entrance import LiveEntrance
from ops.live.hub import LiveHub
from ops.live.poller import Poller
from ops.live.reading import Reading
from ops.live.targets import Target
from redisstore import keys
from redisstore.client import AsyncRedis, RedisSettings, make_async_client
from redisstore.gate import RedisGate
from redisstore.results import ResultStream
from redisstore.servers.registry import ServerRegistry, ServerReport
from tests.it.ops.conftest import SignIn

pytestmark = pytest.mark.django_db(transaction=True)

WAIT_S = 10.0
NOBODY = Target("session1", "127.0.0.1", 1)


def layer_of(redis: RedisSettings) -> RedisChannelLayer:
    """운영과 같은 설정의 channel layer."""
    config = django_settings.CHANNEL_LAYERS["default"]["CONFIG"]
    host = {**config["hosts"][0], "host": redis.host, "port": redis.port}
    return RedisChannelLayer(**{**config, "hosts": [host]})


class Stage:
    """시험 하나의 hub들. 끝나면 모두 멈추고 연결을 닫는다."""

    def __init__(self) -> None:
        self._hubs: list[LiveHub] = []
        self._layers: list[RedisChannelLayer] = []

    def hub(self, source: str, settings: RedisSettings, client: AsyncRedis) -> LiveHub:
        """답하지 않는 프로세스 하나와 그 Redis를 보는 hub."""
        clock = SystemClock()
        poller = Poller(source=source, gate=RedisGate(client), region="local", targets=[NOBODY], clock=clock)
        layer = layer_of(settings)
        hub = LiveHub(source=source, take=poller.take, layer=layer, clock=clock)
        self._hubs.append(hub)
        self._layers.append(layer)
        return hub

    async def close(self) -> None:
        for hub in self._hubs:
            hub.close()
        running = [task for task in asyncio.all_tasks() if task.get_name().startswith("ops-live")]
        await asyncio.gather(*running, return_exceptions=True)
        for layer in self._layers:
            await layer.close_pools()


@pytest.fixture
async def stage(redis_client: AsyncRedis) -> AsyncIterator[Stage]:
    """hub가 쓰는 클라이언트보다 먼저 멈춘다: 닫힌 클라이언트로 물으면 닫히지 않는 연결이 새로 열린다."""
    made = Stage()
    yield made
    await made.close()


@pytest.fixture
def hub(stage: Stage, redis_settings: RedisSettings, redis_client: AsyncRedis) -> LiveHub:
    """진짜 Redis를 보는 hub."""
    return stage.hub("a", redis_settings, redis_client)


def knock(
    hub: LiveHub, client: Client | None, *, origin: str = "http://localhost:8080"
) -> WebsocketCommunicator:
    """브라우저가 여는 것과 같은 소켓."""
    key = client.session.session_key if client is not None else "nobody"
    headers = [
        (b"host", b"localhost:8080"),
        (b"origin", origin.encode()),
        (b"cookie", f"{django_settings.SESSION_COOKIE_NAME}={key}".encode()),
    ]
    return WebsocketCommunicator(LiveEntrance(hub), "/ops/live", headers=headers)


@database_sync_to_async
def signed_in(sign_in: SignIn, *held: Any) -> Client:
    client = sign_in(*held)
    client.session.save()
    return client


async def close_code(socket: WebsocketCommunicator) -> int:
    while True:
        message = await socket.receive_output(WAIT_S)
        if message["type"] == "websocket.close":
            return int(message["code"])


async def reading_from(socket: WebsocketCommunicator, accepts: Callable[[Any], bool] = bool) -> Any:
    """조건에 맞는 다음 한 벌."""
    async with asyncio.timeout(WAIT_S):
        while not accepts(reading := json.loads(await socket.receive_from(WAIT_S))):
            pass
    return reading


async def test_a_viewer_sees_the_numbers_and_the_servers(
    hub: LiveHub, redis_client: AsyncRedis, sign_in: SignIn
) -> None:
    report = ServerReport(
        server_id="session1", address="s:7000", state="ready", capacity=9, running=4, version="1"
    )
    await ServerRegistry(RedisGate(redis_client), "local").heartbeat(report)
    await ResultStream(RedisGate(redis_client), "local").append("{}")
    socket = knock(hub, await signed_in(sign_in, Role.VIEWER))
    assert (await socket.connect())[0]
    reading = await reading_from(socket)
    assert reading["redis"]
    assert reading["numbers"]["running_by"] == {"session1": 4}
    assert reading["numbers"]["pending"] == 1
    assert reading["processes"] == [{"name": "session1", "role": "session", "answered": False}]
    assert [server["server_id"] for server in reading["servers"]] == ["session1"]
    await socket.disconnect()


async def test_what_may_not_be_seen_is_not_sent(hub: LiveHub, sign_in: SignIn) -> None:
    socket = knock(hub, await signed_in(sign_in, StaffPermission.SERVER_VIEW))
    await socket.connect()
    reading = await reading_from(socket)
    assert (reading["numbers"], reading["servers"]) == (None, [])
    await socket.disconnect()


async def test_a_stranger_is_told_to_sign_in(hub: LiveHub) -> None:
    socket = knock(hub, None)
    assert (await socket.connect())[0]
    assert await close_code(socket) == SIGNED_OUT
    assert not hub.is_running


async def test_staff_without_any_of_the_permissions_is_told_so(hub: LiveHub, sign_in: SignIn) -> None:
    socket = knock(hub, await signed_in(sign_in, StaffPermission.MATCH_VIEW))
    assert (await socket.connect())[0]
    assert await close_code(socket) == NOT_ALLOWED


async def test_someone_who_is_not_staff_is_a_stranger(hub: LiveHub, sign_in: SignIn) -> None:
    client = await database_sync_to_async(lambda: sign_in(Role.ADMIN, is_staff=False))()
    socket = knock(hub, client)
    await socket.connect()
    assert await close_code(socket) == SIGNED_OUT


async def test_a_page_of_another_site_cannot_open_it_with_our_cookie(hub: LiveHub, sign_in: SignIn) -> None:
    socket = knock(hub, await signed_in(sign_in, Role.ADMIN), origin="http://evil.example")
    assert not (await socket.connect())[0]


async def test_whoever_loses_the_session_is_sent_away(
    hub: LiveHub, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "RECHECK_S", 0.05)
    client = await signed_in(sign_in, Role.VIEWER)
    socket = knock(hub, client)
    await socket.connect()
    await reading_from(socket)
    await Staff.objects.all().aupdate(is_active=False)
    assert await close_code(socket) == SIGNED_OUT


async def test_a_socket_that_speaks_is_closed(hub: LiveHub, sign_in: SignIn) -> None:
    socket = knock(hub, await signed_in(sign_in, Role.VIEWER))
    await socket.connect()
    await socket.send_to(text_data="hello")
    assert await close_code(socket) == consumer_module.BAD_FRAME


async def test_when_there_are_too_many_watchers_the_next_one_is_told_to_come_later(
    hub: LiveHub, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "MAX_WATCHERS", 0)
    socket = knock(hub, await signed_in(sign_in, Role.VIEWER))
    await socket.connect()
    assert await close_code(socket) == UNAVAILABLE


async def test_the_last_one_to_leave_stops_the_measuring(hub: LiveHub, sign_in: SignIn) -> None:
    socket = knock(hub, await signed_in(sign_in, Role.VIEWER))
    await socket.connect()
    await reading_from(socket)
    assert hub.is_running
    await socket.disconnect()
    assert not hub.is_running


async def test_a_second_platform_hears_the_first_through_redis_and_takes_over_when_it_goes(
    stage: Stage, redis_settings: RedisSettings, redis_client: AsyncRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "INTERVAL_S", 0.05)
    monkeypatch.setattr(hub_module, "HEARD_FOR_S", 0.5)
    first, second = (stage.hub(name, redis_settings, redis_client) for name in ("a", "b"))
    first.watch()
    watcher = second.watch()

    async def until_from(source: str) -> Reading:
        async with asyncio.timeout(WAIT_S):
            while True:
                reading = await watcher.next()
                assert reading is not None
                if reading.source == source:
                    return reading

    await until_from("a")
    names = [key async for key in redis_client.scan_iter("*")]
    assert all(name.startswith("asgi:") for name in names), names
    first.close()
    await until_from("b")


async def test_without_redis_the_page_is_told_so_and_stays_alive(
    stage: Stage, redis_settings: RedisSettings, sign_in: SignIn
) -> None:
    nowhere = RedisSettings(host=redis_settings.host, port=1)
    client = make_async_client(nowhere)
    hub = stage.hub("a", nowhere, client)
    socket = knock(hub, await signed_in(sign_in, Role.VIEWER))
    await socket.connect()
    first = await reading_from(socket)
    second = await reading_from(socket)
    assert (first["redis"], first["servers"], first["numbers"]["queue"]) == (False, None, None)
    assert second["at_ms"] > first["at_ms"]
    await socket.disconnect()
    await client.aclose()


async def test_the_queue_is_counted_once_a_process_named_the_modes(
    redis_client: AsyncRedis,
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'# TYPE matchmaking_queue_depth gauge\nmatchmaking_queue_depth{mode="duel"} 0.0\n'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    target = Target("matchmaking", "127.0.0.1", server.sockets[0].getsockname()[1])
    poller = Poller(
        source="a", gate=RedisGate(redis_client), region="local", targets=[target], clock=SystemClock()
    )
    seconds, _ = await redis_client.time()
    await redis_client.zadd(keys.queue("local", "duel"), {new_id(): seconds * 1000})
    first = await poller.take()
    server.close()
    later = await poller.take()
    assert first.numbers is not None
    assert first.numbers.queue is None
    assert later.numbers is not None
    assert later.numbers.queue_by["duel"].waiting == 1
    assert not later.processes[0].answered
