"""상자의 규칙: 크기, 순서, 버림, 밀림. 성질 시험이 임의의 순서로 확인한다."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.protocol.server_frames import is_snapshot
from gateway.settings import OutboxLimits
from gateway.websocket.outbox import Close, Outbox, Outgoing

LIMITS = OutboxLimits(max_frames=4, max_bytes=100, lag_s=5.0)


def never(_item: str | bytes) -> bool:
    """곧바로 받지 않는 소켓."""
    return False


def make_outbox() -> Outbox:
    return Outbox(LIMITS, never)


def snapshot(tick: int = 0, size: int = 10) -> bytes:
    return bytes([1, 1, tick % 256]) + bytes(size - 3)


def delta(tick: int, size: int = 10) -> bytes:
    return bytes([1, 2, tick % 256]) + bytes(size - 3)


def drain(outbox: Outbox) -> list[Outgoing]:
    items: list[Outgoing] = []
    while (item := outbox.pop()) is not None:
        items.append(item)
    return items


def test_controls_and_states_leave_in_the_order_they_came() -> None:
    outbox = make_outbox()
    outbox.put_control("a", 0)
    outbox.put_state(snapshot(), 0)
    outbox.put_control("b", 0)
    outbox.put_state(delta(1), 0)
    assert drain(outbox) == ["a", snapshot(), "b", delta(1)]


def test_a_delta_before_the_first_snapshot_is_dropped_and_asks_for_nothing() -> None:
    outbox = make_outbox()
    outbox.put_state(delta(1), 0)
    assert drain(outbox) == []
    assert not outbox.ask_resync()
    assert outbox.take_dropped() == 1


def overflow(outbox: Outbox, now_s: float = 0.0) -> None:
    """snapshot 하나와 delta들로 넘치게 한다."""
    outbox.put_state(snapshot(), now_s)
    for tick in range(1, LIMITS.max_frames + 1):
        outbox.put_state(delta(tick), now_s)


def test_an_overflow_drops_every_waiting_state_and_the_new_one() -> None:
    outbox = make_outbox()
    outbox.put_control("kept", 0)
    overflow(outbox)
    assert drain(outbox) == ["kept"]
    assert outbox.take_dropped() == LIMITS.max_frames + 1
    assert outbox.take_dropped() == 0


def test_a_resync_is_asked_once_and_only_after_catching_up() -> None:
    outbox = make_outbox()
    outbox.put_control("kept", 0)
    overflow(outbox)
    assert not outbox.ask_resync()
    drain(outbox)
    assert outbox.ask_resync()
    assert not outbox.ask_resync()


def test_after_an_overflow_deltas_wait_for_a_snapshot() -> None:
    outbox = make_outbox()
    overflow(outbox)
    outbox.put_state(delta(9), 0)
    outbox.put_state(snapshot(10), 0)
    outbox.put_state(delta(11), 0)
    assert drain(outbox) == [snapshot(10), delta(11)]
    assert not outbox.ask_resync()


def test_a_snapshot_that_overflows_replaces_what_waited() -> None:
    outbox = make_outbox()
    outbox.put_state(snapshot(1), 0)
    for tick in range(2, LIMITS.max_frames + 1):
        outbox.put_state(delta(tick), 0)
    outbox.put_state(snapshot(9), 0)
    assert drain(outbox) == [snapshot(9)]


def test_bytes_overflow_as_well_as_frames() -> None:
    outbox = make_outbox()
    outbox.put_state(snapshot(0, size=60), 0)
    outbox.put_state(delta(1, size=60), 0)
    assert drain(outbox) == []


def test_a_frame_larger_than_the_box_passes_through_an_empty_box() -> None:
    outbox = make_outbox()
    outbox.put_state(snapshot(0, size=500), 0)
    assert len(drain(outbox)) == 1


def test_korean_text_counts_as_the_bytes_on_the_wire() -> None:
    outbox = make_outbox()
    outbox.put_control("가" * 10, 0)
    assert outbox.queued_bytes == 30
    drain(outbox)
    assert outbox.queued_bytes == 0


def test_a_control_makes_room_by_dropping_states() -> None:
    outbox = make_outbox()
    outbox.put_state(snapshot(), 0)
    for tick in range(1, LIMITS.max_frames):
        outbox.put_state(delta(tick), 0)
    assert outbox.put_control("must arrive", 0)
    assert drain(outbox) == ["must arrive"]


def test_controls_alone_over_the_limit_are_refused() -> None:
    outbox = make_outbox()
    accepted = [outbox.put_control(str(number), 0) for number in range(LIMITS.max_frames + 1)]
    assert accepted == [True] * LIMITS.max_frames + [False]


def test_a_box_is_stuck_when_it_stays_behind_too_long() -> None:
    outbox = make_outbox()
    outbox.put_control("waits", 10.0)
    overflow(outbox, now_s=10.0)
    assert not outbox.is_stuck(14.9)
    assert outbox.is_stuck(15.0)


def test_a_box_that_catches_up_is_not_stuck() -> None:
    outbox = make_outbox()
    overflow(outbox, now_s=10.0)
    drain(outbox)
    assert not outbox.is_stuck(100.0)


def test_a_full_box_that_never_overflowed_is_not_stuck() -> None:
    outbox = make_outbox()
    outbox.put_control("waits", 0)
    assert not outbox.is_stuck(100.0)


def test_closing_sends_the_controls_first_and_then_the_close_once() -> None:
    outbox = make_outbox()
    outbox.put_control("error", 0)
    outbox.put_state(snapshot(), 0)
    outbox.close(4401, "UNAUTHENTICATED")
    outbox.close(4900, "GOING_AWAY")
    assert outbox.put_control("late", 0)
    outbox.put_state(snapshot(), 0)
    assert drain(outbox) == ["error", Close(4401, "UNAUTHENTICATED")]
    assert outbox.pop() is None


def test_a_discarding_close_sends_nothing_else() -> None:
    outbox = make_outbox()
    outbox.put_control("error", 0)
    outbox.close(4408, "SLOW_CONSUMER", discard=True)
    assert drain(outbox) == [Close(4408, "SLOW_CONSUMER")]


def test_states_of_the_last_match_do_not_leak_into_the_next() -> None:
    outbox = make_outbox()
    outbox.put_state(snapshot(1), 0)
    outbox.put_control("match.found", 0)
    outbox.forget_states()
    outbox.put_state(delta(2), 0)
    outbox.put_state(snapshot(3), 0)
    assert drain(outbox) == ["match.found", snapshot(3)]


def test_an_empty_outbox_writes_straight_to_a_reading_socket() -> None:
    written: list[str | bytes] = []
    outbox = Outbox(LIMITS, lambda item: written.append(item) is None)
    outbox.put_control("a", 0)
    outbox.put_state(snapshot(), 0)
    assert written == ["a", snapshot()]
    assert not outbox
    assert outbox.pop() is None


def test_nothing_overtakes_the_item_that_is_being_written() -> None:
    is_reading = False
    written: list[str | bytes] = []
    outbox = Outbox(LIMITS, lambda item: is_reading and written.append(item) is None)
    outbox.put_control("a", 0)
    assert outbox.pop() == "a"  # 쓰는 태스크의 손에 있다
    is_reading = True
    outbox.put_control("b", 0)
    assert not written
    assert drain(outbox) == ["b"]
    outbox.put_control("c", 0)
    assert written == ["c"]


class OutboxMachine(RuleBasedStateMachine):
    """아무 순서로 넣고 꺼내도, 소켓이 받다 말다 해도 지켜지는 것들."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox = Outbox(LIMITS, self.write_now)
        self.is_reading = False
        self.in_hand: Outgoing | None = None
        self.now_s = 0.0
        self.tick = 0
        self.put_controls: list[str] = []
        self.sent_controls: list[str] = []
        self.last_sent_tick: int | None = None
        self.put_ticks = 0
        self.sent_states = 0
        self.dropped = 0

    @rule(size=st.integers(3, 120), full=st.booleans())
    def put_state(self, size: int, full: bool) -> None:
        self.tick += 1
        self.put_ticks += 1
        # 틱을 프레임에 적어, 나갈 때 이어지는지 본다.
        body = bytes([1, 1 if full else 2]) + self.tick.to_bytes(4, "little") + bytes(max(0, size - 6))
        self.outbox.put_state(body, self.now_s)

    @rule(size=st.integers(1, 60))
    def put_control(self, size: int) -> None:
        text = f"{len(self.put_controls):04}".ljust(size, "x")
        if self.outbox.put_control(text, self.now_s):
            self.put_controls.append(text)

    @rule(is_reading=st.booleans())
    def read_or_not(self, is_reading: bool) -> None:
        self.is_reading = is_reading

    def write_now(self, item: str | bytes) -> bool:
        if self.is_reading:
            assert self.in_hand is None, "쓰이는 것을 앞질렀다"
            self.deliver(item)
        return self.is_reading

    @rule()
    def pop(self) -> None:
        self.deliver(self.in_hand)
        self.in_hand = self.outbox.pop()

    def deliver(self, item: Outgoing | None) -> None:
        if isinstance(item, str):
            self.sent_controls.append(item)
        elif isinstance(item, bytes):
            self.sent_states += 1
            tick = int.from_bytes(item[2:6], "little")
            assert is_snapshot(item) or tick == (self.last_sent_tick or 0) + 1, (
                "빠진 상태 위에 delta가 나갔다"
            )
            self.last_sent_tick = tick
        else:
            assert item is None

    @rule(elapsed_s=st.floats(0, 3))
    def wait(self, elapsed_s: float) -> None:
        self.now_s += elapsed_s

    @precondition(lambda self: len(self.outbox) == 0)
    @rule()
    def resync(self) -> None:
        if self.outbox.ask_resync():
            assert not self.outbox.ask_resync()

    @invariant()
    def stays_within_the_limits(self) -> None:
        assert len(self.outbox) <= LIMITS.max_frames
        assert len(self.outbox) <= 1 or self.outbox.queued_bytes <= LIMITS.max_bytes

    @invariant()
    def sends_every_control_in_order(self) -> None:
        assert self.put_controls[: len(self.sent_controls)] == self.sent_controls

    @invariant()
    def accounts_for_every_state(self) -> None:
        self.dropped += self.outbox.take_dropped()
        assert self.dropped + self.sent_states <= self.put_ticks

    def teardown(self) -> None:
        rest = [item for item in [self.in_hand, *drain(self.outbox)] if isinstance(item, str)]
        assert self.sent_controls + rest == self.put_controls


TestOutboxMachine = OutboxMachine.TestCase
TestOutboxMachine.settings = settings(max_examples=120, stateful_step_count=50, deadline=None)


@given(kinds=st.lists(st.booleans(), max_size=40))
def test_a_reader_who_keeps_up_loses_nothing_after_the_first_snapshot(kinds: list[bool]) -> None:
    outbox = make_outbox()
    seen_snapshot = False
    for tick, full in enumerate(kinds):
        frame = snapshot(tick) if full else delta(tick)
        outbox.put_state(frame, 0)
        seen_snapshot = seen_snapshot or full
        assert drain(outbox) == ([frame] if seen_snapshot else [])
