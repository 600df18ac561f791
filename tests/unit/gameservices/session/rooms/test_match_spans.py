"""끝난 판의 추적: 판은 연 쪽의 추적에, 자리는 앉은 선수의 추적에 있고 자리가 판을 가리킨다."""

from __future__ import annotations

from dataclasses import replace

from gameservices.session.rooms.match_spans import trace_match
from gameservices.session.rooms.room import AnyRoom, Room
from telemetry.tracing import span_context_of, traceparent_of
from tests.fakes.finished_spans import finished_spans
from tests.fakes.session_rooms import PACE, plan

OPENED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SAT = "00-1bf7651916cd43dd8448eb211c80319c-a7ad6b7169203331-01"


def ended_room() -> AnyRoom:
    """첫 자리에만 선수가 앉았던 끝난 판."""
    room: AnyRoom = Room(replace(plan(), traceparent=OPENED), pace=PACE, created_at_s=1.0)
    room.seats[0].traceparent = SAT
    room.start(2_000)
    room.abort("SESSION_DRAINING", 5_000)
    return room


def test_the_match_and_each_taken_seat_become_spans_of_the_match_s_length() -> None:
    with finished_spans() as out:
        traceparent = trace_match(ended_room())
        match, seat = out.get_finished_spans()
    assert (match.name, seat.name) == ("match", "seat.played")
    assert {(span.start_time, span.end_time) for span in (match, seat)} == {(2_000_000_000, 5_000_000_000)}
    assert match.parent == span_context_of(OPENED)
    assert seat.parent == span_context_of(SAT)
    assert [link.context for link in seat.links] == [match.get_span_context()]
    assert traceparent == traceparent_of(match.get_span_context()), "결과를 쓰는 일은 판에 달린다"
    assert (match.attributes or {})["hanpan.abort_code"] == "SESSION_DRAINING"


def test_a_match_that_never_started_is_as_long_as_it_waited() -> None:
    room: AnyRoom = Room(plan(), pace=PACE, created_at_s=1.0)
    room.abort("SESSION_DRAINING", 4_000)
    with finished_spans() as out:
        trace_match(room)
        [match] = out.get_finished_spans()
    assert (match.start_time, match.end_time, match.parent) == (1_000_000_000, 4_000_000_000, None)
