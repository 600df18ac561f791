"""줄의 자리: 묻지 않은 사건으로도 기다림이 시작되고 끝난다."""

from __future__ import annotations

import pytest

from hanpan_client.messages import Bye, Event, MatchFound, QueueCancelled, QueueJoined, QueueTimeout
from hanpan_client.queue_place import QueuePlace

JOINED = QueueJoined(ticket_id="t1", mode="duel", expires_in_ms=42_000)
FOUND = MatchFound(match_id="m", mode="duel", players=(), session="s", resume_token="r", tick_rate_hz=20)


def test_a_ticket_that_came_unasked_is_waited_with() -> None:
    place = QueuePlace()
    place.observe(JOINED)
    assert place.ticket is JOINED


@pytest.mark.parametrize("end", [QueueCancelled(ticket_id="t1"), QueueTimeout(ticket_id="t1"), FOUND])
def test_the_waiting_ends_unasked_too(end: Event) -> None:
    place = QueuePlace()
    place.observe(JOINED)
    place.observe(end)
    assert place.ticket is None


@pytest.mark.parametrize("end", [QueueCancelled(ticket_id="old"), QueueTimeout(ticket_id="old")])
def test_news_of_an_older_ticket_ends_nothing(end: Event) -> None:
    place = QueuePlace()
    place.observe(end)
    place.observe(JOINED)
    place.observe(end)
    assert place.ticket is JOINED


def test_a_lost_socket_waits_for_the_next_hello_to_say_so() -> None:
    place = QueuePlace()
    place.observe(JOINED)
    place.forget()
    assert place.ticket is None


def test_an_asked_place_may_be_waited_at_until_it_is_refused() -> None:
    place = QueuePlace()
    assert not place.may_wait
    place.asked()
    assert place.may_wait
    place.refused()
    assert not place.may_wait


def test_a_refused_second_join_keeps_the_first_ticket() -> None:
    place = QueuePlace()
    place.observe(JOINED)
    place.asked()
    place.refused()
    assert place.may_wait


BYE = Bye(code="SUPERSEDED", reason="", reconnect=False)


@pytest.mark.parametrize("end", [QueueCancelled(ticket_id="t1"), QueueTimeout(ticket_id="t1"), FOUND, BYE])
def test_nothing_is_left_to_leave_after_the_end(end: Event) -> None:
    """이 소켓의 표가 아니면 나갈 때 거두지 않는다: 새 소켓이 이은 표일 수 있다."""
    place = QueuePlace()
    place.asked()
    place.observe(JOINED)
    place.observe(end)
    assert not place.may_wait
