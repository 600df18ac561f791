"""숫자와 시각의 글."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.utils import translation
from pytest_django import Settings

from ops.templatetags import ops_format as show


@pytest.mark.parametrize(
    ("milliseconds", "korean", "english"),
    [
        (None, "–", "–"),
        (0, "0 ms", "0 ms"),
        (999, "999 ms", "999 ms"),
        (1000, "1.0초", "1.0 s"),
        (59_940, "59.9초", "59.9 s"),
        (60_000, "1분 00초", "1 min 00 s"),
        (3_599_999, "59분 59초", "59 min 59 s"),
        (7_500_000, "2시간 05분", "2 h 05 min"),
    ],
)
def test_a_duration_is_said_in_both_languages(milliseconds: int | None, korean: str, english: str) -> None:
    with translation.override("ko"):
        assert show.duration(milliseconds) == korean
    with translation.override("en"):
        assert show.duration(milliseconds) == english


def test_a_moment_is_told_in_utc_with_its_zone_and_marked_up() -> None:
    at = datetime(2026, 1, 2, 15, 4, 5, 678_000, tzinfo=UTC)
    assert show.moment(at.astimezone(timezone(timedelta(hours=9)))) == (
        '<time datetime="2026-01-02T15:04:05.678Z" data-shape="full" title="2026-01-02 15:04:05 UTC">'
        "2026-01-02 15:04:05 UTC</time>"
    )
    assert 'title="2026-01-02 15:04:05 UTC">15:04:05.678 UTC</time>' in show.clock(
        round(at.timestamp() * 1000)
    )
    assert 'data-shape="ago"' in show.ago(at)
    assert show.moment(None) == show.clock(None) == show.ago(None) == "–"


@pytest.mark.parametrize(
    ("change", "shown"),
    [(12.4, ("up", "+12")), (-0.6, ("down", "−1")), (0.4, ("level", "±0")), (-0.4, ("level", "±0"))],
)
def test_a_change_carries_its_sign(change: float, shown: tuple[str, str]) -> None:
    assert show.delta(change) == f'<span class="delta {shown[0]}">{shown[1]}</span>'


def test_a_long_id_shows_its_head_and_tail() -> None:
    assert show.short_id("01a20974-9a5f-7917-99e2-b09c38d22897") == "01a20974…2897"
    assert show.short_id("session1") == "session1"


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (0.99987, "99.987 %"), (1.0, "100 %"), (0.95, "95 %"), (0.4567, "45.7 %"), (0.001, "0.1 %"),
        (-2.0, "-200 %"),
    ],
)  # fmt: skip
def test_a_share_is_told_finely_near_the_whole(part: float, told: str) -> None:
    assert show.share(part) == told


def test_a_trace_leads_to_its_page_when_the_address_is_known(settings: Settings) -> None:
    settings.TRACE_URL = ""
    assert show.traced("ab" * 16) == f"<code>{'ab' * 16}</code>"
    settings.TRACE_URL = "https://traces.example/t/{trace_id}?x=1&y=2"
    assert f'href="https://traces.example/t/{"ab" * 16}?x=1&amp;y=2"' in show.traced("ab" * 16)
    assert show.traced("") == "–"


def test_a_window_that_is_fully_open_has_no_number() -> None:
    assert show.window(137.5) == "±138"
    with translation.override("en"):
        assert show.window(float("inf")) == "anyone"
