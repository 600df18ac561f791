"""레이팅의 읽기: 늦거나 멈춘 MariaDB가 join을 붙들지 않는다."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client import REGISTRY

from gameservices.matchmaking.queue.rating_cache import RatingCache
from kernel.errors import Unavailable
from resilience.stance import Stance
from tests.fakes.manual_clock import ManualClock
from tests.fakes.matchmaking_stage import OLD_RATINGS, MemoryRatings

WANTED = [("ann", "duel"), ("bob", "duel"), ("ann", "arena")]


def book_on(ratings: MemoryRatings, clock: ManualClock | None = None) -> RatingCache:
    return RatingCache(
        ratings, newcomer_mu=1500.0, clock=clock or ManualClock(), stance=OLD_RATINGS, wait_s=0.02
    )


def fallbacks() -> float:
    return REGISTRY.get_sample_value("matchmaking_rating_fallback_total") or 0.0


async def test_the_players_of_one_mode_are_read_together() -> None:
    ratings = MemoryRatings(mus={"ann": 1610.0})
    assert await book_on(ratings).mus(WANTED) == [1610.0, 1500.0, 1610.0]
    assert ratings.reads == [("duel", ["ann", "bob"]), ("arena", ["ann"])]


async def test_a_stopped_database_gives_what_was_remembered_and_counts_it() -> None:
    ratings, clock = MemoryRatings(mus={"ann": 1610.0}), ManualClock()
    book = book_on(ratings, clock)
    await book.mus([("ann", "duel")])
    ratings.failing = True
    before = fallbacks()
    assert await book.mus([("ann", "duel"), ("new", "duel")]) == [1610.0, 1500.0]
    assert fallbacks() - before == 2


async def test_a_failed_read_is_not_tried_again_for_a_while() -> None:
    ratings, clock = MemoryRatings(failing=True), ManualClock()
    book = book_on(ratings, clock)
    for _ in range(5):
        await book.mus([("ann", "duel")])
    assert len(ratings.reads) == 1
    clock.now_s += 1.0
    ratings.failing, ratings.mus = False, {"ann": 1700.0}
    assert await book.mus([("ann", "duel")]) == [1700.0]


async def test_a_slow_database_delays_one_join_only_and_is_asked_once() -> None:
    ratings = MemoryRatings(mus={"ann": 1610.0})
    ratings.gate.clear()
    book = book_on(ratings)
    loop = asyncio.get_running_loop()
    assert await book.mus([("ann", "duel")]) == [1500.0]
    started_s = loop.time()
    for _ in range(20):
        assert await book.mus([("ann", "duel")]) == [1500.0]
    assert loop.time() - started_s < 0.02, "늦는 읽기를 두 번 기다리지 않는다"
    assert len(ratings.reads) == 1
    ratings.gate.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert await book.mus([("ann", "duel")]) == [1610.0]


async def test_a_mistake_in_the_read_is_logged_and_does_not_stop_the_join(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Broken(MemoryRatings):
        async def read(self, mode: str, player_ids: object) -> dict[str, float]:  # type: ignore[override]
            raise ZeroDivisionError

    assert await book_on(Broken()).mus([("ann", "duel")]) == [1500.0]
    assert "rating.read_failed" in capsys.readouterr().out


async def test_a_closed_cache_refuses_the_joins_whose_ratings_are_unknown() -> None:
    book = RatingCache(
        MemoryRatings(failing=True), newcomer_mu=1500.0, clock=ManualClock(), stance=Stance.fail_closed()
    )
    with pytest.raises(Unavailable):
        await book.mus([("ann", "duel")])


async def test_a_join_that_left_while_its_ratings_were_read_does_not_stop_the_reads_after_it() -> None:
    ratings, clock = MemoryRatings(failing=True), ManualClock()
    book = book_on(ratings, clock)
    await book.mus([("ann", "duel")])
    clock.now_s += 1.0
    ratings.failing, ratings.mus = False, {"ann": 1700.0}
    ratings.gate.clear()
    leaver = asyncio.create_task(book.mus([("ann", "duel")]))
    while len(ratings.reads) < 2:  # noqa: ASYNC110 - 알려 줄 이가 없다
        await asyncio.sleep(0)
    leaver.cancel()
    ratings.gate.set()
    await asyncio.gather(leaver, return_exceptions=True)
    assert await book.mus([("ann", "duel")]) == [1700.0]
