"""/metrics 받기: 온전한 답만 받고, 어떤 상대도 기한을 넘겨 붙들지 못한다."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from kernel.errors import Unavailable
from ops.live.scrape import MAX_BYTES, fetch_metrics
from ops.live.targets import Target

HOST = "127.0.0.1"
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def process(answer: Answer) -> AsyncIterator[Target]:
    """요청을 읽고 `answer`대로 답하는 프로세스."""

    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            assert request.startswith(b"GET /metrics HTTP/1.1\r\nHost: ")
            await answer(writer)
        except ConnectionError:
            pass  # 물은 쪽이 먼저 떠났다
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.create_task(serve(reader, writer)))

    server = await asyncio.start_server(accept, HOST, 0)
    try:
        yield Target("session1", HOST, server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


def saying(text: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()

    return answer


async def dribble(writer: asyncio.StreamWriter) -> None:
    """끝나지 않을 답을 조금씩 흘린다."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(1000):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


async def silence(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


@pytest.mark.parametrize(
    "text",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\na 1\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na \r\n2\r\n1\n\r\n0\r\n\r\n",
    ],
    ids=["length", "chunked"],
)
async def test_a_whole_answer_is_read_however_its_end_is_told(text: bytes) -> None:
    async with process(saying(text)) as target:
        assert await fetch_metrics(target, timeout_s=5) == "a 1\n"


@pytest.mark.parametrize(
    "text",
    [
        b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\xff",
        b"what is this?\r\n\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (2 * MAX_BYTES) + b"x" * (2 * MAX_BYTES),
    ],
    ids=["refused", "cut", "not-utf8", "not-http", "nothing", "too-big"],
)
async def test_anything_less_is_unavailable(text: bytes) -> None:
    async with process(saying(text)) as target:
        with pytest.raises(Unavailable, match="session1"):
            await fetch_metrics(target, timeout_s=5)


@pytest.mark.parametrize("answer", [silence, dribble], ids=["frozen", "dribbling"])
async def test_a_process_that_does_not_finish_in_time_is_left(answer: Answer) -> None:
    async with process(answer) as target:
        began_s = time.monotonic()
        with pytest.raises(Unavailable):
            await fetch_metrics(target, timeout_s=0.2)
        assert time.monotonic() - began_s < 2


async def test_a_process_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await fetch_metrics(Target("session1", HOST, 1), timeout_s=5)
