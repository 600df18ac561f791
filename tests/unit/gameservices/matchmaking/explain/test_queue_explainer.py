"""줄의 설명: 아는 줄을 규칙으로 풀어 proto로 옮기고, Redis에는 묻지 않는다."""

from __future__ import annotations

import pytest

from gameservices.matchmaking.explain import queue_explainer
from gameservices.matchmaking.explain.queue_explainer import QueueExplainer
from gameservices.matchmaking.explain.wait_reasons import WAIT_BOUNDS_MS
from gameservices.matchmaking.queue.queue_mirror import QueueMirror
from hanpan.v1 import matchmaking_pb2 as pb
from kernel.errors import InvalidArgument
from redisstore.tickets.rows import Ticket
from tests.fakes.manual_clock import ManualClock
from tests.fakes.matchmaking_stage import MODES
from tests.fakes.memory_tickets import MemoryTickets

LIMIT = 10


class Stage:
    """줄의 기억 하나와 그것을 설명하는 이."""

    def __init__(self) -> None:
        self.tickets, self.clock = MemoryTickets(), ManualClock()
        self.mirror = QueueMirror(self.tickets, list(MODES))
        self.free_places = 1
        self.explainer = QueueExplainer(
            mirror=self.mirror, modes=MODES, free_places=lambda: self.free_places, clock=self.clock
        )

    def wait(self, ticket_id: str, rating: float, waited_ms: int, mode: str = "duel") -> None:
        """줄에 선 지 `waited_ms`인 표."""
        self.mirror.add(
            Ticket(
                ticket_id=ticket_id, player_id=f"p-{ticket_id}", name=f"n-{ticket_id}", mode=mode,
                rating=rating, gateway_id="gateway1", conn_id=1, joined_ms=self.clock.now_ms() - waited_ms,
            )
        )  # fmt: skip


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_every_mode_is_described_even_when_nobody_waits(stage: Stage) -> None:
    reply = stage.explainer.explain("", LIMIT)
    assert [queue.mode for queue in reply.queues] == list(MODES)
    [duel, arena] = reply.queues
    assert (duel.waiting, duel.oldest_wait_ms, arena.min_players, arena.max_players) == (0, 0, 2, 4)
    assert list(duel.wait_bounds_ms) == list(WAIT_BOUNDS_MS)
    assert not reply.tickets
    assert (reply.at_ms, reply.free_places) == (stage.clock.now_ms(), 1)


def test_the_waits_of_a_mode_are_counted_into_their_bounds(stage: Stage) -> None:
    stage.wait("a", 1500.0, 500)
    stage.wait("b", 1500.0, 1_500)
    stage.wait("c", 1500.0, 70_000, mode="arena")
    [duel, arena] = stage.explainer.explain("", LIMIT).queues
    assert (duel.waiting, duel.oldest_wait_ms) == (2, 1_500)
    assert list(duel.wait_counts)[:2] == [1, 1]
    assert list(arena.wait_counts)[-1] == 1


@pytest.mark.parametrize(
    ("ratings", "free_places", "reason"),
    [
        ([1500.0], 1, pb.WAIT_REASON_ALONE),
        ([1500.0, 2500.0], 1, pb.WAIT_REASON_OUT_OF_WINDOW),
        ([1500.0, 1510.0], 1, pb.WAIT_REASON_SOON),
        ([1500.0, 1510.0], 0, pb.WAIT_REASON_NO_SERVER),
    ],
)
def test_the_reason_of_each_ticket_is_told(
    stage: Stage, ratings: list[float], free_places: int, reason: int
) -> None:
    for number, rating in enumerate(ratings):
        stage.wait(f"t{number}", rating, 1_000)
    stage.free_places = free_places
    assert {each.reason for each in stage.explainer.explain("duel", LIMIT).tickets} == {reason}


def test_an_arena_that_waits_for_more_players_is_filling(stage: Stage) -> None:
    for name in ("a", "b"):
        stage.wait(name, 1500.0, 1_000, mode="arena")
    assert {each.reason for each in stage.explainer.explain("arena", LIMIT).tickets} == {
        pb.WAIT_REASON_FILLING
    }


def test_a_ticket_comes_with_its_nearest_neighbours(stage: Stage) -> None:
    stage.wait("a", 1500.0, 2_000)
    stage.wait("b", 2500.0, 1_000)
    ticket = stage.explainer.explain("duel", LIMIT).tickets[0]
    assert (ticket.ticket_id, ticket.player_id, ticket.name, ticket.waited_ms) == ("a", "p-a", "n-a", 2_000)
    [near] = ticket.nearest
    assert (near.ticket_id, near.difference, near.accepted) == ("b", 1000.0, False)


def test_the_number_of_tickets_has_a_limit_whatever_is_asked(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_explainer, "MAX_TICKETS", 2)
    for number in range(3):
        stage.wait(f"t{number}", 1500.0 + 1000 * number, 1_000)
    assert len(stage.explainer.explain("duel", 1).tickets) == 1
    assert len(stage.explainer.explain("duel", 1_000_000).tickets) == 2


def test_an_unknown_mode_is_refused(stage: Stage) -> None:
    with pytest.raises(InvalidArgument):
        stage.explainer.explain("chess", LIMIT)
