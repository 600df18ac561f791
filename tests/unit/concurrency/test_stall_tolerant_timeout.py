"""멈칫한 만큼은 기다려 주는 제한 시간: 한가하면 제때, 멈칫했으면 온 답을 볼 틈을 준다."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from concurrency.stall_tolerant_timeout import stall_tolerant_timeout

LIMIT_S = 0.05


async def test_what_ends_in_time_is_left_alone() -> None:
    async with stall_tolerant_timeout(LIMIT_S):
        await asyncio.sleep(0)
    await asyncio.sleep(2 * LIMIT_S)


async def test_an_idle_loop_notices_in_time() -> None:
    began_s = time.monotonic()
    with pytest.raises(TimeoutError):
        async with stall_tolerant_timeout(LIMIT_S):
            await asyncio.Event().wait()
    assert LIMIT_S <= time.monotonic() - began_s < 4 * LIMIT_S


async def test_an_answer_that_came_while_the_loop_was_held_up_is_seen() -> None:
    near, far = socket.socketpair()
    with far:
        reader, writer = await asyncio.open_connection(sock=near)
        async with stall_tolerant_timeout(LIMIT_S):
            reading = asyncio.create_task(reader.readexactly(1))
            await asyncio.sleep(0)
            far.send(b"x")
            time.sleep(3 * LIMIT_S)  # noqa: ASYNC251 - 루프가 멈칫한 것이다
            assert await reading == b"x"
        writer.close()


async def test_the_patience_has_an_end() -> None:
    began_s = time.monotonic()
    with pytest.raises(TimeoutError):
        async with stall_tolerant_timeout(LIMIT_S):
            time.sleep(2 * LIMIT_S)  # noqa: ASYNC251 - 루프가 멈칫한 것이다
            await asyncio.Event().wait()
    assert time.monotonic() - began_s < 8 * LIMIT_S


async def test_a_cancellation_from_outside_stays_one() -> None:
    async def wait() -> None:
        async with stall_tolerant_timeout(10):
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
