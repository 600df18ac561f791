"""resume 하나가 아는 것: 앉았을 때와 끝났을 때 누구이고 무엇이라 답하는가."""

from __future__ import annotations

import pytest

from gateway.seats.resume_attempt import ResumeAttempt
from gateway.websocket.player_phase import ConnectedPlayer
from hanpan.v1 import common_pb2
from hanpan.v1 import session_pb2 as pb
from players.names import guest_name
from redisstore.seats import RotatedSeat


def attempt(known_name: str = "") -> ResumeAttempt:
    return ResumeAttempt(
        grant=RotatedSeat("m1", "p1", "rs1.new", 3, None),
        request_id=7,
        known_name=known_name,
        gateway_id="gateway9",
    )


def test_the_answer_carries_the_new_token_and_the_tick_of_the_seat() -> None:
    told = attempt().resumed(pb.Attached(match_id="m1", tick=41))
    assert (told.re, told.match_id, told.resume_token, told.tick, told.gateway) == (
        7, "m1", "rs1.new", 41, "gateway9",
    )  # fmt: skip


def test_a_seated_player_has_the_name_the_match_knows() -> None:
    rows = [
        common_pb2.MatchPlayer(player_id="p2", name="나래"),
        common_pb2.MatchPlayer(player_id="p1", name="가람", is_bot=True),
    ]
    assert attempt().seated_player(pb.Attached(players=rows)) == ConnectedPlayer("p1", "가람", True)
    assert attempt().seated_player(pb.Attached()) == ConnectedPlayer("p1", "")


@pytest.mark.parametrize(
    ("known", "stored", "told"),
    [("나래", "가람", "나래"), ("", "가람", "가람"), ("", "", guest_name("p1"))],
)
def test_the_player_of_a_finished_match_is_named_by_the_token_then_the_store(
    known: str, stored: str, told: str
) -> None:
    result = pb.MatchResult(player_name=stored, player_is_bot=True)
    assert attempt(known).finished_player(result) == ConnectedPlayer("p1", told, True)


def test_the_answer_of_a_finished_match_is_its_result() -> None:
    result = pb.MatchResult(match_id="m1", status=common_pb2.MATCH_STATUS_FINALIZED)
    told = attempt().match_over(result)
    assert (told.re, told.match_id, told.status) == (7, "m1", "finalized")
