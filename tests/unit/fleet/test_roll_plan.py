"""갈아 끼우기의 걸음: 하나씩만 드레인하고, 새 프로세스를 본 뒤에만 열며, 기다림이 지나치면 멈춘다."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.roll_plan import (
    OPEN_TIMEOUT_MS,
    SETTLE_MS,
    Advance,
    Begin,
    Enter,
    Halt,
    Step,
    Turn,
    TurnPhase,
    Wait,
    next_step,
)
from redisstore.servers.rows import Fleet, ServerRow, ServerState

READY, DRAINING, DRAINED, LOST = (
    ServerState.READY, ServerState.DRAINING, ServerState.DRAINED, ServerState.LOST,
)  # fmt: skip


def server(
    server_id: str, state: ServerState = READY, boot_id: str = "a", *, leaving: bool = False
) -> ServerRow:
    return ServerRow(
        server_id=server_id, address="", state=state, capacity=10, running=0, load=0, version="1", seen_ms=1,
        drain_intended=leaving, boot_id=boot_id,
    )  # fmt: skip


def turn(phase: TurnPhase, **changes: Any) -> Turn:
    fields = {
        "server_id": "session1", "phase": phase, "boot_before": "a", "waited_ms": 0, "grace_ms": 1_000,
        "return_timeout_ms": 5_000, "intended": phase in {TurnPhase.DRAINING, TurnPhase.RETURNING},
    }  # fmt: skip
    return Turn(**{**fields, **changes})


def step(turn: Turn, *rows: ServerRow) -> Step:
    return next_step(turn, Fleet(1, rows))


OTHER = server("session2")


def test_its_turn_begins_only_while_another_server_takes_matches() -> None:
    pending = turn(TurnPhase.PENDING)
    assert step(pending, server("session1"), OTHER) == Begin("a")
    for other in (server("session2", DRAINED), server("session2", LOST), server("session2", leaving=True)):
        assert isinstance(step(pending, server("session1"), other), Halt)
    assert isinstance(step(pending, server("session1")), Halt)


@pytest.mark.parametrize("rows", [(), (server("session1", LOST),)])
def test_a_server_that_is_not_there_is_passed_over(rows: tuple[ServerRow, ...]) -> None:
    assert isinstance(step(turn(TurnPhase.PENDING), *rows, OTHER), Advance)


def test_it_is_waited_for_until_the_grace_and_the_settling_are_over() -> None:
    row = server("session1", DRAINING, leaving=True)
    assert step(turn(TurnPhase.DRAINING, waited_ms=1_000 + SETTLE_MS), row) == Wait()
    assert isinstance(step(turn(TurnPhase.DRAINING, waited_ms=1_001 + SETTLE_MS), row), Halt)


@pytest.mark.parametrize("rows", [(), (server("session1", LOST),), (server("session1", DRAINED, "b"),)])
def test_a_process_that_is_gone_is_waited_back(rows: tuple[ServerRow, ...]) -> None:
    assert step(turn(TurnPhase.DRAINING), *rows) == Enter(TurnPhase.RETURNING)


def test_an_operator_who_withdraws_the_drain_stops_the_roll() -> None:
    assert isinstance(step(turn(TurnPhase.DRAINING, intended=False), server("session1")), Halt)


def test_only_a_new_process_is_opened_again() -> None:
    returning = turn(TurnPhase.RETURNING)
    assert step(returning) == Wait()
    assert step(returning, server("session1", DRAINED, "a")) == Wait()
    assert step(returning, server("session1", LOST, "")) == Wait()
    assert step(returning, server("session1", DRAINED, "b")) == Enter(TurnPhase.OPENING, undrain=True)


def test_a_process_that_does_not_return_in_time_stops_the_roll() -> None:
    assert step(turn(TurnPhase.RETURNING, waited_ms=5_000)) == Wait()
    assert isinstance(step(turn(TurnPhase.RETURNING, waited_ms=5_001)), Halt)


def test_the_next_turn_comes_when_the_new_process_is_ready() -> None:
    opening = turn(TurnPhase.OPENING)
    assert step(opening, server("session1", DRAINED, "b")) == Wait()
    assert step(opening, server("session1", READY, "b")) == Advance()
    late = turn(TurnPhase.OPENING, waited_ms=OPEN_TIMEOUT_MS + 1)
    assert isinstance(step(late, server("session1", DRAINED, "b")), Halt)
    assert isinstance(step(turn(TurnPhase.OPENING, intended=True), server("session1", READY, "b")), Halt)
