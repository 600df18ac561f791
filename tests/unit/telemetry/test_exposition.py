"""/metrics의 글: 루프 밖에서, 1초에 한 번만, 나눠 갖고, 상한 안에서."""

from __future__ import annotations

import asyncio
import threading

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from telemetry import metrics
from telemetry.exposition import MAX_BYTES, MAX_FAMILY_SAMPLES, SLOT_S, Exposition, SharedExposition, expose
from tests.fakes.manual_clock import ManualClock


class HeldMaker:
    """놓아줄 때까지 끝나지 않는 만들기. 몇 번 불렸고 어느 스레드였는지 안다."""

    def __init__(self) -> None:
        self.threads: list[int] = []
        self.started = threading.Event()
        self.release = threading.Event()
        self.failure: Exception | None = None

    def __call__(self) -> Exposition:
        self.threads.append(threading.get_ident())
        self.started.set()
        assert self.release.wait(30)
        if self.failure is not None:
            raise self.failure
        return Exposition(f"{len(self.threads)}번째\n".encode(), ())


@pytest.fixture
def maker() -> HeldMaker:
    return HeldMaker()


def names_in(body: bytes) -> set[str]:
    return {family.name for family in text_string_to_metric_families(body.decode())}


async def test_the_event_loop_turns_while_the_text_is_made(maker: HeldMaker) -> None:
    asked = asyncio.create_task(SharedExposition(maker, ManualClock()).body())
    await asyncio.to_thread(maker.started.wait)
    maker.release.set()  # 루프에서 만들었다면 여기에 닿지 못한다
    assert await asked == "1번째\n".encode()
    assert threading.get_ident() not in maker.threads


async def test_those_who_ask_together_share_one_making(maker: HeldMaker) -> None:
    shared = SharedExposition(maker, ManualClock())
    asked = [asyncio.create_task(shared.body()) for _ in range(200)]
    await asyncio.to_thread(maker.started.wait)
    asked += [asyncio.create_task(shared.body()) for _ in range(200)]
    await asyncio.sleep(0)
    maker.release.set()
    assert set(await asyncio.gather(*asked)) == {"1번째\n".encode()}
    assert len(maker.threads) == 1


async def test_the_text_is_made_at_most_once_a_second(maker: HeldMaker) -> None:
    maker.release.set()
    clock = ManualClock(200.0)
    shared = SharedExposition(maker, clock)
    for tenth in range(100):
        clock.now_s = 200.0 + tenth / 10
        await shared.body()
    assert len(maker.threads) == 10


async def test_one_who_asks_every_second_sees_a_new_text_each_time(maker: HeldMaker) -> None:
    maker.release.set()
    clock = ManualClock(200.7)
    shared = SharedExposition(maker, clock)
    seen = []
    for _ in range(5):
        seen.append(await shared.body())
        clock.now_s += SLOT_S
    assert len(set(seen)) == 5


async def test_one_who_leaves_takes_nothing_from_the_others(maker: HeldMaker) -> None:
    shared = SharedExposition(maker, ManualClock())
    gone, stays = (asyncio.create_task(shared.body()) for _ in range(2))
    await asyncio.to_thread(maker.started.wait)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    maker.release.set()
    assert await stays == "1번째\n".encode()


async def test_a_failed_making_is_told_to_all_and_tried_again(maker: HeldMaker) -> None:
    maker.failure = ValueError("깨진 지표")
    maker.release.set()
    shared = SharedExposition(maker, ManualClock())
    told = await asyncio.gather(*(shared.body() for _ in range(3)), return_exceptions=True)
    assert [type(failure) for failure in told] == [ValueError] * 3
    maker.failure = None
    assert await shared.body() == "2번째\n".encode()


def test_a_metric_whose_labels_leak_is_left_out_and_the_rest_is_seen() -> None:
    registry = CollectorRegistry()
    Gauge("quiet", "얌전하다", registry=registry).set(7)
    leaking = Counter("leaking", "샌다", ["path"], registry=registry)
    for number in range(MAX_FAMILY_SAMPLES + 1):
        leaking.labels(f"/{number}").inc()
    made = expose(registry)
    assert made.withheld == ("leaking",)
    assert names_in(made.body) == {"quiet"}


def test_the_largest_metrics_go_first_when_the_whole_is_too_large() -> None:
    registry = CollectorRegistry()
    for name, size in (("small", 1), ("large", 900), ("larger", 1000)):
        Gauge(name, "크기", ["text"], registry=registry).labels("x" * size).set(1)
    made = expose(registry, max_bytes=1000)
    assert made.withheld == ("large", "larger")
    assert names_in(made.body) == {"small"}
    assert len(made.body) <= 1000


def test_what_fits_is_the_text_of_the_library() -> None:
    registry = CollectorRegistry()
    Counter("fits_total", "든다", ["kind"], registry=registry).labels('따"옴\n표').inc()
    made = expose(registry)
    assert made.withheld == ()
    assert b'fits_total{kind="\xeb\x94\xb0\\"\xec\x98\xb4\\n\xed\x91\x9c"} 1.0' in made.body
    assert len(made.body) < MAX_BYTES


async def test_a_metric_left_out_is_a_broken_invariant_and_told_once() -> None:
    clock = ManualClock()
    counted = metrics.invariant_violations.labels("metrics_withheld")
    before = counted._value.get()
    shared = SharedExposition(lambda: Exposition(b"", ("leaking",)), clock)
    with capture_logs() as lines:
        for _ in range(3):
            await shared.body()
            clock.now_s += SLOT_S
    assert counted._value.get() == before + 3, "경보가 울리는 동안 오른다"
    assert [(line["event"], line["families"]) for line in lines] == [("metrics.withheld", ("leaking",))]
