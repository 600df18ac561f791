"""gateway의 줄: 순서, 묶음, 밀릴 때 버리는 것과 버리지 않는 것."""

from __future__ import annotations

import asyncio

from gameservices.session.rooms import gateway_link
from gameservices.session.rooms.gateway_link import MAX_LAG_S, MAX_QUEUED_MESSAGES, GatewayLink
from gameservices.session.rooms.link_events import superseded
from hanpan.v1 import session_pb2


async def taken(link: GatewayLink) -> list[session_pb2.LinkDown]:
    """닫아서 남은 것을 모두 꺼낸다."""
    link.close()
    return [message async for message in link.outgoing()]


def tick(link: GatewayLink, now_s: float, payload: bytes = b"frame") -> None:
    """한 틱의 프레임 하나를 넣는다."""
    link.begin_tick(now_s)
    if link.accepts_frames:
        link.add_frame(7, payload)
    link.flush()


async def test_a_tick_is_one_message_with_controls_before_frames() -> None:
    link = GatewayLink("gateway1")
    link.notify([1, 2], superseded("m"))
    link.notify([3], superseded("n"))
    link.begin_tick(0)
    link.add_frame(1, b"a")
    link.add_frame(2, b"b")
    (message,) = await taken(link)
    assert [list(control.conn_ids) for control in message.controls] == [[1, 2], [3]]
    assert [(list(frame.conn_ids), frame.payload) for frame in message.frames] == [([1], b"a"), ([2], b"b")]


async def test_a_control_never_overtakes_an_earlier_frame() -> None:
    link = GatewayLink("gateway1")
    tick(link, 0)
    link.notify([1], superseded("m"))
    tick(link, 0.05)
    first, second = await taken(link)
    assert not first.controls
    assert len(second.controls) == len(second.frames) == 1


async def test_each_tick_has_its_own_message() -> None:
    link = GatewayLink("gateway1")
    tick(link, 0, b"one")
    tick(link, 0.05, b"two")
    assert [message.frames[0].payload for message in await taken(link)] == [b"one", b"two"]


async def test_a_gateway_that_does_not_drain_loses_frames_but_no_control() -> None:
    link = GatewayLink("gateway1")
    for index in range(20):
        tick(link, index / 20)
        link.notify([index], superseded("m"))
    assert not link.accepts_frames
    messages = await taken(link)
    assert sum(len(message.frames) for message in messages) < 20
    assert len(messages) <= MAX_QUEUED_MESSAGES + 1
    assert [control.conn_ids[0] for message in messages for control in message.controls] == list(range(20))


async def test_a_gateway_that_drains_again_gets_frames_again() -> None:
    link = GatewayLink("gateway1")
    outgoing = link.outgoing()
    for index in range(10):
        tick(link, index / 20)
    assert not link.accepts_frames
    for _ in range(MAX_QUEUED_MESSAGES):
        await anext(outgoing)
    tick(link, 1.0)
    assert link.accepts_frames
    await outgoing.aclose()


async def test_a_large_tick_is_split_into_messages_the_other_side_accepts() -> None:
    link = GatewayLink("gateway1")
    link.begin_tick(0)
    for _ in range(5):
        link.add_frame(1, bytes(400_000))
    messages = await taken(link)
    assert len(messages) == 2
    assert all(message.ByteSize() < 4 * 1024 * 1024 for message in messages)


async def stuck_writer(link: GatewayLink) -> asyncio.Task[None]:
    """첫 묶음을 받고는 다시 읽지 않는 gateway."""
    started = asyncio.Event()

    async def read_one() -> None:
        async for _ in link.outgoing():
            started.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(read_one())
    tick(link, 0)
    await started.wait()
    return task


async def test_a_gateway_that_lags_too_long_is_cut_even_while_its_write_blocks() -> None:
    link = GatewayLink("gateway1")
    writer = await stuck_writer(link)
    for index in range(10):
        tick(link, index / 20)
    tick(link, 0.5 + MAX_LAG_S)
    await asyncio.wait([writer])
    assert writer.cancelled()
    assert link.is_closed


async def test_too_many_unread_controls_cut_the_link() -> None:
    link = GatewayLink("gateway1")
    writer = await stuck_writer(link)
    for _ in range(gateway_link.MAX_QUEUED_CONTROLS + 1):
        link.notify([1], superseded("m"))
    await asyncio.wait([writer])
    assert link.is_closed
    assert not [message async for message in link.outgoing()]


async def test_a_closed_link_swallows_what_comes_after() -> None:
    link = GatewayLink("gateway1")
    link.close()
    link.notify([1], superseded("m"))
    tick(link, 0)
    assert not await taken(link)
    await link.finished()


async def test_a_cut_link_hangs_up_as_its_stream_asked_and_only_once() -> None:
    hung_up: list[str] = []
    link = GatewayLink("gateway1", hang_up=lambda: hung_up.append("gateway1"))
    link.cut("lagging")
    link.cut("lagging")
    assert hung_up == ["gateway1"]
