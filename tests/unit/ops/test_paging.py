"""쪽 표시: 우리가 만든 모양만 받고, 만든 것은 그대로 읽힌다."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidArgument
from ops.paging import ID_MAX, cut, format_row_ids, parse_row_ids


@given(st.lists(st.integers(0, ID_MAX), min_size=1, max_size=3))
def test_a_mark_is_read_as_it_was_written(ids: list[int]) -> None:
    assert parse_row_ids(format_row_ids(*ids), len(ids)) == tuple(ids)


def test_no_mark_is_the_first_page() -> None:
    assert parse_row_ids("", 2) is None


@pytest.mark.parametrize(
    "text", ["x", "-1", "1.2", "1 ", "٣", "1e3", str(ID_MAX + 1), "9" * 40, "' OR 1=1", "0x10", "."]
)
def test_a_mark_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument):
        parse_row_ids(text, 1)


@given(st.lists(st.integers(), max_size=12), st.integers(1, 5))
def test_a_page_is_cut_where_more_follows(rows: list[int], limit: int) -> None:
    shown, has_more = cut(rows, limit)
    assert list(shown) == rows[:limit]
    assert has_more == (len(rows) > limit)
