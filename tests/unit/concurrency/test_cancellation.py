"""태스크를 끝까지 취소하기: 취소가 삼켜져도 끝난다."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from concurrency.cancellation import end_tasks


def stubborn(swallows: int) -> tuple[Callable[[], Awaitable[None]], list[int]]:
    """취소를 `swallows`번 삼키는 일과, 삼킨 수."""
    swallowed: list[int] = []

    async def work() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if len(swallowed) == swallows:
                    raise
                swallowed.append(1)

    return work, swallowed


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 2), max_size=4))
def test_every_task_ends_however_often_its_cancellation_is_swallowed(swallows: list[int]) -> None:
    async def run() -> None:
        works = [stubborn(count) for count in swallows]
        tasks = [asyncio.ensure_future(work()) for work, _ in works]
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            await end_tasks(tasks)
        assert all(task.cancelled() for task in tasks)
        assert [len(swallowed) for _, swallowed in works] == swallows

    asyncio.run(run())


async def test_a_task_that_is_over_is_left_as_it_is() -> None:
    async def fail() -> None:
        raise ValueError

    task = asyncio.create_task(fail())
    await asyncio.wait({task})
    await end_tasks([task])
    assert isinstance(task.exception(), ValueError)


async def test_a_task_that_fails_while_it_is_cancelled_counts_as_ended() -> None:
    async def fail() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await end_tasks([task])
    assert isinstance(task.exception(), ValueError)


async def test_ending_nothing_is_fine() -> None:
    await end_tasks([])
