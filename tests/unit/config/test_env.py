"""환경 변수의 값: 범위를 넘은 값은 어느 변수인지 말하며 거절된다."""

from __future__ import annotations

import pytest

from config.env import COUNTDOWN_MAX_MS, EnvError, env
from gameservices.session.room import START_WAIT_S
from redisstore import keys


@pytest.mark.parametrize("text", ["-1", "10001", "1.5", ""])
def test_a_countdown_outside_its_bounds_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("HANPAN_START_COUNTDOWN_MS", text)
    with pytest.raises(EnvError, match="HANPAN_START_COUNTDOWN_MS"):
        _ = env.start_countdown_ms


def test_the_record_of_a_match_outlives_its_wait_its_countdown_and_its_drain() -> None:
    """기록과 가드의 수명은 판 길이에 MATCH_GRACE_MS를 더한 것이다."""
    longest_start_ms = 1000 * START_WAIT_S + COUNTDOWN_MAX_MS
    left_to_write_ms = keys.MATCH_GRACE_MS - env.drain_grace_ms - longest_start_ms
    assert left_to_write_ms >= 30_000
