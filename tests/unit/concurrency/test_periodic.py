"""되풀이하는 배경 일: 실패해도 이어지고, 깨우면 곧바로 돈다."""

from __future__ import annotations

import asyncio

from concurrency.periodic import Periodic
from kernel.errors import Unavailable


class Job:
    """부른 때마다 준비된 결과를 내는 일."""

    def __init__(self, *results: Exception | None) -> None:
        self._results = list(results)
        self.runs = 0
        self.ran = asyncio.Condition()

    async def __call__(self) -> None:
        self.runs += 1
        async with self.ran:
            self.ran.notify_all()
        result = self._results.pop(0) if self._results else None
        if result is not None:
            raise result

    async def until(self, runs: int) -> None:
        async with self.ran:
            await self.ran.wait_for(lambda: self.runs >= runs)


async def test_the_first_run_is_at_once_and_a_failure_does_not_stop_the_next() -> None:
    job = Job(Unavailable(), ZeroDivisionError(), None)
    periodic = Periodic("job", job, period_s=0.001)
    periodic.start()
    await job.until(4)
    await periodic.stop()


async def test_waking_does_not_wait_for_the_period() -> None:
    job = Job()
    periodic = Periodic("job", job, period_s=3600)
    periodic.start()
    await job.until(1)
    periodic.wake()
    await job.until(2)
    await periodic.stop()


async def test_stopping_before_the_start_is_fine() -> None:
    await Periodic("job", Job(), period_s=1).stop()
    await Periodic("job", Job(), period_s=1).finish(1)


class Slow:
    """끝나도 된다고 할 때까지 도는 일."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended = 0
        self.entered = asyncio.Event()
        self.may_end = asyncio.Event()

    async def __call__(self) -> None:
        self.begun += 1
        self.entered.set()
        await self.may_end.wait()
        self.ended += 1


async def test_finishing_lets_the_running_job_end_and_begins_no_other() -> None:
    job = Slow()
    periodic = Periodic("job", job, period_s=0.001)
    periodic.start()
    await job.entered.wait()
    finishing = asyncio.create_task(periodic.finish(60))
    await asyncio.sleep(0)
    job.may_end.set()
    await finishing
    assert (job.begun, job.ended) == (1, 1)


async def test_finishing_between_two_runs_begins_no_other() -> None:
    job = Job()
    periodic = Periodic("job", job, period_s=3600)
    periodic.start()
    await job.until(1)
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await periodic.finish(60)
    assert job.runs == 1


async def test_finishing_does_not_wait_for_ever() -> None:
    job = Slow()
    periodic = Periodic("job", job, period_s=0.001)
    periodic.start()
    await job.entered.wait()
    async with asyncio.timeout(5):
        await periodic.finish(0.01)
    assert (job.begun, job.ended) == (1, 0)


async def test_a_job_that_swallows_its_cancellation_does_not_hold_up_the_stop() -> None:
    entered = asyncio.Event()
    runs = 0

    async def swallow() -> None:
        nonlocal runs
        runs += 1
        entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if runs > 1:
                raise  # 다시 돌린 것이면 매달리지 않고 진다
            raise Unavailable from None

    periodic = Periodic("job", swallow, period_s=0.001)
    periodic.start()
    await entered.wait()
    async with asyncio.timeout(5):
        await periodic.stop()
    assert runs == 1
