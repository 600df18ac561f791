"""DB 스레드: 나란히 돌고, 취소를 견디고, 줄이 한없이 자라지 않는다."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from gameservices.runtime import db_executor
from gameservices.runtime.db_executor import DbExecutor
from kernel.errors import Unavailable


@pytest.fixture
def executor(monkeypatch: pytest.MonkeyPatch) -> Iterator[DbExecutor]:
    monkeypatch.setattr(db_executor, "WAITING_PER_THREAD", 1)
    made = DbExecutor(2)
    yield made
    made.close()


async def test_a_job_gives_its_answer_or_its_error(executor: DbExecutor) -> None:
    assert await executor.run(max, 3, 5) == 5
    with pytest.raises(ZeroDivisionError):
        await executor.run(lambda: 1 // 0)


async def test_jobs_run_side_by_side(executor: DbExecutor) -> None:
    meeting = threading.Barrier(2)
    await asyncio.gather(executor.run(meeting.wait, 5), executor.run(meeting.wait, 5))


async def test_a_job_that_started_goes_on_when_its_caller_leaves(executor: DbExecutor) -> None:
    started, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def job() -> None:
        started.set()
        go_on.wait(5)
        done.set()

    caller = asyncio.create_task(executor.run(job))
    await asyncio.to_thread(started.wait, 5)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    assert await asyncio.to_thread(done.wait, 5)


async def test_a_full_line_refuses_and_a_caller_that_leaves_makes_room(executor: DbExecutor) -> None:
    go_on = threading.Event()
    callers = [asyncio.create_task(executor.run(go_on.wait, 5)) for _ in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await executor.run(int)
    callers[-1].cancel()
    with pytest.raises(asyncio.CancelledError):
        await callers[-1]
    late = asyncio.create_task(executor.run(int))
    await asyncio.sleep(0)
    go_on.set()
    assert await late == 0
    assert all(await asyncio.gather(*callers[:-1]))
