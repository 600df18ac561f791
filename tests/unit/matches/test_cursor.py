"""순위표의 쪽 표시: 우리가 준 것만, 준 모드에서만 통한다."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidArgument
from kernel.ids import new_id
from matches.cursor import CURSOR_CHARS, Cursor, decode_cursor, encode_cursor

SECRET = b"secret"
cursors = st.builds(
    Cursor,
    st.floats(allow_nan=False, allow_infinity=False),
    st.uuids().map(str),
    st.integers(0, 2**32 - 1),
)


@given(cursors)
def test_a_cursor_comes_back_exactly(cursor: Cursor) -> None:
    text = encode_cursor(SECRET, "duel", cursor)
    assert decode_cursor(SECRET, "duel", text) == cursor
    assert len(text) <= CURSOR_CHARS


def test_a_cursor_belongs_to_its_mode_and_its_secret() -> None:
    text = encode_cursor(SECRET, "duel", Cursor(1500.0, new_id(), 20))
    for secret, mode in ((SECRET, "arena"), (b"other", "duel")):
        with pytest.raises(InvalidArgument):
            decode_cursor(secret, mode, text)


@given(cursors, st.integers(0), st.sampled_from("AZaz09-_"))
def test_a_changed_cursor_is_refused(cursor: Cursor, index: int, replacement: str) -> None:
    text = encode_cursor(SECRET, "duel", cursor)
    at = index % (len(text) - 1)
    if text[at] == replacement:
        return
    with pytest.raises(InvalidArgument):
        decode_cursor(SECRET, "duel", text[:at] + replacement + text[at + 1 :])


@given(st.text(max_size=100))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument):
        decode_cursor(SECRET, "duel", text)
