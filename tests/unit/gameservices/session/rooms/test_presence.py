"""빈 자리의 시계를 아무 순서로나 흔든다: 모형은 자리마다 비운 틱을 하나씩 센다."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gameservices.session.rooms.presence import Presence, ticks_of

ABANDON_TICKS, CONCEDE_TICKS = 4, 6
SLOTS = st.integers(0, 3)


def test_a_wait_is_never_shorter_than_it_says() -> None:
    assert [ticks_of(wait_ms) for wait_ms in (1, 50, 51, 10_000, 15_000)] == [1, 1, 2, 200, 300]


class PresenceMachine(RuleBasedStateMachine):
    """자리 둘에서 넷의 방. 모형은 비운 자리마다 세어진 틱의 수다."""

    @initialize(seats=st.integers(2, 4))
    def open(self, seats: int) -> None:
        self.seats = seats
        self.presence = Presence(
            seats, abandon_after_ms=50 * ABANDON_TICKS, concede_after_ms=50 * CONCEDE_TICKS
        )
        self.away = dict.fromkeys(range(seats), 0)
        self.conceded: set[int] = set()

    @rule(slot=SLOTS)
    def come(self, slot: int) -> None:
        if slot < self.seats:
            self.presence.came(slot)
            self.away.pop(slot, None)

    @rule(slot=SLOTS)
    def go(self, slot: int) -> None:
        if slot < self.seats:
            self.presence.went(slot)
            self.away.setdefault(slot, 0)

    @rule(slot=SLOTS)
    def concede(self, slot: int) -> None:
        if slot < self.seats:
            self.conceded.add(slot)

    @rule(ticks=st.integers(1, 8))
    def wait(self, ticks: int) -> None:
        for _ in range(ticks):
            self.presence.advance(is_held=False)
        self.away = {slot: waited + ticks for slot, waited in self.away.items()}

    @rule(ticks=st.integers(1, 8))
    def wait_without_any_gateway(self, ticks: int) -> None:
        for _ in range(ticks):
            self.presence.advance(is_held=True)
        self.away = dict.fromkeys(self.away, 0)

    @invariant()
    def the_clock_agrees_with_the_model(self) -> None:
        stays = set(range(self.seats)) - self.conceded
        assert self.presence.is_full == (not self.away)
        assert self.presence.is_abandoned(self.conceded) == (
            bool(stays) and all(self.away.get(slot, -1) >= ABANDON_TICKS for slot in stays)
        )

    @invariant()
    def only_one_of_two_can_concede_and_only_to_one_who_is_there(self) -> None:
        absentee = self.presence.absentee(self.conceded)
        late = [slot for slot, waited in self.away.items() if waited >= CONCEDE_TICKS]
        is_due = self.seats == 2 and not self.conceded and len(self.away) == 1 and bool(late)
        assert absentee == (late[0] if is_due else None)


TestPresenceMachine = PresenceMachine.TestCase
TestPresenceMachine.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
