"""왜 기다리는가: 짜는 규칙과 어긋나지 않고, 다음에 무엇이 언제 바뀌는지 말한다."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameservices.matchmaking.director.formation import form_matches, window_at
from gameservices.matchmaking.explain.wait_reasons import (
    NEAREST,
    WAIT_BOUNDS_MS,
    Explanation,
    WaitReason,
    explain,
    wait_counts,
)
from gameservices.rules.base import ModeSpec
from redisstore.tickets.rows import Ticket

NOW_MS = 100_000
DUEL = ModeSpec(name="duel", min_players=2, max_players=2, duration_ms=20_000)
ARENA = ModeSpec(name="arena", min_players=2, max_players=4, duration_ms=60_000, fill_wait_ms=10_000)


def ticket(name: str, rating: float, waited_ms: int = 0) -> Ticket:
    return Ticket(
        ticket_id=name, player_id=f"player-{name}", name=name, mode="duel", rating=rating, gateway_id="g",
        conn_id=1, joined_ms=NOW_MS - waited_ms,
    )  # fmt: skip


def told(*tickets: Ticket, spec: ModeSpec = DUEL, has_server: bool = True) -> dict[str, Explanation]:
    found = explain(tickets, NOW_MS, spec, limit=100, has_server=has_server)
    return {each.ticket.ticket_id: each for each in found}


def test_one_alone_has_nobody_near() -> None:
    alone = told(ticket("a", 1500, 4_000))["a"]
    assert (alone.reason, alone.nearest, alone.gathered, alone.waited_ms) == (WaitReason.ALONE, (), 1, 4_000)
    assert alone.window == 200


def test_two_too_far_apart_are_told_when_their_windows_meet() -> None:
    found = told(ticket("a", 1500, 8_000), ticket("b", 1800, 2_000))
    for each in found.values():
        assert each.reason is WaitReason.OUT_OF_WINDOW
        assert each.changes_in_ms == 6_000  # 늦게 온 b의 창이 300에 닿을 때
    (near,) = found["a"].nearest
    assert (near.ticket.ticket_id, near.difference, near.window, near.accepted) == ("b", 300, 150, False)


def test_a_difference_beyond_the_cap_meets_when_the_first_window_opens_fully() -> None:
    found = told(ticket("a", 0, 20_000), ticket("b", 1_001))
    assert {each.reason for each in found.values()} == {WaitReason.OUT_OF_WINDOW}
    assert {each.changes_in_ms for each in found.values()} == {25_000}
    assert {name: each.opens_in_ms for name, each in found.items()} == {"a": 25_000, "b": 45_000}


def test_an_open_window_is_told_as_open_and_accepts_everybody() -> None:
    found = told(ticket("a", 0, 45_000), ticket("b", 9_000))
    assert {each.reason for each in found.values()} == {WaitReason.SOON}
    assert (found["a"].window, found["a"].opens_in_ms) == (math.inf, 0)
    assert found["b"].nearest[0].accepted


def test_an_arena_of_one_who_waited_long_fills_no_longer_than_until_the_window_opens() -> None:
    found = told(ticket("a", 1500, 44_000), ticket("b", 1510, 1_000), spec=ARENA)
    assert {(each.reason, each.changes_in_ms) for each in found.values()} == {(WaitReason.FILLING, 1_000)}


@pytest.mark.parametrize(("has_server", "reason"), [(True, WaitReason.SOON), (False, WaitReason.NO_SERVER)])
def test_two_who_accept_each_other_wait_only_for_a_server(has_server: bool, reason: WaitReason) -> None:
    found = told(ticket("a", 1500), ticket("b", 1550), has_server=has_server)
    assert {each.reason for each in found.values()} == {reason}


def test_a_match_that_could_start_waits_for_more_players_until_its_time() -> None:
    found = told(ticket("a", 1500, 9_000), ticket("b", 1510, 4_000), spec=ARENA)
    assert {(each.reason, each.gathered, each.changes_in_ms) for each in found.values()} == {
        (WaitReason.FILLING, 2, 6_000)
    }


def test_the_longest_wait_comes_first_and_the_limit_holds() -> None:
    line = [ticket(str(index), 1500 + 300 * index, waited_ms=10 * index) for index in range(8)]
    found = explain(line, NOW_MS, DUEL, limit=3, has_server=True)
    assert [each.ticket.ticket_id for each in found] == ["7", "6", "5"]


tickets = st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 60_000)), min_size=1, max_size=12).map(
    lambda rows: [ticket(f"t{index:02}", rating, waited) for index, (rating, waited) in enumerate(rows)]
)
specs = st.sampled_from([DUEL, ARENA, replace(ARENA, fill_wait_ms=0)])


@given(tickets, specs)
def test_those_said_to_start_soon_are_those_the_matcher_puts_together(
    line: list[Ticket], spec: ModeSpec
) -> None:
    found = explain(line, NOW_MS, spec, limit=100, has_server=True)
    soon = {each.ticket.ticket_id for each in found if each.reason is WaitReason.SOON}
    assert soon == {one.ticket_id for group in form_matches(line, NOW_MS, spec) for one in group.tickets}


def test_one_whose_neighbours_go_to_older_matches_has_nobody_to_meet() -> None:
    found = told(ticket("a", 1500, 3_000), ticket("b", 1500, 2_000), ticket("c", 1500, 1_000))
    assert {name: each.reason for name, each in found.items()} == {
        "a": WaitReason.SOON, "b": WaitReason.SOON, "c": WaitReason.ALONE,
    }  # fmt: skip


@given(tickets)
def test_the_nearest_are_the_nearest(line: list[Ticket]) -> None:
    for each in explain(line, NOW_MS, DUEL, limit=100, has_server=True):
        gaps = sorted(abs(other.rating - each.ticket.rating) for other in line if other is not each.ticket)
        assert [near.difference for near in each.nearest] == gaps[:NEAREST]
        for near in each.nearest:
            windows = [
                window_at(one.joined_ms, NOW_MS, DUEL.rating_window) for one in (each.ticket, near.ticket)
            ]
            assert near.accepted == (math.inf in windows or near.difference <= min(windows))


@given(tickets)
def test_when_the_windows_are_said_to_meet_the_two_are_matched_and_not_before(line: list[Ticket]) -> None:
    for each in explain(line[:2], NOW_MS, DUEL, limit=1, has_server=True):
        if each.reason is WaitReason.OUT_OF_WINDOW and each.changes_in_ms:
            assert form_matches(line[:2], NOW_MS + each.changes_in_ms + 1, DUEL)
            assert not form_matches(line[:2], NOW_MS + each.changes_in_ms - 1, DUEL)


@given(st.lists(st.integers(0, 120_000)))
def test_every_wait_is_counted_in_one_bucket(waits: list[int]) -> None:
    counts = wait_counts(waits)
    assert (len(counts), sum(counts)) == (len(WAIT_BOUNDS_MS) + 1, len(waits))
    assert counts[0] == sum(wait < WAIT_BOUNDS_MS[0] for wait in waits)
    assert counts[-1] == sum(wait >= WAIT_BOUNDS_MS[-1] for wait in waits)
