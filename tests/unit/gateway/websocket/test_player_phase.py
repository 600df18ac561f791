"""소켓의 선수 쪽: 어떤 차례로 불려도 단계는 아는 것과 하나로 맞아떨어진다."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from opentelemetry import context

from gateway.websocket.player_phase import (
    ConnectedPlayer,
    Greeting,
    HeldTicket,
    Idle,
    PlayerSide,
    Queued,
    Seated,
    UnansweredAdoption,
    UnansweredJoin,
    Unsure,
)
from gateway.websocket.ports import HeldSeat
from tests.fakes.held_seat import RecordedSeat

PLAYER = ConnectedPlayer("p1", "가람")
TICKET = HeldTicket("t1", "duel", context.get_current(), 60.0)
JOIN = UnansweredJoin("key", "duel", 1.0)
ADOPTION = UnansweredAdoption("t0", cast("asyncio.Task[Any]", None))


SEAT = RecordedSeat()


class PhaseMachine(RuleBasedStateMachine):
    """칸 다섯을 따로 적는 모형과 견준다."""

    def __init__(self) -> None:
        super().__init__()
        self.side = PlayerSide()
        self.player: ConnectedPlayer | None = None
        self.seat: HeldSeat | None = None
        self.ticket: HeldTicket | None = None
        self.join: UnansweredJoin | None = None
        self.adoption: UnansweredAdoption | None = None

    @rule(name=st.sampled_from(["가람", "나래"]))
    def identify(self, name: str) -> None:
        self.player = ConnectedPlayer("p1", name)
        self.side.identify(self.player)

    @rule()
    def sit(self) -> None:
        self.seat = RecordedSeat()
        self.side.sit(self.seat)

    @rule()
    def stand(self) -> None:
        self.seat = None
        self.side.stand()

    @precondition(lambda self: self.player is not None)
    @rule(key=st.text(max_size=2))
    def ask_join(self, key: str) -> None:
        self.join = UnansweredJoin(key, "duel", 1.0)
        self.side.ask_join(self.join)

    @precondition(lambda self: self.player is not None)
    @rule()
    def ask_adoption(self) -> None:
        self.adoption = ADOPTION
        self.side.ask_adoption(ADOPTION)

    @precondition(lambda self: self.player is not None)
    @rule(number=st.integers(1, 3))
    def hold(self, number: int) -> None:
        self.ticket = HeldTicket(f"t{number}", "duel", context.get_current(), 60.0)
        self.side.hold(self.ticket)

    @rule()
    def settle_join(self) -> None:
        self.join = None
        self.side.settle_join()

    @rule()
    def settle_adoption(self) -> None:
        self.adoption = None
        self.side.settle_adoption()

    @rule()
    def drop_ticket(self) -> None:
        self.ticket = None
        self.side.drop_ticket()

    @rule()
    def forget_asked(self) -> None:
        self.join = self.adoption = None
        self.side.forget_asked()

    @rule()
    def stop_waiting(self) -> None:
        self.ticket = self.join = self.adoption = None
        self.side.stop_waiting()

    @invariant()
    def nothing_is_lost_and_nothing_is_made_up(self) -> None:
        phase = self.side.phase
        assert (phase.player, phase.seat) == (self.player, self.seat)
        waiting = phase.waiting
        assert (waiting.ticket, waiting.join, waiting.adoption) == (self.ticket, self.join, self.adoption)

    @invariant()
    def the_phase_is_the_one_that_fits(self) -> None:
        assert type(self.side.phase) is self._expected()

    @invariant()
    def a_socket_with_a_seat_or_perhaps_a_ticket_is_busy(self) -> None:
        held = (self.seat, self.ticket, self.join, self.adoption)
        assert self.side.is_busy == any(each is not None for each in held)

    def _expected(self) -> type:
        if self.player is None:
            return Greeting
        if self.seat is not None:
            return Seated
        if self.ticket is not None:
            return Queued
        return Unsure if (self.join, self.adoption) != (None, None) else Idle


TestPhaseMachine = PhaseMachine.TestCase


def seated() -> PlayerSide:
    side = PlayerSide()
    side.identify(PLAYER)
    side.hold(TICKET)
    side.sit(SEAT)
    return side


def test_a_ticket_held_while_seated_shows_again_after_the_match() -> None:
    side = seated()
    assert side.phase == Seated(PLAYER, SEAT, side.phase.waiting)
    side.stand()
    assert isinstance(side.phase, Queued)
    assert side.phase.waiting.ticket is TICKET


def test_a_seat_taken_before_the_name_is_known_is_kept_for_the_player() -> None:
    side = PlayerSide()
    side.sit(SEAT)
    assert side.phase == Greeting(SEAT)
    side.identify(PLAYER)
    assert side.phase == Seated(PLAYER, SEAT)


@pytest.mark.parametrize("ask", ["join", "adoption"])
def test_an_unanswered_ask_leaves_the_socket_unsure_until_it_is_settled(ask: str) -> None:
    side = PlayerSide()
    side.identify(PLAYER)
    if ask == "join":
        side.ask_join(JOIN)
    else:
        side.ask_adoption(ADOPTION)
    assert isinstance(side.phase, Unsure)
    side.settle_join()
    side.settle_adoption()
    assert side.phase == Idle(PLAYER)


def test_a_phase_cannot_be_changed_from_outside() -> None:
    side = seated()
    with pytest.raises(AttributeError):
        side.phase.player = None  # type: ignore[misc, assignment]
