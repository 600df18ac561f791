"""환경 변수의 값: 범위를 넘은 값은 어느 변수인지 말하며 거절된다."""

from __future__ import annotations

import pytest

from environment.env import (
    COUNTDOWN_MAX_MS,
    ENGLISH_TABLE,
    TABLE_HEADS,
    EnvError,
    env,
    env_table,
    main,
    table_in,
)
from gameservices.session.rooms.room import START_WAIT_S
from kernel.languages import ENGLISH, KOREAN
from kernel.messages import is_korean
from kernel.po import read_po
from redisstore import keys


@pytest.mark.parametrize("text", ["-1", "10001", "1.5", ""])
def test_a_countdown_outside_its_bounds_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("HANPAN_START_COUNTDOWN_MS", text)
    with pytest.raises(EnvError, match="HANPAN_START_COUNTDOWN_MS"):
        _ = env.start_countdown_ms


@pytest.mark.parametrize("text", ["play.example", "ftp://play.example", "//play.example", ""])
def test_a_public_address_that_is_neither_http_nor_https_is_refused(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("HANPAN_PUBLIC_URL", text)
    with pytest.raises(EnvError, match="HANPAN_PUBLIC_URL"):
        _ = env.public_url


def test_the_record_of_a_match_outlives_its_wait_its_countdown_and_its_drain() -> None:
    """기록과 가드의 수명은 판 길이에 MATCH_GRACE_MS를 더한 것이다."""
    longest_start_ms = 1000 * START_WAIT_S + COUNTDOWN_MAX_MS
    left_to_write_ms = keys.MATCH_GRACE_MS - env.drain_grace_ms - longest_start_ms
    assert left_to_write_ms >= 30_000


def test_every_variable_is_explained_in_both_languages() -> None:
    assert [line for line in table_in(ENGLISH).splitlines() if is_korean(line)] == []
    rows = table_in(KOREAN).splitlines()
    assert len(rows) == len(table_in(ENGLISH).splitlines()) == 2 + len(env_table())
    assert [line for line in rows if not is_korean(line)] == [rows[1]]


def test_no_english_is_left_behind_by_a_variable_that_is_gone() -> None:
    sources = {entry.source for entry in read_po(ENGLISH_TABLE.read_text("utf-8"))} - {""}
    assert sources == {*TABLE_HEADS, *(var.help for var in env_table())}


@pytest.mark.parametrize(
    ("asked", "head"), [("ko_KR.UTF-8", "| 이름 |"), ("en_US.UTF-8", "| Name |"), ("C", "| Name |")]
)
def test_the_table_follows_the_language_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], asked: str, head: str
) -> None:
    monkeypatch.setenv("LC_ALL", asked)
    main()
    assert capsys.readouterr().out.startswith(head)
