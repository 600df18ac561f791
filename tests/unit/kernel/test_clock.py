"""때를 밀리초로 옮기기."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.clock import epoch_ms

START = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("microsecond", "millisecond"), [(0, 0), (718_400, 718), (718_600, 718), (999_999, 999)]
)
def test_what_is_below_a_millisecond_is_dropped(microsecond: int, millisecond: int) -> None:
    assert epoch_ms(datetime(2026, 11, 25, 11, 53, 55, microsecond, tzinfo=UTC)) % 1000 == millisecond


@given(st.integers(min_value=0, max_value=253_402_300_799_999))
def test_every_millisecond_comes_back_exactly(time_ms: int) -> None:
    assert epoch_ms(START + timedelta(milliseconds=time_ms)) == time_ms
