"""판을 짜는 규칙: 손으로 고른 경우들과, 어떤 줄에서도 지켜지는 성질들."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from environment.env import Env
from gameservices.matchmaking.director.formation import (
    Group,
    by_age,
    form_matches,
    startable_since_ms,
    window_at,
)
from gameservices.rules.base import ModeSpec, WindowSpec
from gameservices.rules.catalog import load_modes
from redisstore.tickets.rows import Ticket

NOW_MS = 1_000_000
DUEL = ModeSpec(name="duel", min_players=2, max_players=2, duration_ms=20_000)
ARENA = ModeSpec(name="arena", min_players=2, max_players=5, duration_ms=60_000, fill_wait_ms=10_000)
WINDOW = WindowSpec()


def ticket_of(ticket_id: str, rating: float, joined_ms: int) -> Ticket:
    return Ticket(
        ticket_id=ticket_id, player_id="", name="", mode="", rating=rating, gateway_id="", conn_id=0,
        joined_ms=joined_ms,
    )  # fmt: skip


def waiter(name: str, rating: float, waited_s: float = 0.0) -> Ticket:
    return ticket_of(name, rating, NOW_MS - int(waited_s * 1000))


def named(groups: list[Group]) -> list[list[str]]:
    return [[ticket.ticket_id for ticket in group.tickets] for group in groups]


SLACK = 1e-6  # 부동소수의 마지막 자리: 규칙은 r ± w로, 여기는 차이로 잰다


def beyond_reach(one: Ticket, other: Ticket) -> float:
    """두 사람의 거리에서 좁은 쪽의 창(하나라도 다 열렸으면 무한)을 뺀 것. 0보다 크면 받아들이지 않는다."""
    reaches = [window_at(each.joined_ms, NOW_MS, WINDOW) for each in (one, other)]
    reach = math.inf if math.inf in reaches else min(reaches)
    return abs(one.rating - other.rating) - reach


# ---- 창


def test_the_window_widens_with_the_wait_stops_at_its_cap_and_opens_in_the_end() -> None:
    assert window_at(NOW_MS, NOW_MS, WINDOW) == 100
    assert window_at(NOW_MS - 4_000, NOW_MS, WINDOW) == 200
    assert window_at(NOW_MS - 44_999, NOW_MS, WINDOW) == 1000
    assert window_at(NOW_MS - 45_000, NOW_MS, WINDOW) == math.inf
    assert window_at(NOW_MS + 5_000, NOW_MS, WINDOW) == 100, "시계가 뒤로 가도 좁아지지 않는다"


# ---- duel


def test_two_players_within_reach_make_a_duel_in_the_order_they_came() -> None:
    assert named(form_matches([waiter("b", 1500), waiter("a", 1580, 3)], NOW_MS, DUEL)) == [["a", "b"]]


def test_a_lone_player_waits() -> None:
    assert form_matches([waiter("a", 1500, 59)], NOW_MS, DUEL) == []
    assert form_matches([], NOW_MS, DUEL) == []


def test_both_players_must_accept_so_a_patient_one_does_not_take_a_newcomer_far_away() -> None:
    far = [waiter("patient", 1500, 40), waiter("new", 1700)]
    assert form_matches(far, NOW_MS, DUEL) == []
    assert named(form_matches([far[0], waiter("less new", 1700, 4)], NOW_MS, DUEL)) == [
        ["patient", "less new"]
    ]


def test_the_oldest_player_chooses_first_and_takes_the_nearest() -> None:
    line = [waiter("old", 1500, 5), waiter("near", 1510), waiter("nearer", 1495), waiter("rest", 1512)]
    assert named(form_matches(line, NOW_MS, DUEL)) == [["old", "nearer"], ["near", "rest"]]


def test_of_two_equally_near_players_the_older_is_taken() -> None:
    line = [waiter("old", 1500, 9), waiter("low", 1490, 1), waiter("high", 1510, 2)]
    assert named(form_matches(line, NOW_MS, DUEL)) == [["old", "high"]]


def test_a_near_newcomer_who_does_not_accept_is_passed_over() -> None:
    line = [waiter("old", 1500, 20), waiter("new", 1650), waiter("patient", 1800, 12)]
    assert named(form_matches(line, NOW_MS, DUEL)) == [["old", "patient"]]


def test_the_last_two_meet_whatever_their_ratings_when_one_has_waited_long_enough() -> None:
    champion, newcomer = waiter("champion", 2590, 44.999), waiter("newcomer", 1500, 12)
    assert form_matches([champion, newcomer], NOW_MS, DUEL) == []
    assert named(form_matches([waiter("champion", 2590, 45), newcomer], NOW_MS, DUEL)) == [
        ["champion", "newcomer"]
    ]
    assert named(form_matches([waiter("champion", 2590, 59), waiter("late", 1500)], NOW_MS, DUEL)) == [
        ["champion", "late"]
    ]


def test_one_whose_window_is_open_still_takes_the_nearest() -> None:
    line = [waiter("champion", 2590, 50), waiter("far", 1500, 40), waiter("near", 2100, 1)]
    assert named(form_matches(line, NOW_MS, DUEL)) == [["champion", "near"]]


# ---- arena


def test_a_full_arena_starts_at_once() -> None:
    line = [waiter(f"p{n}", 1500 + n) for n in range(5)]
    assert named(form_matches(line, NOW_MS, ARENA)) == [["p0", "p1", "p2", "p3", "p4"]]


def test_a_partial_arena_starts_ten_seconds_after_its_second_player() -> None:
    early = [waiter("first", 1500, 30), waiter("second", 1500, 9.999), waiter("third", 1500, 1)]
    assert form_matches(early, NOW_MS, ARENA) == []
    ready = [waiter("first", 1500, 30), waiter("second", 1500, 10), waiter("third", 1500, 1)]
    assert named(form_matches(ready, NOW_MS, ARENA)) == [["first", "second", "third"]]


def test_an_arena_holds_everyone_within_everyones_reach() -> None:
    line = [waiter("old", 1500, 20), waiter("left", 1410, 12), waiter("right", 1590, 12)]
    line.append(waiter("new", 1590))
    [group] = form_matches(line, NOW_MS, ARENA)
    assert [ticket.ticket_id for ticket in group.tickets] == ["old", "left", "right"]


def test_a_forming_arena_keeps_its_players_for_the_pass() -> None:
    line = [waiter(f"p{n}", 1500, 5) for n in range(4)]
    line += [waiter("q1", 1590, 1), waiter("q2", 1591, 1)]
    assert form_matches(line, NOW_MS, ARENA)[0].tickets[0].ticket_id == "p0"
    assert form_matches(line[:4], NOW_MS, ARENA) == []


def test_an_arena_of_an_open_window_waits_no_longer_and_keeps_the_others_within_reach() -> None:
    line = [waiter("champion", 2590, 45), waiter("a", 1600, 1), waiter("b", 1550, 1), waiter("c", 1400, 1)]
    line.append(waiter("patient", 300, 46))
    [group] = form_matches(line, NOW_MS, ARENA)
    assert [ticket.ticket_id for ticket in group.tickets] == ["patient", "champion", "c"]


# ---- 성질

SPECS = st.builds(
    lambda size, fill: ModeSpec(
        name="m", min_players=2, max_players=size, duration_ms=1000, fill_wait_ms=fill if size > 2 else 0
    ),
    st.sampled_from([2, 2, 3, 8]),
    st.sampled_from([0, 10_000]),
)
LINES = st.lists(
    st.tuples(
        st.one_of(st.floats(0, 3000), st.integers(0, 30).map(lambda n: n * 100.0)),
        st.integers(0, 70_000),
    ),
    max_size=40,
).map(lambda rows: [ticket_of(f"t{n:03}", r, NOW_MS - age) for n, (r, age) in enumerate(rows)])


@given(line=LINES, spec=SPECS)
def test_no_ticket_sits_in_two_groups_and_every_group_has_a_legal_size(
    line: list[Ticket], spec: ModeSpec
) -> None:
    groups = form_matches(line, NOW_MS, spec)
    seated = [ticket.ticket_id for group in groups for ticket in group.tickets]
    assert len(seated) == len(set(seated))
    assert set(seated) <= {ticket.ticket_id for ticket in line}
    for group in groups:
        assert spec.min_players <= len(group.tickets) <= spec.max_players


@given(line=LINES, spec=SPECS)
def test_every_two_players_of_a_group_accept_each_other(line: list[Ticket], spec: ModeSpec) -> None:
    for group in form_matches(line, NOW_MS, spec):
        assert all(beyond_reach(one, other) <= SLACK for one, other in combinations(group.tickets, 2))


@given(line=LINES, spec=SPECS)
def test_a_group_that_is_not_full_waited_for_its_fill_time(line: list[Ticket], spec: ModeSpec) -> None:
    for group in form_matches(line, NOW_MS, spec):
        if len(group.tickets) < spec.max_players:
            is_filled = NOW_MS - group.tickets[1].joined_ms >= spec.fill_wait_ms
            assert is_filled or window_at(group.tickets[0].joined_ms, NOW_MS, WINDOW) == math.inf


@given(line=LINES, spec=SPECS)
def test_seats_and_groups_come_in_the_order_of_arrival(line: list[Ticket], spec: ModeSpec) -> None:
    groups = form_matches(line, NOW_MS, spec)
    ages = [[(ticket.joined_ms, ticket.ticket_id) for ticket in group.tickets] for group in groups]
    assert all(age == sorted(age) for age in ages)
    assert all(one[0] <= other[0] for one, other in pairwise(ages))


@given(line=LINES, spec=SPECS, random=st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(line: list[Ticket], spec: ModeSpec, random: object) -> None:
    shuffled = list(line)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert form_matches(shuffled, NOW_MS, spec) == form_matches(line, NOW_MS, spec)


@given(line=LINES)
def test_no_two_players_who_accept_each_other_are_left_without_a_duel(line: list[Ticket]) -> None:
    seated = {ticket.ticket_id for group in form_matches(line, NOW_MS, DUEL) for ticket in group.tickets}
    left = [ticket for ticket in line if ticket.ticket_id not in seated]
    assert all(beyond_reach(one, other) >= -SLACK for one, other in combinations(left, 2))


@given(line=LINES)
@settings(max_examples=200)
def test_the_oldest_takes_the_nearest_free_player_who_accepts(line: list[Ticket]) -> None:
    free = sorted(line, key=lambda ticket: (ticket.joined_ms, ticket.ticket_id))
    for group in form_matches(line, NOW_MS, DUEL):
        oldest = free.pop(0)
        while oldest not in group.tickets:
            assert all(beyond_reach(oldest, other) >= -SLACK for other in free), "짝이 있는데 지나쳤다"
            oldest = free.pop(0)
        [partner] = [ticket for ticket in group.tickets if ticket is not oldest]
        distance = abs(oldest.rating - partner.rating)
        willing = [other for other in free if beyond_reach(oldest, other) < -SLACK]
        assert all(distance <= abs(oldest.rating - other.rating) for other in willing)
        free.remove(partner)


MODES = [mode.spec for mode in load_modes({}).values()]
TICKET_TIMEOUT_MS = int(Env.__dict__["ticket_timeout_ms"].default)
LOOK_MS = 1_000  # 매칭 루프(100 ms)와 판을 만드는 시간의 넉넉한 몫


@given(
    spec=st.sampled_from(MODES),
    ratings=st.tuples(st.floats(-5_000, 20_000), st.floats(-5_000, 20_000)),
    apart_ms=st.integers(0, TICKET_TIMEOUT_MS - LOOK_MS),
)
def test_any_two_alone_in_the_queue_are_matched_before_the_first_times_out(
    spec: ModeSpec, ratings: tuple[float, float], apart_ms: int
) -> None:
    first, second = ticket_of("first", ratings[0], NOW_MS), ticket_of("second", ratings[1], NOW_MS + apart_ms)
    latest_ms = max(NOW_MS + spec.rating_window.open_after_ms, second.joined_ms)
    assert latest_ms <= NOW_MS + TICKET_TIMEOUT_MS - LOOK_MS
    assert [group.tickets for group in form_matches([first, second], latest_ms, spec)] == [(first, second)]


@given(line=LINES, spec=SPECS)
def test_nobody_whose_window_is_open_is_left_while_another_waits_alone(
    line: list[Ticket], spec: ModeSpec
) -> None:
    """다 열린 표가 남았으면 그 밖에 남은 표는 없다(모임에 넣지 못한 사람이 없다)."""
    seated = {ticket.ticket_id for group in form_matches(line, NOW_MS, spec) for ticket in group.tickets}
    left = [ticket for ticket in line if ticket.ticket_id not in seated]
    if any(window_at(ticket.joined_ms, NOW_MS, WINDOW) == math.inf for ticket in left):
        assert len(left) == 1


# ---- 처음으로 시작할 수 있었던 때


def late_ms(*chosen: Ticket, spec: ModeSpec = DUEL) -> int:
    return NOW_MS - startable_since_ms(sorted(chosen, key=by_age), NOW_MS, spec)


def test_the_time_without_an_opponent_is_not_ours() -> None:
    assert late_ms(waiter("a", 1500, 40), waiter("b", 1500)) == 0
    assert late_ms(waiter("a", 1500, 40), waiter("b", 1520, 3)) == 3_000


def test_two_who_refused_each_other_until_their_windows_opened_are_late_from_then_on() -> None:
    # 200점 차이는 창이 4초에 열린다: 둘째가 온 지 6초라 2초 전부터 만날 수 있었다.
    assert late_ms(waiter("a", 1500, 30), waiter("b", 1700, 6)) == 2_000


def test_a_room_that_waits_to_fill_is_late_only_after_its_wait() -> None:
    few = [waiter("a", 1500, 15), waiter("b", 1500, 12), waiter("c", 1500, 11)]
    assert late_ms(*few, spec=ARENA) == 2_000
    full = [waiter(str(number), 1500, number) for number in range(1, 6)]
    assert late_ms(*full, spec=ARENA) == 1_000


@given(st.lists(st.tuples(st.integers(800, 2200), st.integers(0, 60_000)), min_size=2, max_size=40))
def test_no_group_is_older_than_its_last_member_and_no_later_than_now(line: list[tuple[int, int]]) -> None:
    waiters = [ticket_of(str(index), rating, NOW_MS - ago_ms) for index, (rating, ago_ms) in enumerate(line)]
    for group in form_matches(waiters, NOW_MS, DUEL):
        since_ms = startable_since_ms(group.tickets, NOW_MS, DUEL)
        assert max(ticket.joined_ms for ticket in group.tickets) <= since_ms <= NOW_MS
        assert form_matches(group.tickets, since_ms, DUEL) or since_ms == NOW_MS
