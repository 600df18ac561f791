"""내려온 묶음을 나눠 주는 규칙: 받을 자리만, 한 번 쓴 글로, 늦은 것은 버리고."""

from __future__ import annotations

import json
from typing import Any

from gateway.seats.link_dispatch import deliver, deliver_frames, deliver_to_leavers
from hanpan.v1 import common_pb2
from hanpan.v1 import session_pb2 as pb


class HearingSeat:
    """들은 것을 적는 자리."""

    def __init__(self, conn_id: int, match_id: str = "m", *, attached: bool = True) -> None:
        self.conn_id = conn_id
        self.match_id = match_id
        self.is_attached = attached
        self.player_id = "p"
        self.heard: list[Any] = []

    def begin_attach(self) -> pb.Attach:
        return pb.Attach(conn_id=self.conn_id)

    def attached(self, event: pb.Attached) -> None:
        self.heard.append(("attached", event.tick))

    def told(self, kind: str, text: str) -> None:
        self.heard.append((kind, text))

    def ended(self, kind: str, text: str) -> None:
        self.heard.append((kind, text))

    def superseded(self) -> None:
        self.heard.append("superseded")

    def left(self) -> None:
        self.heard.append("left")

    def refused(self, event: pb.Refused) -> None:
        self.heard.append(("refused", event.code))

    def unseated(self, event: pb.Refused) -> None:
        self.heard.append(("unseated", event.code))

    def lost(self) -> None:
        self.heard.append("lost")

    def state(self, frame: bytes) -> None:
        self.heard.append(frame)


class Link:
    """자리들과, 떨어진 자리들."""

    def __init__(self, *seats: HearingSeat) -> None:
        self.seats = {seat.conn_id: seat for seat in seats}

    def drop(self, conn_id: int) -> None:
        del self.seats[conn_id]

    def deliver(self, control: pb.Control) -> None:
        deliver(control, self.seats, self.drop)


def test_a_control_reaches_only_the_named_seats() -> None:
    one, two = HearingSeat(1), HearingSeat(2)
    Link(one, two).deliver(pb.Control(conn_ids=[1, 9], attached=pb.Attached(match_id="m", tick=5)))
    assert (one.heard, two.heard) == ([("attached", 5)], [])


def test_a_control_of_another_match_is_late_and_dropped() -> None:
    seat = HearingSeat(1, "new")
    link = Link(seat)
    link.deliver(pb.Control(conn_ids=[1], match_result=pb.MatchResult(match_id="old")))
    link.deliver(pb.Control(conn_ids=[1], superseded=pb.Superseded(match_id="old")))
    assert seat.heard == []
    assert link.seats


def test_a_control_this_gateway_does_not_know_is_dropped() -> None:
    seat = HearingSeat(1)
    Link(seat).deliver(pb.Control(conn_ids=[1]))
    assert seat.heard == []


def test_a_start_is_written_once_for_everyone() -> None:
    one, two = HearingSeat(1), HearingSeat(2)
    start = pb.MatchStart(
        match_id="m",
        tick=3,
        schema_json="[]",
        setup_json="{}",
        entity_players={4: "p", 5: "q"},
        starts_in_ms=700,
    )
    Link(one, two).deliver(pb.Control(conn_ids=[1, 2], match_start=start))
    (kind, text), (_, other) = one.heard[0], two.heard[0]
    assert kind == "match.start"
    assert text is other
    assert json.loads(text)["entities"] == {"4": "p", "5": "q"}
    assert json.loads(text)["starts_in_ms"] == 700


def test_a_start_that_has_begun_says_zero_and_says_it() -> None:
    seat = HearingSeat(1)
    start = pb.MatchStart(match_id="m", tick=3, schema_json="[]")
    Link(seat).deliver(pb.Control(conn_ids=[1], match_start=start))
    assert json.loads(seat.heard[0][1])["starts_in_ms"] == 0


def test_a_result_tells_of_each_whether_he_conceded() -> None:
    seat = HearingSeat(1)
    rows = [common_pb2.PlayerResult(player_id="p"), common_pb2.PlayerResult(player_id="q", conceded=True)]
    event = pb.MatchResult(match_id="m", status=common_pb2.MATCH_STATUS_FINALIZED, results=rows)
    Link(seat).deliver(pb.Control(conn_ids=[1], match_result=event))
    assert [row["conceded"] for row in json.loads(seat.heard[0][1])["results"]] == [False, True]


def test_a_result_takes_the_seats_off_the_link() -> None:
    seat = HearingSeat(1)
    link = Link(seat)
    row = common_pb2.PlayerResult(player_id="p", place=1, score=2, rating_before=1500.0)
    event = pb.MatchResult(match_id="m", status=common_pb2.MATCH_STATUS_ABORTED, results=[row])
    link.deliver(pb.Control(conn_ids=[1], match_result=event))
    shown = json.loads(seat.heard[0][1])
    assert shown["status"] == "aborted"
    assert shown["results"][0]["rating_before"] == 1500.0
    assert shown["results"][0]["rating_after"] is None
    assert not link.seats


def test_a_refused_attach_takes_the_seat_off_and_a_refused_request_does_not() -> None:
    waiting, seated = HearingSeat(1, attached=False), HearingSeat(2)
    link = Link(waiting, seated)
    link.deliver(pb.Control(conn_ids=[1, 2], refused=pb.Refused(match_id="m", code="NOT_IN_MATCH")))
    assert waiting.heard == [("unseated", "NOT_IN_MATCH")]
    assert seated.heard == [("refused", "NOT_IN_MATCH")]
    assert set(link.seats) == {2}


def test_a_refusal_by_a_newer_epoch_is_being_superseded() -> None:
    seat = HearingSeat(1, attached=False)
    link = Link(seat)
    link.deliver(pb.Control(conn_ids=[1], refused=pb.Refused(match_id="m", code="SUPERSEDED")))
    assert seat.heard == ["superseded"]
    assert not link.seats


def test_state_frames_reach_every_named_socket_as_they_are() -> None:
    one, two = HearingSeat(1), HearingSeat(2)
    frames = [pb.Frame(conn_ids=[1, 2, 3], payload=b"ab"), pb.Frame(conn_ids=[2], payload=b"cd")]
    deliver_frames(frames, {1: one, 2: two})
    assert (one.heard, two.heard) == ([b"ab"], [b"ab", b"cd"])


def test_a_seat_that_another_socket_left_is_taken_off_and_told() -> None:
    seat = HearingSeat(1)
    link = Link(seat)
    link.deliver(pb.Control(conn_ids=[1], left=pb.Left(match_id="m")))
    assert (seat.heard, link.seats) == (["left"], {})


def leave_hears(control: pb.Control) -> tuple[HearingSeat, bool]:
    """떠나는 자리가 통지를 듣는다. 들은 자리와, 스트림에서 떨어졌는가."""
    seat = HearingSeat(1)
    link = Link(seat)
    deliver_to_leavers(control, dict(link.seats), link.drop)
    return seat, not link.seats


def test_one_who_left_a_match_that_goes_on_hears_nothing_after_the_answer() -> None:
    seat, is_off = leave_hears(pb.Control(conn_ids=[1], left=pb.Left(match_id="m")))
    assert (seat.heard, is_off) == (["left"], True)


def test_one_who_left_a_match_that_ended_waits_for_its_end() -> None:
    seat, is_off = leave_hears(pb.Control(conn_ids=[1], left=pb.Left(match_id="m", is_over=True)))
    assert (seat.heard, is_off) == (["left"], False)
    seat, is_off = leave_hears(
        pb.Control(conn_ids=[1], match_aborted=pb.MatchAborted(match_id="m", code="X"))
    )
    assert ([kind for kind, _ in seat.heard], is_off) == (["match.aborted"], True)


def test_a_leave_refused_means_the_match_is_gone() -> None:
    seat, is_off = leave_hears(
        pb.Control(conn_ids=[1], refused=pb.Refused(match_id="m", code="NOT_IN_MATCH"))
    )
    assert (seat.heard, is_off) == (["lost"], True)


def test_one_who_is_leaving_hears_no_other_news() -> None:
    for control in (
        pb.Control(conn_ids=[1], attached=pb.Attached(match_id="m")),
        pb.Control(conn_ids=[1], match_start=pb.MatchStart(match_id="m", schema_json="[]")),
        pb.Control(conn_ids=[1], superseded=pb.Superseded(match_id="m")),
    ):
        assert leave_hears(control)[0].heard == []
