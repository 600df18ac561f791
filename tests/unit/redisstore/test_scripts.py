"""Lua 스크립트의 머리말: 무엇을 하는지, 쓰는 KEYS와 ARGV와 답이 무엇인지가 빠지지 않는다."""

from __future__ import annotations

import re

import pytest

from redisstore.scripts import LUA_DIR

TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(LUA_DIR.glob("*.lua"))}


def missing_from_the_header(text: str) -> list[str]:
    """본문이 쓰는데 머리말이 말하지 않는 것들."""
    lines = text.splitlines()
    end = next((at for at, line in enumerate(lines) if not line.startswith("--")), len(lines))
    header, body = "\n".join(lines[:end]), "\n".join(lines[end:])
    told = {
        "한 줄의 뜻": re.match(r"-- (?!KEYS|ARGV|답)\S", header),
        "답": re.search(r"^-- 답", header, re.MULTILINE),
        **{key: key in header for key in re.findall(r"KEYS\[\d+\]", body)},
        **({"ARGV": re.search(r"^-- ARGV", header, re.MULTILINE)} if "ARGV" in body else {}),
    }
    return [what for what, is_told in told.items() if not is_told]


@pytest.mark.parametrize("name", TEXTS)
def test_the_header_says_what_goes_in_and_what_comes_out(name: str) -> None:
    assert missing_from_the_header(TEXTS[name]) == []


def test_what_a_header_forgets_is_named() -> None:
    body = "redis.call('SET', KEYS[1], ARGV[1])\nreturn 1\n"
    assert missing_from_the_header(body) == ["한 줄의 뜻", "답", "KEYS[1]", "ARGV"]
    assert (
        missing_from_the_header(f"-- 적는다.\n-- KEYS[1]  string\n-- ARGV     1 값\n-- 답       1\n{body}")
        == []
    )
