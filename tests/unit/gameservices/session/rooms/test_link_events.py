"""gateway로 가는 통지: 정해진 끝과 거절을 빠짐없이 옮긴다."""

from __future__ import annotations

from gameservices.session.rooms import link_events
from gameservices.session.rooms.room import Room
from hanpan.v1 import common_pb2
from kernel.errors import InvalidArgument, SessionLost
from matches.outcome import Settlement, StoredResult
from tests.fakes.session_rooms import PACE, CollectingSink, plan, player_id

MATCH_ID = plan().match_id
PLAYERS = (player_id(1), player_id(2))
ROWS = (
    StoredResult(player_id(1), 1, 9, 1500.0, 1516.0, conceded=False),
    StoredResult(player_id(2), 2, 4, 1500.0, 1484.0, conceded=True),
)


def test_a_finalized_match_tells_every_result_with_its_rating() -> None:
    control = link_events.match_over(Settlement(MATCH_ID, "", PLAYERS, ROWS))
    result = control.match_result
    assert control.WhichOneof("event") == "match_result"
    assert (result.match_id, result.status) == (MATCH_ID, common_pb2.MATCH_STATUS_FINALIZED)
    assert not result.already_finalized
    told = [(row.player_id, row.place, row.score, row.rating_after, row.conceded) for row in result.results]
    assert told == [(player_id(1), 1, 9, 1516.0, False), (player_id(2), 2, 4, 1484.0, True)]


def test_an_aborted_match_tells_only_its_code() -> None:
    control = link_events.match_over(Settlement(MATCH_ID, SessionLost.code, PLAYERS, ()))
    assert control.WhichOneof("event") == "match_aborted"
    assert (control.match_aborted.match_id, control.match_aborted.code) == (MATCH_ID, "SESSION_LOST")


def test_a_result_without_a_rating_leaves_it_out() -> None:
    row = StoredResult(player_id(1), 1, 9, None, None, conceded=False)
    settlement = Settlement(MATCH_ID, "", (player_id(1),), (row,))
    result = link_events.match_result(settlement, already_finalized=True)
    assert result.already_finalized
    assert not result.results[0].HasField("rating_before")
    assert not result.results[0].HasField("rating_after")


def test_an_asked_result_of_an_aborted_match_says_so() -> None:
    settlement = Settlement(MATCH_ID, SessionLost.code, PLAYERS, ())
    result = link_events.match_result(settlement, already_finalized=True)
    assert (result.status, result.abort_code) == (common_pb2.MATCH_STATUS_ABORTED, "SESSION_LOST")


def test_a_refusal_carries_the_sentence_and_its_words() -> None:
    error = InvalidArgument("판을 만들 수 없는 요청입니다: {fields}", fields="seed")
    refused = link_events.refused(MATCH_ID, error).refused
    assert (refused.match_id, refused.code, refused.source) == (MATCH_ID, error.code, error.source)
    assert refused.message.endswith("seed")
    assert dict(refused.params) == {"fields": "seed"}


def test_an_attached_seat_hears_who_sits_where() -> None:
    room: Room[CollectingSink] = Room(plan(), pace=PACE, created_at_s=0.0)
    attached = link_events.attached(room, "session1").attached
    assert (attached.match_id, attached.session_id, attached.mode) == (MATCH_ID, "session1", "duel")
    assert [(row.slot, row.player_id) for row in attached.players] == [(0, player_id(1)), (1, player_id(2))]
