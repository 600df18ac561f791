"""고리의 뒷일: 저마다의 간격이 차야 하고, 못 알린 사라진 표는 다음에 다시 알린다."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import pytest

from gameservices.matchmaking.director.housekeeping import Housekeeping
from gameservices.matchmaking.director.recovery import Recovery
from gameservices.matchmaking.director.upkeep import SWEEP_EVERY_S, TIDY_EVERY_S, Upkeep
from gameservices.matchmaking.queue.queue_mirror import QueueSnapshot
from kernel.errors import Unavailable
from redisstore.tickets.rows import Ticket

SNAPSHOT = QueueSnapshot(1_000, {}, {}, [])
TICKET = Ticket(
    ticket_id="t1", player_id="p1", name="가람", mode="duel", rating=1500.0, gateway_id="gateway1", conn_id=1,
    joined_ms=0,
)  # fmt: skip


@dataclass
class CountingWork:
    """뒷정리이자 되살리기. 불린 것을 적고, `failing`이면 알리지 못한다."""

    tidied: list[bool] = field(default_factory=list)
    told: list[list[str]] = field(default_factory=list)
    swept: list[int] = field(default_factory=list)
    failing: bool = False

    async def tidy(self, _snapshot: QueueSnapshot, *, reap: bool) -> None:
        self.tidied.append(reap)

    async def tell_vanished(self, vanished: Sequence[Ticket]) -> None:
        if self.failing:
            raise Unavailable
        self.told.append([ticket.ticket_id for ticket in vanished])

    async def sweep(self, now_ms: int) -> None:
        self.swept.append(now_ms)


@pytest.fixture
def work() -> CountingWork:
    return CountingWork()


@pytest.fixture
def upkeep(work: CountingWork) -> Upkeep:
    return Upkeep(housekeeping=cast(Housekeeping, work), recovery=cast(Recovery, work))


async def test_each_work_waits_for_its_own_interval(upkeep: Upkeep, work: CountingWork) -> None:
    for at_s in (10.0, 10.0 + TIDY_EVERY_S / 2, 10.0 + TIDY_EVERY_S, 10.0 + SWEEP_EVERY_S):
        await upkeep.work(SNAPSHOT, at_s, reap=False)
    assert (len(work.tidied), work.swept) == (3, [1_000, 1_000])


async def test_whether_to_reap_is_told_to_the_one_who_tidies(upkeep: Upkeep, work: CountingWork) -> None:
    await upkeep.work(SNAPSHOT, 10.0, reap=True)
    assert work.tidied == [True]


async def test_a_vanished_ticket_is_told_once(upkeep: Upkeep, work: CountingWork) -> None:
    upkeep.note_vanished([TICKET])
    for at_s in (10.0, 11.0):
        await upkeep.work(SNAPSHOT, at_s, reap=False)
    assert work.told == [["t1"]]


async def test_a_vanished_ticket_that_could_not_be_told_is_told_later(
    upkeep: Upkeep, work: CountingWork
) -> None:
    upkeep.note_vanished([TICKET])
    work.failing = True
    with pytest.raises(Unavailable):
        await upkeep.work(SNAPSHOT, 10.0, reap=False)
    work.failing = False
    await upkeep.work(SNAPSHOT, 11.0, reap=False)
    assert work.told == [["t1"]]
