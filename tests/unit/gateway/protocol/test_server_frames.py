"""서버의 글 프레임 쓰기와 상태 프레임의 종류."""

from __future__ import annotations

import json

import msgspec

from gateway.protocol import server_frames


def test_a_reply_carries_the_request_and_a_push_does_not() -> None:
    assert json.loads(server_frames.encode(server_frames.Pong(re=3, ts=1, server_time_ms=9))) == {
        "t": "pong",
        "re": 3,
        "ts": 1,
        "server_time_ms": 9,
    }
    assert "re" not in json.loads(server_frames.encode(server_frames.QueueTimeout(ticket_id="t")))


def test_an_error_without_a_wait_has_no_wait_field() -> None:
    error = server_frames.Error(code="NOT_FOUND", message="없음", trace_id="0")
    assert "retry_after_ms" not in json.loads(server_frames.encode(error))


def test_a_result_shows_null_where_no_rating_moved() -> None:
    row = server_frames.PlayerResultRow("p", 1, 3, None, None, False)
    result = server_frames.MatchResultFrame(
        match_id="m", status="aborted", already_finalized=False, results=[row]
    )
    shown = json.loads(server_frames.encode(result))
    assert shown["results"][0]["rating_after"] is None
    assert shown["already_finalized"] is False


def test_the_schema_goes_out_as_the_session_server_wrote_it() -> None:
    start = server_frames.MatchStart(
        match_id="m",
        tick=0,
        schema=msgspec.Raw(b'[{"name":"x"}]'),
        entities={"1": "p"},
        setup=msgspec.Raw(b'{"duration_ms":5}'),
        starts_in_ms=0,
    )
    shown = json.loads(server_frames.encode(start))
    assert (shown["schema"], shown["setup"]) == ([{"name": "x"}], {"duration_ms": 5})


def test_only_the_second_byte_tells_a_snapshot() -> None:
    assert server_frames.is_snapshot(bytes([1, 1, 0]))
    assert not server_frames.is_snapshot(bytes([1, 2, 0]))
    assert not server_frames.is_snapshot(b"\x01")
    assert not server_frames.is_snapshot(b"")
