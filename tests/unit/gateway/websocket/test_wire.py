"""직접 쓰고 읽는 자료 프레임이 라이브러리의 것과 같은지 본다(RFC 6455)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from gateway.websocket.wire import FIN_BINARY, FIN_TEXT, _frame_header, _text_of, at_frame_start, short_text

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
@pytest.mark.parametrize(("first_byte", "opcode"), [(FIN_TEXT, Opcode.TEXT), (FIN_BINARY, Opcode.BINARY)])
def test_the_header_is_what_the_library_writes(length: int, first_byte: int, opcode: Opcode) -> None:
    payload = bytes(length)
    assert _frame_header(first_byte, length) + payload == Frame(opcode, payload).serialize(mask=False)


def test_utf8_is_judged_over_all_fragments() -> None:
    whole = "한판".encode()
    assert _text_of([whole[:2], whole[2:]]) == "한판"
    assert _text_of([whole[:2]]) is None


@given(st.binary(max_size=125))
def test_a_short_text_is_unmasked_like_the_library_does(payload: bytes) -> None:
    assert short_text(Frame(Opcode.TEXT, payload).serialize(mask=True)) == payload


@pytest.mark.parametrize(
    "data",
    [
        b"",
        Frame(Opcode.TEXT, b"x" * 126).serialize(mask=True),
        Frame(Opcode.TEXT, b"x").serialize(mask=False),
        Frame(Opcode.TEXT, b"x", fin=False).serialize(mask=True),
        b"\xc1" + Frame(Opcode.TEXT, b"x").serialize(mask=True)[1:],  # 확장이 쓰는 비트
        Frame(Opcode.BINARY, b"x").serialize(mask=True),
        Frame(Opcode.CONT, b"x").serialize(mask=True),
        Frame(Opcode.CLOSE, b"").serialize(mask=True),
        Frame(Opcode.TEXT, b"x").serialize(mask=True) * 2,
        Frame(Opcode.TEXT, b"xyz").serialize(mask=True)[:-1],
    ],
    ids=[
        "nothing", "long", "bare", "not-final", "extension", "binary", "continued", "close", "two", "cut",
    ],
)  # fmt: skip
def test_anything_but_one_whole_short_text_is_left_to_the_library(data: bytes) -> None:
    assert short_text(data) is None


def opened() -> ServerProtocol:
    """인사를 마친 소켓."""
    conn = ServerProtocol()
    conn.receive_data(HANDSHAKE)
    (request,) = conn.events_received()
    assert isinstance(request, Request)
    conn.send_response(conn.accept(request))
    return conn


@given(st.lists(st.binary(max_size=300), max_size=4), st.data())
def test_a_frame_starts_only_where_the_last_one_ended(payloads: list[bytes], data: st.DataObject) -> None:
    conn, sent = opened(), 0
    frames = [Frame(Opcode.BINARY, payload).serialize(mask=True) for payload in payloads]
    ends = {sum(map(len, frames[:count])) for count in range(len(frames) + 1)}
    stream = b"".join(frames)
    assert at_frame_start(conn)
    while sent < len(stream):
        piece = data.draw(st.integers(min_value=1, max_value=len(stream) - sent))
        conn.receive_data(stream[sent : sent + piece])
        sent += piece
        assert at_frame_start(conn) == (sent in ends)


def test_between_the_fragments_of_a_message_no_text_may_start() -> None:
    conn = opened()
    conn.receive_data(Frame(Opcode.TEXT, b"x", fin=False).serialize(mask=True))
    assert not at_frame_start(conn)
    conn.receive_data(Frame(Opcode.CONT, b"y").serialize(mask=True))
    assert at_frame_start(conn)
