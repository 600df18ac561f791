"""갱신 토큰의 판정: 유예의 앞뒤, 끝난 집안, 지난 토큰."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from players.identity.refresh_rules import RefreshRules, RefreshVerdict, hash_of, judge, new_refresh_token
from telemetry.masking import mask_text

RULES = RefreshRules(ttl_s=1000, grace_s=10)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("ended_s", "left_s", "rotated_s", "verdict"),
    [
        (None, 1, None, RefreshVerdict.ROTATED),
        (None, 1, 0, RefreshVerdict.REPEATED),
        (None, 1, 10, RefreshVerdict.REPEATED),
        (None, 1, 10.001, RefreshVerdict.REUSED),
        (None, 0, None, RefreshVerdict.EXPIRED),
        (None, 0, 999, RefreshVerdict.EXPIRED),
        (5, 1, None, RefreshVerdict.ENDED),
        (5, 1, 999, RefreshVerdict.ENDED),
    ],
)
def test_each_case_has_its_verdict(
    ended_s: float | None, left_s: float, rotated_s: float | None, verdict: RefreshVerdict
) -> None:
    assert verdict is judge(
        RULES,
        NOW,
        ended_at=None if ended_s is None else ago(ended_s),
        expires_at=NOW + timedelta(seconds=left_s),
        rotated_at=None if rotated_s is None else ago(rotated_s),
    )


def test_a_token_is_256_bits_and_only_its_hash_is_kept() -> None:
    tokens = {new_refresh_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token.removeprefix("rt1.")) for token in tokens} == {43}
    assert {mask_text(f"got {token}") for token in tokens} == {"got ***"}
    assert not any(token in hash_of(token) for token in tokens)
