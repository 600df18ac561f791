"""클라이언트의 글 프레임 읽기: 계약의 칸, 틀린 칸, JSON이 아닌 것."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.protocol import client_frames
from gateway.protocol.client_frames import BadFrame, BadMessage, ClientDecoder, InputRange
from gateway.protocol.frame_fields import kind_of

SEATLESS = ClientDecoder()
DUEL = ClientDecoder((InputRange("dx", -1, 1), InputRange("dy", -1, 1)))


def bad(text: str, decoder: ClientDecoder = SEATLESS) -> BadMessage:
    with pytest.raises(BadMessage) as caught:
        decoder.decode(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"t":"hello","token":"a"}', client_frames.Hello(token="a")),
        ('{"t":"hello"}', client_frames.Hello(token="")),
        (
            '{"t":"resume","resume_token":"r","last_tick":3}',
            client_frames.Resume(resume_token="r", last_tick=3),
        ),
        ('{"t":"queue.join","mode":"duel","id":"7"}', client_frames.QueueJoin(mode="duel", id="7")),
        ('{"t":"queue.cancel","id":7}', client_frames.QueueCancel(id=7)),
        ('{"t":"finalize","match_id":"m"}', client_frames.Finalize(match_id="m")),
        ('{"t":"leave","match_id":"m","trace":"00-a"}', client_frames.Leave(match_id="m", trace="00-a")),
        ('{"t":"ping","ts":1.5}', client_frames.Ping(ts=1.5)),
        ('{"t":"input","seq":4294967295}', client_frames.Input(seq=4294967295)),
        ('{"t":"ping","ts":1,"new_field":[1,2]}', client_frames.Ping(ts=1)),
        ('{"t":"queue.cancel","id":null}', client_frames.QueueCancel()),
    ],
)
def test_a_message_of_the_contract_is_read(text: str, message: client_frames.ClientMessage) -> None:
    assert SEATLESS.decode(text) == message


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "hello", "[]", "7", "null", '"글"', "\ufeff{}"),
        '{"t":"hello","token":5, 깨짐',
        '{"t":"hello","token":"\\ud800"}',
        '{"t":"ping","ts":NaN}',
        '{"t":"ping"} x',
        "[" * 16_000,
        '{"t":"ping","ts":' + "[" * 8_000 + "]" * 8_000 + "}",
    ],
    ids=lambda text: text[:30],
)
def test_what_is_no_json_object_is_a_bad_frame(text: str) -> None:
    with pytest.raises(BadFrame):
        SEATLESS.decode(text)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"t":null}',
        '{"t":7}',
        '{"t":"dance"}',
        '{"t":"queue.join"}',
        '{"t":"queue.join","mode":7}',
        '{"t":"queue.join","mode":"%s"}' % ("d" * 65),
        '{"t":"hello","token":5}',
        '{"t":"hello","token":"a","region":5}',
        '{"t":"resume","last_tick":1}',
        '{"t":"resume","resume_token":"r","last_tick":-1}',
        '{"t":"input","seq":0}',
        '{"t":"input","seq":4294967296}',
        '{"t":"input","seq":1.5}',
        '{"t":"input","seq":true}',
        '{"t":"ping","ts":"1"}',
        '{"t":"ping","ts":1e400}',
        '{"t":"ping","ts":9007199254740993}',
        '{"t":"ping","ts":1,"id":[1]}',
        '{"t":"ping","ts":1,"trace":5}',
        '{"t":"finalize","match_id":null}',
    ],
)
def test_a_wrong_field_is_a_bad_message(text: str) -> None:
    assert bad(text).error.message


def test_a_bad_message_remembers_who_asked() -> None:
    assert bad('{"t":"queue.join","mode":7,"id":"q1"}').re == "q1"
    assert bad('{"id":12,"t":"dance"}').re == 12
    assert bad('{"id":{},"t":"ping","ts":1}').re is None
    assert bad('{"t":"queue.join"}').kind == "queue.join"
    assert bad('{"t":"dance"}').kind is None


def test_a_seated_socket_reads_the_input_fields_of_its_mode() -> None:
    message = DUEL.decode('{"t":"input","seq":3,"dy":-1,"dx":1}')
    assert isinstance(message, client_frames.Input)
    assert message.seq == 3
    assert DUEL.input_values(message) == [1, -1]
    assert kind_of(message) == "input"


@pytest.mark.parametrize(
    "fields", ['"dx":2,"dy":0', '"dx":0', '"dx":0.5,"dy":0', '"dx":"1","dy":0', '"dx":null,"dy":0']
)
def test_an_input_out_of_the_range_of_the_mode_is_a_bad_message(fields: str) -> None:
    assert bad(f'{{"t":"input","seq":1,{fields}}}', DUEL).kind == "input"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"t":"resume","resume_token":"r","last_tick":3.0}',
            client_frames.Resume(resume_token="r", last_tick=3),
        ),
        ('{"t":"input","seq":4294967295.0}', client_frames.Input(seq=4294967295)),
        ('{"t":"input","seq":1e2}', client_frames.Input(seq=100)),
        ('{"t":"queue.cancel","id":7.0}', client_frames.QueueCancel(id=7)),
        ('{"t":"queue.cancel","id":-0.0}', client_frames.QueueCancel(id=0)),
        ('{"t":"ping","ts":9.0,"id":1.0}', client_frames.Ping(ts=9, id=1)),
        ('{"t":"ping","ts":1.5,"id":1.0}', client_frames.Ping(ts=1.5, id=1)),
        ('{"t":"ping","ts":9.0}', client_frames.Ping(ts=9.0)),
    ],
)
def test_a_whole_number_written_with_a_point_is_an_integer(
    text: str, message: client_frames.ClientMessage
) -> None:
    read = SEATLESS.decode(text)
    assert read == message
    assert type(read.id) is type(message.id)


def test_inputs_written_with_a_point_move_the_player() -> None:
    message = DUEL.decode('{"t":"input","seq":3.0,"dy":-1.0,"dx":1.0}')
    assert isinstance(message, client_frames.Input)
    assert (message.seq, DUEL.input_values(message)) == (3, [1, -1])
    assert all(type(value) is int for value in (message.seq, *DUEL.input_values(message)))


@pytest.mark.parametrize(
    "fields",
    [
        *('"seq":1.0,"dx":0.5,"dy":0', '"seq":1.5,"dx":1.0,"dy":0', '"seq":1.0,"dx":2.0,"dy":0'),
        *('"seq":0.0,"dx":0,"dy":0', '"seq":1e300,"dx":0,"dy":0', '"seq":1.0,"dx":"1","dy":0'),
        *('"seq":1.0,"dx":true,"dy":0', '"seq":4294967296.0,"dx":0,"dy":0', '"seq":1.0,"dx":0'),
    ],
)
def test_a_point_excuses_no_other_fault(fields: str) -> None:
    refused = bad(f'{{"t":"input","id":7.0,{fields}}}', DUEL)
    assert (refused.kind, refused.re) == ("input", 7)
    assert type(refused.re) is int


@given(st.integers(min_value=-(2**60), max_value=2**60))
def test_a_number_reads_the_same_with_and_without_a_point(number: int) -> None:
    def read(text: str) -> object:
        try:
            return SEATLESS.decode(f'{{"t":"input","seq":{text},"id":{text}}}')
        except BadMessage:
            return None

    # 2**53을 넘는 수는 실수로 쓰는 순간 이미 다른 수다. 그런 수는 어느 쪽으로 써도 id의 범위 밖이다.
    assert read(f"{float(number):.1f}") == read(str(number))


def test_other_messages_read_the_same_while_seated() -> None:
    assert DUEL.decode('{"t":"ping","ts":2}') == client_frames.Ping(ts=2)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
fields = st.dictionaries(
    st.sampled_from(
        ["id", "trace", "token", "mode", "seq", "dx", "dy", "match_id", "ts", "resume_token", "x"]
    ),
    json_values,
)


@given(kind=st.sampled_from([*sorted(client_frames.CLIENT_KINDS), "dance", ""]) | json_values, rest=fields)
def test_any_json_object_is_a_message_or_a_bad_message(kind: Any, rest: dict[str, Any]) -> None:
    text = json.dumps({"t": kind, **rest})
    try:
        message = DUEL.decode(text)
    except BadMessage:
        return
    assert kind_of(message) == kind


@given(text=st.text(max_size=60))
def test_any_text_is_read_or_refused_in_one_of_two_ways(text: str) -> None:
    try:
        DUEL.decode(text)
    except (BadFrame, BadMessage):
        return
