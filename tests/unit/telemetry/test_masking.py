"""가리기: 이름으로, 모양으로, 안쪽까지."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from telemetry.logs import configure_logging, get_logger
from telemetry.masking import MASK, SECRET_KEYS, SECRET_PATTERNS, mask_text, mask_value

MATCH_ID = "0190a0b0-1111-7222-8333-444455556666"
PLAYER_ID = "0190a0b0-1111-7222-8333-444455556667"
SECRETS = {
    "a JWT": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "a resume token": f"rs1.{MATCH_ID}.{PLAYER_ID}.s3cr3t_-x",
    "a refresh token": "rt1.s3cr3t_-x",
    "an e-mail": "someone@example.com",
    "an address": "203.0.113.9",
    "a long address": "2001:db8:0:1:2:3:4:5",
    "a header": "Bearer abc.def-ghi",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
def test_a_secret_inside_text_is_masked(secret: str) -> None:
    masked = mask_text(f"앞 {secret} 뒤")
    assert secret not in masked
    assert masked.startswith("앞 ")
    assert masked.endswith(" 뒤")


@pytest.mark.parametrize("plain", ["127.0.15.1:7000", "match.found", "1.2.3", "12:34:56", "gateway1", "0.99"])
def test_what_is_no_secret_stays(plain: str) -> None:
    assert mask_text(plain) == plain


@pytest.mark.parametrize("key", sorted(SECRET_KEYS))
def test_a_secret_name_masks_whatever_it_holds(key: str) -> None:
    assert mask_value(key.upper(), {"deep": "value"}) == MASK


def test_masking_goes_inside_lists_and_mappings() -> None:
    event = {"outer": [{"token": "x"}, "to 203.0.113.9"], "count": 3, "ok": True, "none": None}
    assert mask_value("event", event) == {
        "outer": [{"token": MASK}, f"to {MASK}"],
        "count": 3,
        "ok": True,
        "none": None,
    }


@given(before=st.text(alphabet="ab 가", max_size=8), after=st.text(alphabet="ab 가", max_size=8))
def test_no_surrounding_words_uncover_a_token(before: str, after: str) -> None:
    assert SECRETS["a JWT"] not in mask_text(f"{before} {SECRETS['a JWT']} {after}")


class Output:
    """표준 출력의 대역. 우리 줄과 라이브러리의 줄이 함께 쓴다."""

    def __init__(self) -> None:
        self.stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")

    @property
    def text(self) -> str:
        """지금까지 찍힌 것."""
        return self.stream.buffer.getvalue().decode()  # type: ignore[attr-defined,no-any-return]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """찍힌 JSON 줄들."""
        return [json.loads(line) for line in self.text.splitlines()]


@contextmanager
def logging_as_json(level: str = "INFO") -> Iterator[Output]:
    """설정된 로그가 쓰는 곳. 끝나면 시험의 로그로 되돌린다."""
    root, out = logging.root, Output()
    handlers, before = list(root.handlers), root.level
    try:
        with redirect_stdout(out.stream):
            configure_logging("gateway", "gateway1", level)
            yield out
    finally:
        root.handlers[:] = handlers
        root.setLevel(before)
        structlog.reset_defaults()


def test_a_line_says_what_where_and_when() -> None:
    with logging_as_json() as out:
        get_logger("gateway.test").info("match.found", match_id="m")
    (line,) = out.lines
    assert line["event"] == "match.found"
    assert (line["service"], line["instance"], line["level"]) == ("gateway", "gateway1", "info")
    assert line["match_id"] == "m"
    assert line["ts"].endswith("Z")


def test_our_lines_and_those_of_libraries_have_the_same_fields() -> None:
    with logging_as_json() as out:
        get_logger("gateway.test").warning("one")
        logging.getLogger("library.child").warning("two")
    ours, theirs = out.lines
    assert ours.keys() == theirs.keys()
    assert (ours["logger"], theirs["logger"]) == ("gateway.test", "library.child")


def test_lines_below_the_level_are_not_written() -> None:
    with logging_as_json("WARNING") as out:
        get_logger("gateway.test").info("one")
        logging.getLogger("library.child").info("two")
        get_logger("gateway.test").error("three")
    assert [line["event"] for line in out.lines] == ["three"]


def fail_with(secret: str) -> None:
    """비밀이 든 예외를 던진다."""
    raise ValueError(secret)


def test_secrets_leak_neither_by_fields_nor_arguments_nor_tracebacks() -> None:
    secret = SECRETS["a JWT"]
    with logging_as_json() as out:
        log = get_logger("gateway.test")
        log.info("one", token=secret, note=f"x {secret}")
        logging.getLogger("library.child").warning("two %s", secret)
        try:
            fail_with(secret)
        except ValueError:
            log.exception("three")
    shown = out.lines
    assert [line["event"] for line in shown] == ["one", f"two {MASK}", "three"]
    assert secret not in out.text
    assert "ValueError" in shown[2]["exception"]


@pytest.mark.parametrize(("mark", "pattern"), SECRET_PATTERNS, ids=[mark for mark, _ in SECRET_PATTERNS])
@given(data=st.data())
def test_every_text_that_a_pattern_finds_carries_its_mark(
    mark: str, pattern: re.Pattern[str], data: st.DataObject
) -> None:
    assert mark in data.draw(st.from_regex(pattern))
