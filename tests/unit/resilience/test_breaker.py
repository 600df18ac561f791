"""차단기: 규칙은 하나씩, 어떤 순서에서도 지켜지는 것은 모델과 견준다."""

from __future__ import annotations

from collections import deque

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from resilience.breaker import Breaker, BreakerPolicy, BreakerState, CallEnd, Permit

POLICY = BreakerPolicy(slow_s=1.0)


def call(breaker: Breaker, end: CallEnd, now_s: float, *, took_s: float = 0.0) -> bool:
    """부름 하나를 처음부터 끝까지. 허락받지 못했으면 False."""
    permit = breaker.admit(now_s)
    if permit is None:
        return False
    breaker.settle(permit, end, now_s + took_s)
    return True


def state_of(breaker: Breaker) -> BreakerState:
    """mypy가 앞의 assert로 좁힌 속성을 그대로 믿지 않게 한다."""
    return breaker.state


def opened(now_s: float = 0.0) -> Breaker:
    breaker = Breaker(POLICY)
    for _ in range(POLICY.min_calls):
        call(breaker, CallEnd.FAILED, now_s)
    assert state_of(breaker) is BreakerState.OPEN
    return breaker


def test_it_stays_closed_until_there_are_enough_calls_to_judge_by() -> None:
    breaker = Breaker(POLICY)
    for _ in range(POLICY.min_calls - 1):
        assert call(breaker, CallEnd.FAILED, 0)
    assert state_of(breaker) is BreakerState.CLOSED
    call(breaker, CallEnd.FAILED, 0)
    assert state_of(breaker) is BreakerState.OPEN


def test_it_opens_at_half_of_the_calls_and_not_before() -> None:
    breaker = Breaker(POLICY)
    for index in range(40):
        call(breaker, CallEnd.FAILED if index % 5 < 2 else CallEnd.ANSWERED, 0)
    assert state_of(breaker) is BreakerState.CLOSED
    for _ in range(8):
        call(breaker, CallEnd.FAILED, 0)
    assert state_of(breaker) is BreakerState.OPEN


def test_a_slow_answer_counts_as_bad_as_none() -> None:
    breaker = Breaker(POLICY)
    for _ in range(POLICY.min_calls):
        call(breaker, CallEnd.ANSWERED, 0, took_s=POLICY.slow_s)
    assert state_of(breaker) is BreakerState.OPEN


def test_what_the_caller_gave_up_says_nothing() -> None:
    breaker = Breaker(POLICY)
    for _ in range(100):
        call(breaker, CallEnd.CANCELLED, 0, took_s=60)
    assert state_of(breaker) is BreakerState.CLOSED
    for _ in range(POLICY.min_calls - 1):
        call(breaker, CallEnd.FAILED, 0)
    assert state_of(breaker) is BreakerState.CLOSED


def test_failures_older_than_the_window_are_forgotten() -> None:
    breaker = Breaker(POLICY)
    for _ in range(POLICY.min_calls - 1):
        call(breaker, CallEnd.FAILED, 0)
    call(breaker, CallEnd.FAILED, POLICY.window_s + 0.1)
    assert state_of(breaker) is BreakerState.CLOSED


def test_only_the_last_calls_of_the_window_count() -> None:
    breaker = Breaker(POLICY)
    for _ in range(10_000):
        call(breaker, CallEnd.ANSWERED, 0)
    for _ in range(POLICY.window_calls // 2):
        call(breaker, CallEnd.FAILED, 0)
    assert state_of(breaker) is BreakerState.OPEN


def test_while_open_nobody_calls_and_the_rest_is_told() -> None:
    breaker = opened()
    assert breaker.admit(POLICY.open_s - 0.001) is None
    assert breaker.retry_after_s(2) == POLICY.open_s - 2
    assert breaker.admit(POLICY.open_s) is not None
    assert breaker.retry_after_s(POLICY.open_s) == 0


def test_half_open_lets_exactly_three_through_at_once() -> None:
    breaker = opened()
    admitted = [breaker.admit(POLICY.open_s) for _ in range(50)]
    assert [permit is not None for permit in admitted] == [True] * 3 + [False] * 47


def test_three_good_probes_close_it_and_the_past_is_forgotten() -> None:
    breaker = opened()
    for _ in range(3):
        assert call(breaker, CallEnd.ANSWERED, POLICY.open_s)
    assert state_of(breaker) is BreakerState.CLOSED
    for _ in range(POLICY.min_calls - 1):
        call(breaker, CallEnd.FAILED, POLICY.open_s)
    assert state_of(breaker) is BreakerState.CLOSED


def test_one_bad_probe_opens_it_for_the_whole_rest_again() -> None:
    breaker = opened()
    call(breaker, CallEnd.ANSWERED, POLICY.open_s)
    call(breaker, CallEnd.FAILED, POLICY.open_s + 1)
    assert state_of(breaker) is BreakerState.OPEN
    assert breaker.retry_after_s(POLICY.open_s + 1) == POLICY.open_s


def test_a_cancelled_probe_gives_its_place_to_the_next() -> None:
    breaker = opened()
    for _ in range(10):
        assert call(breaker, CallEnd.CANCELLED, POLICY.open_s)
    assert state_of(breaker) is BreakerState.HALF_OPEN


def test_an_end_from_before_the_opening_says_nothing_of_now() -> None:
    breaker = Breaker(POLICY)
    early = breaker.admit(0)
    assert early is not None
    for _ in range(POLICY.min_calls):
        call(breaker, CallEnd.FAILED, 0)
    for _ in range(2):
        call(breaker, CallEnd.ANSWERED, POLICY.open_s)
    breaker.settle(early, CallEnd.ANSWERED, POLICY.open_s)
    assert state_of(breaker) is BreakerState.HALF_OPEN
    breaker.settle(early, CallEnd.FAILED, POLICY.open_s)
    assert state_of(breaker) is BreakerState.HALF_OPEN


MODEL_POLICY = BreakerPolicy(
    slow_s=1.0, window_calls=6, window_s=4.0, min_calls=3, bad_ratio=0.5, open_s=2.0, probes=3
)


class BreakerMachine(RuleBasedStateMachine):
    """모든 것을 통째로 기억하고 처음부터 다시 세는 모델과 견준다."""

    permits = Bundle("permits")

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker(MODEL_POLICY)
        self.now_s = 0.0
        self.ends: list[tuple[float, bool]] = []  # 지금의 닫힘에서 끝난 부름
        self.opened_at_s = 0.0
        self.state = BreakerState.CLOSED
        self.alive: deque[Permit] = deque()  # 지금 상태에서 얻은, 돌려주지 않은 허락
        self.passed = 0

    @rule(gap_s=st.floats(0, 3))
    def wait(self, gap_s: float) -> None:
        self.now_s += gap_s

    def expect_admission(self) -> bool:
        if self.state is BreakerState.OPEN:
            if self.now_s < self.opened_at_s + MODEL_POLICY.open_s:
                return False
            self.move(BreakerState.HALF_OPEN)
        if self.state is BreakerState.HALF_OPEN:
            return len(self.alive) + self.passed < MODEL_POLICY.probes
        return True

    def move(self, state: BreakerState) -> None:
        self.state, self.passed = state, 0
        self.ends.clear()
        self.alive.clear()
        if state is BreakerState.OPEN:
            self.opened_at_s = self.now_s

    @rule(target=permits)
    def ask(self) -> Permit | None:
        expected = self.expect_admission()
        permit = self.breaker.admit(self.now_s)
        assert (permit is not None) is expected
        if permit is not None:
            self.alive.append(permit)
        return permit

    @rule(permit=consumes(permits), end=st.sampled_from(CallEnd))
    def finish(self, permit: Permit | None, end: CallEnd) -> None:
        if permit is None:
            return
        self.breaker.settle(permit, end, self.now_s)
        ours = [each for each in self.alive if each is permit]
        if not ours:
            return
        self.alive = deque(each for each in self.alive if each is not permit)
        if end is CallEnd.CANCELLED:
            return
        took_s = self.now_s - permit.admitted_at_s
        self.judge(is_bad=end is CallEnd.FAILED or took_s >= MODEL_POLICY.slow_s)

    def judge(self, *, is_bad: bool) -> None:
        if self.state is BreakerState.HALF_OPEN:
            self.passed += not is_bad
            if is_bad:
                self.move(BreakerState.OPEN)
            elif self.passed == MODEL_POLICY.probes:
                self.move(BreakerState.CLOSED)
            return
        self.ends.append((self.now_s, is_bad))
        seen = [bad for at_s, bad in self.ends if self.now_s - at_s <= MODEL_POLICY.window_s]
        seen = seen[-MODEL_POLICY.window_calls :]
        if len(seen) >= MODEL_POLICY.min_calls and sum(seen) * 2 >= len(seen):
            self.move(BreakerState.OPEN)

    @invariant()
    def the_states_agree(self) -> None:
        assert self.breaker.state is self.state

    @invariant()
    def an_open_one_always_says_when_to_come_back(self) -> None:
        left_s = self.breaker.retry_after_s(self.now_s)
        assert 0 <= left_s <= MODEL_POLICY.open_s + 1e-9  # 실수의 반올림
        if self.state is not BreakerState.OPEN:
            assert left_s == 0


TestBreakerMachine = BreakerMachine.TestCase
TestBreakerMachine.settings = settings(max_examples=100, stateful_step_count=60, deadline=None)


@given(
    asks=st.lists(st.tuples(st.floats(0, 2), st.floats(0, 1), st.sampled_from(CallEnd)), max_size=50),
    open_s=st.floats(0.1, 2),
)
def test_one_failure_rests_and_one_question_after_the_rest_decides(
    asks: list[tuple[float, float, CallEnd]], open_s: float
) -> None:
    """한 번에 하나만 묻는 이에게는 "실패한 뒤 이만큼 묻지 않는다"와 같다."""
    breaker, now_s, resting_until_s = Breaker(BreakerPolicy.after_one_failure(open_s)), 0.0, 0.0
    for gap_s, took_s, end in asks:
        now_s += gap_s
        assert (breaker.retry_after_s(now_s) > 0) is (now_s < resting_until_s)
        permit = breaker.admit(now_s)
        assert (permit is None) is (now_s < resting_until_s)
        if permit is not None:
            now_s += took_s
            breaker.settle(permit, end, now_s)
            if end is CallEnd.FAILED:
                resting_until_s = now_s + open_s
