"""끊긴 Link를 gateway가 안다: 서버가 끊은 스트림은, 쓰기에 막혀 있었어도, 상대에게 끝난 것으로 보인다."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import grpc.aio
import pytest

from gameservices.session.rooms.room_host import RoomHost
from gameservices.session.servicer import SessionServicer
from hanpan.v1 import session_pb2, session_pb2_grpc
from rpc.channels import make_channel, make_server
from tests.fakes.manual_clock import ManualClock
from tests.fakes.session_rooms import IDENTITY, PACE, HeardEvents

HELLO = session_pb2.LinkUp(items=[session_pb2.UpItem(hello=session_pb2.LinkHello(gateway_id="gateway1"))])
LIMIT_S = 5.0


async def until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not is_true():  # noqa: ASYNC110 - 알려 줄 이가 없다
            await asyncio.sleep(0.01)


class Pair:
    """진짜 gRPC로 이어진 session의 줄과 gateway의 스트림."""

    def __init__(self, host: RoomHost, stub: Any) -> None:
        self.host = host
        self._stub = stub

    async def open(self) -> Any:
        call = self._stub.Link()
        await call.write(HELLO)
        await until(lambda: bool(self.host.links()))
        return call


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    host = RoomHost(identity=IDENTITY, pace=PACE, clock=ManualClock(), events=HeardEvents())
    server = make_server()
    add: Any = session_pb2_grpc.add_SessionServiceServicer_to_server
    add(
        SessionServicer(
            host=host,
            opener=cast(Any, None),
            live=cast(Any, None),
            read_stored=cast(Any, None),
            read_player=cast(Any, None),
        ),
        server,
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with make_channel(f"127.0.0.1:{port}", traced=False) as channel:
        make_stub: Any = session_pb2_grpc.SessionServiceStub
        yield Pair(host, make_stub(channel))
    await server.stop(None)


async def drain(call: Any) -> None:
    """끝날 때까지 읽는다. 어떻게 끝났는지는 가리지 않는다."""
    async with asyncio.timeout(LIMIT_S):
        try:
            async for _ in call:
                pass
        except grpc.aio.AioRpcError:
            return


async def test_a_gateway_sees_the_end_of_a_quiet_link_that_was_cut(pair: Pair) -> None:
    call = await pair.open()
    pair.host.links()[0].cut("controls")
    await drain(call)
    assert not pair.host.links()


async def test_a_gateway_sees_the_end_of_a_link_cut_while_its_write_was_blocked(pair: Pair) -> None:
    call = await pair.open()
    (link,) = pair.host.links()
    for index in range(40):  # 읽지 않는 상대: 창이 차서 쓰기가 막힌다
        link.begin_tick(index / 20)
        link.add_frame(7, bytes(512 * 1024))
        link.flush()
        await asyncio.sleep(0.01)
    assert not link.accepts_frames
    link.cut("lagging")
    await until(lambda: not pair.host.links())
    await drain(call)


async def test_an_older_link_of_the_same_gateway_ends_when_a_new_one_opens(pair: Pair) -> None:
    older = await pair.open()
    newer = await pair.open()
    await drain(older)
    assert len(pair.host.links()) == 1
    newer.cancel()
