"""finalize의 문장들이 데이터베이스에 건네는 값."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.ids import new_id
from matches.outcome import EndTimes, MatchOutcome, PlayerOutcome
from matches.results.statements import insert_aborted_seats, insert_result


class Cursor:
    """받은 문장과 값을 적어 두는 커서."""

    def execute(self, statement: str, values: list[Any]) -> None:
        assert statement.count("%s") == len(values)
        self.values = values


def times_written(
    created_at_ms: int, started_at_ms: int, ended_at_ms: int, *, queued_at_ms: int = 1
) -> list[str | None]:
    """쓰인 시각들: 줄 선 때, 만든 때, 시작한 때, 끝난 때. 글의 순서가 시각의 순서다."""
    cursor = Cursor()
    outcome = MatchOutcome(
        match_id=new_id(), mode="duel", region="local", server_id="s", status="finalized", abort_code="",
        players=(PlayerOutcome(player_id=new_id(), place=1, score=0),), created_at_ms=created_at_ms,
        started_at_ms=started_at_ms, ended_at_ms=ended_at_ms, queued_at_ms=queued_at_ms, ticks=0, seed=0,
    )  # fmt: skip
    insert_result(
        cursor,
        outcome,
        digest=outcome.digest(),
        times=EndTimes.of(outcome),
        trace_id="",  # type: ignore[arg-type]
    )
    return cursor.values[8:12]


def test_milliseconds_become_utc_without_losing_any() -> None:
    written = times_written(
        1_700_000_000_123, 1_700_000_001_000, 1_700_000_021_000, queued_at_ms=1_699_999_999_999
    )
    assert written == [
        "2023-11-14 22:13:19.999",
        "2023-11-14 22:13:20.123",
        "2023-11-14 22:13:21.000",
        "2023-11-14 22:13:41.000",
    ]


def test_a_match_that_never_started_has_no_start() -> None:
    assert times_written(1_700_000_000_000, 0, 1_700_000_001_000)[2] is None


def test_a_match_that_nobody_queued_for_has_no_queue_time() -> None:
    assert times_written(1000, 0, 2000, queued_at_ms=0)[0] is None


def test_a_player_is_never_queued_after_the_match_was_made() -> None:
    queued, created, *_ = times_written(1000, 0, 2000, queued_at_ms=1500)
    assert queued == created


def test_the_seats_of_an_aborted_match_are_written_in_player_order() -> None:
    players = sorted(new_id() for _ in range(3))
    outcome = MatchOutcome(
        match_id=new_id(), mode="arena", region="local", server_id="s", status="aborted", abort_code="LOST",
        players=tuple(PlayerOutcome(player_id=player, place=1, score=0) for player in reversed(players)),
        created_at_ms=1, started_at_ms=0, ended_at_ms=2, ticks=0, seed=0,
    )  # fmt: skip
    cursor = Cursor()
    insert_aborted_seats(cursor, outcome)  # type: ignore[arg-type]
    assert cursor.values == [value for player in players for value in (outcome.match_id, player, "arena")]


@pytest.mark.parametrize("times_ms", [(5000, 4000, 3000), (5000, 0, 1000), (5000, 6000, 5500)])
def test_a_clock_that_went_back_does_not_lose_the_result(times_ms: tuple[int, int, int]) -> None:
    _, created, started, ended = times_written(*times_ms)
    assert created is not None
    assert ended is not None
    assert created <= (started or created) <= ended
