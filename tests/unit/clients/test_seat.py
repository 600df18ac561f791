"""자리의 기록: 가장 새로운 토큰을 쥐고, 판이 끝나면 놓는다."""

from __future__ import annotations

from hanpan_client.messages import MatchAborted, MatchFound, MatchLeft, MatchResult, MatchStart, Resumed
from hanpan_client.seat import Seat
from hanpan_client.state import FieldSpec, WorldView
from tests.fakes.state_frames import STAR_FIELDS, snapshot

FIELDS = tuple(FieldSpec(**field) for field in STAR_FIELDS)


def found(match_id: str, token: str) -> MatchFound:
    return MatchFound(
        match_id=match_id, mode="duel", players=(), session="session1", resume_token=token, tick_rate_hz=20
    )


def start(match_id: str) -> MatchStart:
    return MatchStart(match_id=match_id, tick=0, schema=FIELDS, entities={1: "p"})


def playing(match_id: str = "m") -> Seat:
    seat = Seat()
    seat.observe(found(match_id, "first"))
    seat.observe(start(match_id))
    assert seat.apply(snapshot({1: [0, 0, 0, 0, 0]}, tick=5))
    return seat


def test_the_newest_token_is_kept_even_from_a_doubled_push() -> None:
    seat = playing()
    seat.observe(found("m", "second"))
    assert seat.resume_token == "second"
    seat.observe(Resumed(match_id="m", resume_token="third", tick=9, gateway="gateway2"))
    assert (seat.match_id, seat.resume_token) == ("m", "third")


def test_a_doubled_start_keeps_the_view() -> None:
    seat = playing()
    view = seat.view
    seat.observe(found("m", "second"))
    seat.observe(start("m"))
    assert seat.view is view
    assert seat.last_tick() == 5


def test_the_end_of_the_match_drops_the_token_and_keeps_the_last_view() -> None:
    for end in (
        MatchResult(match_id="m", status="finalized", already_finalized=False, results=()),
        MatchAborted(match_id="m", code="SESSION_LOST"),
    ):
        seat = playing()
        seat.observe(end)
        assert (seat.match_id, seat.resume_token) == (None, None)
        assert isinstance(seat.view, WorldView)


def test_the_result_of_an_older_match_does_not_end_this_one() -> None:
    seat = playing()
    seat.observe(MatchResult(match_id="older", status="finalized", already_finalized=True, results=()))
    assert seat.match_id == "m"


def test_a_new_match_starts_with_an_empty_view() -> None:
    seat = playing()
    seat.observe(found("n", "token"))
    assert (seat.view, seat.start, seat.last_tick()) == (None, None, 0)
    assert not seat.apply(snapshot({}, tick=1))
    assert seat.early_frames == 1


def test_an_adopted_token_carries_its_tick() -> None:
    seat = Seat()
    seat.adopt("token", 42)
    assert (seat.resume_token, seat.last_tick()) == ("token", 42)


def test_one_who_left_has_nothing_to_resume() -> None:
    seat = playing()
    seat.observe(MatchLeft(match_id="other"))
    assert seat.match_id == "m"
    seat.observe(MatchLeft(match_id="m"))
    assert (seat.match_id, seat.resume_token) == (None, None)
