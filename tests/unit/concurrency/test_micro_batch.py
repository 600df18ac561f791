"""한 바퀴의 일을 모으는 틀: 묶이고, 나뉘어 답하고, 멈추면 함께 곧바로 실패한다."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import weakref
from collections.abc import Callable, Iterator, Sequence

import pytest

from concurrency.micro_batch import MicroBatch
from kernel.errors import AlreadyQueued, HanpanError, Unavailable


class Doubler:
    """수를 두 배로 만드는 일. 문이 닫혀 있으면 기다린다."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: Exception | None = None
        self.replies_fail = False

    async def __call__(self, items: Sequence[int]) -> Sequence[int | HanpanError]:
        self.batches.append(list(items))
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        if self.replies_fail:
            return [Unavailable() for _ in items]
        return [AlreadyQueued() if item < 0 else item * 2 for item in items]


async def test_the_work_of_one_turn_is_done_together() -> None:
    work = Doubler()
    batch: MicroBatch[int, int] = MicroBatch(work)
    assert await asyncio.gather(*(batch.submit(n) for n in range(5))) == [0, 2, 4, 6, 8]
    assert work.batches == [[0, 1, 2, 3, 4]]


async def test_a_long_line_goes_in_batches_of_the_limit() -> None:
    work = Doubler()
    batch: MicroBatch[int, int] = MicroBatch(work, max_batch=2)
    assert await asyncio.gather(*(batch.submit(n) for n in range(5))) == [0, 2, 4, 6, 8]
    assert work.batches == [[0, 1], [2, 3], [4]]


async def test_one_failed_item_does_not_fail_the_others() -> None:
    batch: MicroBatch[int, int] = MicroBatch(Doubler())
    replies = await asyncio.gather(*(batch.submit(n) for n in (1, -1, 3)), return_exceptions=True)
    assert (replies[0], replies[2]) == (2, 6)
    assert isinstance(replies[1], AlreadyQueued)


@pytest.mark.parametrize("says_it", ["by raising", "in every reply"])
async def test_when_the_backend_stops_everyone_in_line_is_told_at_once(says_it: str) -> None:
    work = Doubler()
    work.gate.clear()
    batch: MicroBatch[int, int] = MicroBatch(work, max_batch=2)
    waiting = [asyncio.create_task(batch.submit(n)) for n in range(6)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    work.failure = Unavailable() if says_it == "by raising" else None
    work.replies_fail = not work.failure
    work.gate.set()
    replies = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(reply, Unavailable) for reply in replies)
    assert work.batches == [[0, 1]], "뒤에 선 일은 시작하지도 않는다"
    work.failure, work.replies_fail = None, False
    assert await batch.submit(21) == 42


async def test_a_mistake_of_ours_fails_only_its_own_batch() -> None:
    work = Doubler()
    work.failure = KeyError("bug")
    batch: MicroBatch[int, int] = MicroBatch(work)
    with pytest.raises(KeyError):
        await batch.submit(1)
    work.failure = None
    assert await batch.submit(2) == 4


async def test_a_full_line_refuses_more() -> None:
    work = Doubler()
    work.gate.clear()
    batch: MicroBatch[int, int] = MicroBatch(work, max_batch=1, max_waiting=1)
    first = asyncio.create_task(batch.submit(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second = asyncio.create_task(batch.submit(2))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await batch.submit(3)
    work.gate.set()
    assert await asyncio.gather(first, second) == [2, 4]


async def test_a_caller_who_left_while_waiting_is_not_served() -> None:
    work = Doubler()
    work.gate.clear()
    batch: MicroBatch[int, int] = MicroBatch(work, max_batch=1)
    first = asyncio.create_task(batch.submit(1))
    gone = asyncio.create_task(batch.submit(2))
    last = asyncio.create_task(batch.submit(3))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    work.gate.set()
    assert await asyncio.gather(first, last) == [2, 6]
    assert work.batches == [[1], [3]]


ORIGIN: contextvars.ContextVar[str] = contextvars.ContextVar("origin", default="")


async def ran_in(origins: Sequence[str], *, leads: Callable[[], bool] = lambda: False) -> list[str]:
    """차례로 청한 일들의 묶음이 각각 누구의 문맥에서 돌았는가. 묶음은 둘씩이다."""
    seen: list[str] = []

    async def handle(items: Sequence[int]) -> Sequence[int]:
        seen.append(ORIGIN.get())
        return items

    batch: MicroBatch[int, int] = MicroBatch(handle, max_batch=2, leads=leads)

    async def ask(origin: str) -> None:
        ORIGIN.set(origin)
        await batch.submit(1)

    await asyncio.gather(*map(ask, origins))
    return seen


async def test_each_batch_runs_in_the_context_of_its_own_first_item() -> None:
    assert await ran_in(["a", "b", "c", "d", "e"]) == ["a", "c", "e"]


async def test_an_item_that_leads_lends_its_context() -> None:
    assert await ran_in(["a", "B", "c", "d"], leads=lambda: ORIGIN.get().isupper()) == ["B", "c"]


@pytest.fixture
def no_collector() -> Iterator[None]:
    """순환 수집기가 돌지 않는 동안."""
    gc.disable()
    yield
    gc.enable()


class Held:
    """부른 쪽의 로컬 변수가 쥔 것."""


@pytest.mark.parametrize("replies_fail", [True, False])
async def test_a_refusal_leaves_nothing_to_the_collector(no_collector: None, replies_fail: bool) -> None:
    work = Doubler()
    work.replies_fail = replies_fail
    batch: MicroBatch[int, int] = MicroBatch(work)

    async def refused() -> weakref.ref[Held]:
        held = Held()
        with contextlib.suppress(Unavailable, AlreadyQueued):
            await batch.submit(-1)
        return weakref.ref(held)

    held = await refused()
    await asyncio.sleep(0)
    assert held() is None
