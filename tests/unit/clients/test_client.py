"""입력의 번호: 보낸 것과 적용된 것 가운데 나중의 다음이고, 2^32에서 돈다."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpan_client.client import next_seq

SEQ_MAX = 2**32 - 1
SEQS = st.integers(1, SEQ_MAX)


@pytest.mark.parametrize(
    ("sent", "applied", "following"),
    [
        (0, 0, 1),
        (7, 3, 8),
        (0, 40, 41),
        (SEQ_MAX, SEQ_MAX - 1, 1),
        (1, SEQ_MAX, 2),
        (0, SEQ_MAX, 1),
        (5, 3_000_000_000, 6),
    ],
)
def test_the_next_number_follows_the_later_one(sent: int, applied: int, following: int) -> None:
    assert next_seq(sent, applied) == following


@given(SEQS, SEQS)
def test_a_number_is_always_one_the_server_takes(sent: int, applied: int) -> None:
    following = next_seq(sent, applied)
    assert 1 <= following <= SEQ_MAX
    assert following != sent
