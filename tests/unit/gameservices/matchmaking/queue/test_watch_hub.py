"""gateway의 통지 스트림: 순서, 밀림, 갈아 끼움, 닫힘."""

from __future__ import annotations

import asyncio

from gameservices.matchmaking.queue.watch_hub import BATCH, WatchHub
from hanpan.v1.matchmaking_pb2 import QueueTimeout, WatchEvent


def event(name: str) -> WatchEvent:
    return WatchEvent(queue_timeout=QueueTimeout(ticket_id=name))


async def test_events_come_in_order_and_a_waiting_reader_is_woken() -> None:
    hub = WatchHub()
    stream = hub.open("g1")
    reader = asyncio.create_task(stream.next())
    await asyncio.sleep(0)
    assert hub.publish("g1", event("a"))
    assert hub.publish("g1", event("b"))
    assert hub.publish("g1", event("c"))
    assert await reader == [event("a"), event("b"), event("c")]
    assert await stream.next(timeout_s=0.001) == []


async def test_a_message_carries_no_more_than_a_batch() -> None:
    hub = WatchHub()
    stream = hub.open("g1")
    for number in range(BATCH + 1):
        hub.publish("g1", event(str(number)))
    assert [len(await stream.next()), len(await stream.next())] == [BATCH, 1]


async def test_an_event_for_a_gateway_without_a_stream_says_so() -> None:
    assert not WatchHub().publish("g1", event("a"))


async def test_a_stream_that_lags_is_cut_after_what_it_already_holds() -> None:
    hub = WatchHub(stream_limit=2)
    stream = hub.open("g1")
    assert [hub.publish("g1", event(name)) for name in "abc"] == [True, True, False]
    assert stream.closed
    assert hub.gateways() == []
    assert [await stream.next() for _ in range(2)] == [[event("a"), event("b")], []]


async def test_a_new_stream_of_the_same_gateway_replaces_the_old_one() -> None:
    hub = WatchHub()
    old = hub.open("g1")
    new = hub.open("g1")
    hub.drop("g1", old)
    assert old.closed
    assert hub.publish("g1", event("a"))
    assert await new.next() == [event("a")]
    hub.drop("g1", new)
    assert hub.gateways() == []


async def test_closing_the_hub_wakes_every_reader() -> None:
    hub = WatchHub()
    streams = [hub.open("g1"), hub.open("g2")]
    readers = [asyncio.create_task(stream.next()) for stream in streams]
    await asyncio.sleep(0)
    hub.close()
    assert await asyncio.gather(*readers) == [[], []]
