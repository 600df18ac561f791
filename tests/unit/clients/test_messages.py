"""글 프레임의 풀이: 아는 것은 형으로, 모르는 종류는 넘기고, 틀린 모양은 오류다."""

from __future__ import annotations

import json

import pytest

from hanpan_client.errors import ProtocolViolationError
from hanpan_client.messages import (
    ErrorMessage,
    MatchFound,
    MatchStart,
    UnknownMessage,
    decode_message,
    encode_message,
)
from tests.fakes.state_frames import STAR_FIELDS


def test_a_match_found_is_typed() -> None:
    text = json.dumps(
        {
            "t": "match.found",
            "match_id": "m",
            "mode": "duel",
            "players": [{"player_id": "p", "name": "하나", "rating": 1500}],
            "session": "session1",
            "resume_token": "rs1.x",
            "tick_rate_hz": 20,
            "a_field_of_tomorrow": True,
        }
    )
    found = decode_message(text)
    assert isinstance(found, MatchFound)
    assert (found.players[0].name, found.re) == ("하나", None)


def test_a_match_start_maps_entities_to_players() -> None:
    text = json.dumps(
        {
            "t": "match.start",
            "match_id": "m",
            "tick": 0,
            "schema": STAR_FIELDS,
            "entities": {"3": "p", "4": "q"},
            "starts_in_ms": 1_500,
        }
    )
    start = decode_message(text)
    assert isinstance(start, MatchStart)
    assert start.starts_in_ms == 1_500
    assert (start.entity_of("q"), start.entity_of("r")) == (4, None)
    assert [field.name for field in start.schema] == ["x", "y", "kind", "score", "slot"]


def test_a_refusal_becomes_an_exception_with_its_advice() -> None:
    error = decode_message('{"t":"error","code":"UNAVAILABLE","re":"7","retry_after_ms":250,"trace_id":"f"}')
    assert isinstance(error, ErrorMessage)
    raised = error.as_exception()
    assert (raised.code, raised.retry_after_s, raised.trace_id, raised.status) == (
        "UNAVAILABLE",
        0.25,
        "f",
        None,
    )


def test_an_unknown_type_is_let_through() -> None:
    assert decode_message('{"t":"match.weather","rain":true}') == UnknownMessage(t="match.weather")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"t":1}', '{"t":"pong"}', '{"t":"pong","ts":"now"}', "null"]
)
def test_a_broken_message_is_a_protocol_violation(text: str) -> None:
    with pytest.raises(ProtocolViolationError):
        decode_message(text)


def test_absent_fields_are_not_sent() -> None:
    assert json.loads(encode_message("hello", {"id": "1", "token": "t", "region": None})) == {
        "t": "hello",
        "id": "1",
        "token": "t",
    }
