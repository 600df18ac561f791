"""Lua의 인자: 자리로 읽는 것은 다섯까지이고, 넘으면 이름을 붙여 하나(ARGV[1])로 받는다(`scripts.named`)."""

from __future__ import annotations

import re

import pytest

from redisstore.scripts import LUA_DIR

MAX_POSITIONS = 5
DECODE = "local arg = cjson.decode(ARGV[1])"
SCRIPTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(LUA_DIR.glob("*.lua"))}
NAMED = {name: text for name, text in SCRIPTS.items() if "cjson" in text}


def _code(text: str) -> str:
    return re.sub(r"--.*", "", text)


def _fixed_positions(text: str) -> int:
    """자리로 읽는 홀로인 인자의 수. 뒤에 이어지는 목록은 세지 않는다."""
    code = _code(text)
    indexes = [
        int(each) for index in re.findall(r"ARGV\[([^\]]*)\]", code) for each in re.findall(r"\d+", index)
    ]
    lists = re.findall(r"for \w+ = (\d+), #ARGV|unpack\(ARGV, (\d+)", code)
    starts = [int(loop or rest) - 1 for loop, rest in lists]
    counted = [int(each) for each in re.findall(r"#ARGV - (\d+)", code)]
    return max(0, *indexes, *starts, *counted)


def _names_in_header(text: str) -> set[str]:
    header = text.split("-- ARGV[1]  이름 붙은 인자:", 1)[1].split("-- 답", 1)[0]
    return set(re.findall(r"[a-z_]+", re.sub(r"\([^)]*\)", "", header)))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_reads_at_most_five_arguments_by_their_place(name: str) -> None:
    assert _fixed_positions(SCRIPTS[name]) <= MAX_POSITIONS


@pytest.mark.parametrize("name", NAMED)
def test_named_arguments_are_the_only_ones_and_the_header_tells_them_all(name: str) -> None:
    code = _code(NAMED[name])
    assert code.count(DECODE) == 1
    assert code.count("ARGV") == 1
    assert set(re.findall(r"\barg\.(\w+)", code)) == _names_in_header(NAMED[name])


def test_the_scripts_with_many_arguments_name_them() -> None:
    assert set(NAMED) == {"ticket_join", "server_heartbeat", "match_claim", "match_open"}


@pytest.mark.parametrize(
    "code",
    [
        "redis.call('SET', KEYS[1], ARGV[6])",
        "for i = 7, #ARGV, 2 do",
        "local many = #ARGV - 11",
        "redis.call('HSET', KEYS[1], unpack(ARGV, 7 + seats))",
        "redis.call('HSET', seat, 'current', ARGV[6 + i])",
    ],
)
def test_the_search_sees_a_sixth_argument(code: str) -> None:
    assert _fixed_positions(code) > MAX_POSITIONS


def test_a_list_after_five_arguments_is_not_a_sixth_one() -> None:
    assert _fixed_positions("for i = 6, #ARGV do\n  seen[ARGV[i]] = ARGV[5]\nend") == MAX_POSITIONS
