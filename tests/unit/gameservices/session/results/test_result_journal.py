"""결과 일지: 어느 쪽이 멈춰도 결과는 한 번 쓰이고, 선수는 제때 놓인다."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

import pytest

from gameservices.session.results.result_journal import ResultJournal
from gameservices.session.rooms.outcomes import outcome_of
from gameservices.session.rooms.room import Room
from kernel.errors import FinalizeConflict, InvalidArgument, Unavailable
from matches.outcome import MatchOutcome, Settlement
from redisstore.results import FIRST, PendingResult, WriteFailure
from tests.fakes.manual_clock import ManualClock
from tests.fakes.session_rooms import PACE, plan


def ended(match: int = 1) -> MatchOutcome:
    room = Room(plan(match), pace=PACE, created_at_s=0.0)  # type: ignore[var-annotated]
    room.abort("SESSION_DRAINING", 2_000)
    return outcome_of(room, "session1", "")


class Journal:
    """Redis, MariaDB, 뒷일의 대역을 단 일지. `down`에 든 이름의 것은 멈춰 있다."""

    def __init__(self) -> None:
        self.down: set[str] = set()
        self.entries: dict[str, str] = {}
        self.stored: dict[str, MatchOutcome] = {}
        self.finalize_errors: deque[Exception] = deque()
        self.said: list[tuple[str, str]] = []
        self.pauses_s: list[float] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.age_ms = 60_000
        self.failures: dict[str, WriteFailure] = {}
        self.changed = asyncio.Condition()
        self.subject = ResultJournal(
            stream=self,
            finalize=self.finalize,
            read_stored=self.read_stored,
            closer=self,
            clock=ManualClock(),
            server_id="session1",
            sleep=self.sleep,
        )

    async def sleep(self, delay_s: float) -> None:
        self.pauses_s.append(delay_s)
        await asyncio.sleep(0)

    # Redis

    def _check(self, what: str) -> None:
        if what in self.down:
            raise Unavailable

    async def append(self, payload: str) -> str:
        self._check("redis")
        entry_id = f"{len(self.entries) + 1}-0"
        self.entries[entry_id] = payload
        return entry_id

    async def remove(self, entry_id: str, match_id: str) -> None:
        self._check("redis")
        self.entries.pop(entry_id, None)
        self.failures.pop(match_id, None)

    async def note_failure(self, match_id: str, failure: WriteFailure) -> None:
        self._check("redis")
        self.failures[match_id] = failure
        async with self.changed:
            self.changed.notify_all()

    async def pending(self, _older_than_ms: int, count: int, *, after: str = FIRST) -> list[PendingResult]:
        self._check("redis")
        rows = [
            PendingResult(entry_id, payload, self.age_ms)
            for entry_id, payload in self.entries.items()
            if after == FIRST or entry_id > after
        ]
        return rows[:count]

    async def depth(self) -> int:
        self._check("redis")
        return len(self.entries)

    # MariaDB

    async def finalize(self, outcome: MatchOutcome) -> Settlement:
        await self.gate.wait()
        if self.finalize_errors:
            raise self.finalize_errors.popleft()
        self._check("mariadb")
        self.stored.setdefault(outcome.match_id, outcome)
        return Settlement(outcome.match_id, outcome.abort_code, (), ())

    async def read_stored(self, match_id: str) -> Settlement | None:
        self._check("mariadb")
        return Settlement(match_id, "OTHER", (), ()) if match_id in self.stored else None

    # 뒷일

    async def release(self, outcome: MatchOutcome) -> None:
        await self._say("release", outcome.match_id)

    async def conclude(self, outcome: MatchOutcome, settlement: Settlement) -> None:
        await self._say(f"conclude {settlement.abort_code}".strip(), outcome.match_id)

    async def _say(self, what: str, match_id: str) -> None:
        self.said.append((what, match_id))
        async with self.changed:
            self.changed.notify_all()

    async def until_failed(self, match_id: str, *, attempts: int) -> None:
        async with self.changed:
            await self.changed.wait_for(
                lambda: match_id in self.failures and self.failures[match_id].attempts >= attempts
            )

    async def until_said(self, what: str) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: any(said[0] == what for said in self.said))


@pytest.fixture
async def journal() -> AsyncIterator[Journal]:
    made = Journal()
    yield made
    await made.subject.stop()


async def test_a_result_is_written_concluded_and_erased(journal: Journal) -> None:
    outcome = ended()
    journal.subject.submit(outcome)
    assert await journal.subject.settle(10) == 0
    assert journal.stored == {outcome.match_id: outcome}
    assert journal.said == [("conclude SESSION_DRAINING", outcome.match_id)]
    assert not journal.entries


async def test_a_result_is_journalled_before_the_first_try(journal: Journal) -> None:
    journal.gate.clear()
    journal.subject.submit(ended())
    await journal.until_said("release")
    assert len(journal.entries) == 1
    assert not journal.stored


async def test_players_are_released_two_seconds_after_journalling_when_the_database_hangs(
    journal: Journal,
) -> None:
    journal.gate.clear()
    journal.subject.submit(ended())
    await journal.until_said("release")
    assert journal.pauses_s == [2.0]
    journal.gate.set()
    assert await journal.subject.settle(10) == 0
    assert journal.said[-1][0] == "conclude SESSION_DRAINING"


async def test_why_a_result_could_not_be_written_is_noted_until_it_is(journal: Journal) -> None:
    journal.down.add("mariadb")
    outcome = ended()
    journal.subject.submit(outcome)
    await journal.until_failed(outcome.match_id, attempts=3)
    failure = journal.failures[outcome.match_id]
    assert (failure.server_id, "UNAVAILABLE" in failure.reason) == ("session1", True)
    journal.down.clear()
    assert await journal.subject.settle(10) == 0
    assert not journal.failures


async def test_a_result_waits_for_the_database_and_is_written_once(journal: Journal) -> None:
    journal.finalize_errors.extend([Unavailable(), Unavailable(), Unavailable()])
    journal.subject.submit(ended())
    assert await journal.subject.settle(10) == 0
    assert len(journal.stored) == 1
    assert [said[0] for said in journal.said if said[0] != "release"] == ["conclude SESSION_DRAINING"]


async def test_a_bug_while_writing_keeps_the_result(journal: Journal) -> None:
    journal.finalize_errors.append(ZeroDivisionError())
    journal.subject.submit(ended())
    assert await journal.subject.settle(10) == 0
    assert len(journal.stored) == 1


async def test_a_result_is_written_while_redis_is_down(journal: Journal) -> None:
    journal.down.add("redis")
    journal.subject.submit(ended())
    assert await journal.subject.settle(10) == 0
    assert len(journal.stored) == 1


async def test_nobody_is_released_while_a_result_is_in_memory_only(journal: Journal) -> None:
    journal.down.add("redis")
    journal.gate.clear()
    journal.subject.submit(ended())
    for _ in range(200):
        await asyncio.sleep(0)
    assert not journal.said
    journal.down.clear()
    await journal.until_said("release")
    assert len(journal.entries) == 1


async def test_a_result_left_in_the_journal_is_erased_by_the_sweep(journal: Journal) -> None:
    outcome = ended()
    journal.entries["1-0"] = outcome.encode().decode()
    journal.stored[outcome.match_id] = outcome
    await journal.subject.sweep()
    assert not journal.entries
    assert journal.said == [("conclude SESSION_DRAINING", outcome.match_id)]


async def test_the_sweep_writes_what_a_dead_server_left(journal: Journal) -> None:
    for match in range(1, 8):
        journal.entries[f"{match}-0"] = ended(match).encode().decode()
    await journal.subject.sweep()
    assert len(journal.stored) == 7
    assert not journal.entries


async def test_the_sweep_leaves_a_result_its_own_server_still_carries(journal: Journal) -> None:
    journal.gate.clear()
    journal.subject.submit(ended())
    await journal.until_said("release")
    await journal.subject.sweep()
    assert len(journal.entries) == 1


async def test_the_sweep_stops_while_the_database_is_down_and_loses_nothing(journal: Journal) -> None:
    journal.down.add("mariadb")
    journal.entries["1-0"] = ended().encode().decode()
    with pytest.raises(Unavailable):
        await journal.subject.sweep()
    assert len(journal.entries) == 1


async def test_one_failing_row_does_not_hold_up_the_rows_behind_it(journal: Journal) -> None:
    journal.entries = {f"{match}-0": ended(match).encode().decode() for match in (1, 2)}
    journal.finalize_errors.append(ZeroDivisionError())
    await journal.subject.sweep()
    assert list(journal.entries) == ["1-0"]
    assert len(journal.stored) == 1


async def test_an_unreadable_row_is_put_in_the_log_and_removed(journal: Journal) -> None:
    journal.entries["1-0"] = "not json"
    await journal.subject.sweep()
    assert not journal.entries
    assert not journal.said


async def test_the_result_stored_first_is_the_result(journal: Journal) -> None:
    outcome = ended()
    journal.stored[outcome.match_id] = outcome
    journal.finalize_errors.append(FinalizeConflict())
    journal.subject.submit(outcome)
    assert await journal.subject.settle(10) == 0
    assert journal.said == [("conclude OTHER", outcome.match_id)]


async def test_a_result_that_can_never_be_written_frees_its_players_as_void(journal: Journal) -> None:
    journal.finalize_errors.append(InvalidArgument("모르는 선수"))
    journal.subject.submit(ended())
    assert await journal.subject.settle(10) == 0
    assert journal.said[-1][0] == "conclude INTERNAL"
    assert not journal.entries


async def test_stopping_leaves_a_journalled_result_for_another_server(journal: Journal) -> None:
    journal.gate.clear()
    journal.subject.submit(ended())
    await journal.until_said("release")
    assert await journal.subject.settle(0.01) == 1
    await journal.subject.stop()
    assert journal.subject.carrying == 0
    assert len(journal.entries) == 1
