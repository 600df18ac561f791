"""끝난 방의 결과: 방이 아는 것을 그대로 옮기고, 무효가 된 판도 그때까지의 순위를 담는다."""

from __future__ import annotations

from gameservices.session.rooms.outcomes import outcome_of
from gameservices.session.rooms.room import Room
from tests.fakes.session_rooms import PACE, CollectingSink, plan, player_id

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def room_of_two() -> Room[CollectingSink]:
    return Room(plan(), pace=PACE, created_at_s=0.0)


def test_an_aborted_room_tells_why_and_keeps_everyone_in_it() -> None:
    room = room_of_two()
    room.abort("SESSION_LOST", 5_000)
    outcome = outcome_of(room, "session1", TRACE)
    assert (outcome.status, outcome.abort_code) == ("aborted", "SESSION_LOST")
    assert (outcome.started_at_ms, outcome.ended_at_ms, outcome.ticks) == (0, 5_000, 0)
    assert {player.player_id for player in outcome.players} == {player_id(1), player_id(2)}
    outcome.check()


def test_the_outcome_carries_the_plan_and_who_wrote_it() -> None:
    room = room_of_two()
    room.abort("SESSION_LOST", 5_000)
    outcome = outcome_of(room, "session1", TRACE)
    assert (outcome.match_id, outcome.mode, outcome.region) == (room.match_id, "duel", "local")
    assert (outcome.server_id, outcome.traceparent) == ("session1", TRACE)
    assert (outcome.queued_at_ms, outcome.created_at_ms, outcome.seed) == (900, 1_000, 7)


def test_the_players_of_an_outcome_are_the_standings_of_the_room() -> None:
    room = room_of_two()
    room.abort("SESSION_LOST", 5_000)
    assert outcome_of(room, "session1", TRACE).players == room.standings()
