"""직접 쓰는 자료 프레임의 머리가 RFC 6455와 같은지 본다."""

from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode

from gateway.wire import FIN_BINARY, FIN_TEXT, _frame_header, _text_of


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
@pytest.mark.parametrize(("first_byte", "opcode"), [(FIN_TEXT, Opcode.TEXT), (FIN_BINARY, Opcode.BINARY)])
def test_the_header_is_what_the_library_writes(length: int, first_byte: int, opcode: Opcode) -> None:
    payload = bytes(length)
    assert _frame_header(first_byte, length) + payload == Frame(opcode, payload).serialize(mask=False)


def test_utf8_is_judged_over_all_fragments() -> None:
    whole = "한판".encode()
    assert _text_of([whole[:2], whole[2:]]) == "한판"
    assert _text_of([whole[:2]]) is None
