"""이름과 아이디의 규칙: 보이는 이름만, 정해진 글자의 아이디만."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidArgument
from kernel.ids import new_id
from players.names import NAME_MAX_CODE_POINTS, clean_name, clean_username, guest_name, username_key
from text.visible import cluster_count

FAMILY = "👨\u200d👩\u200d👧\u200d👦"


@pytest.mark.parametrize(
    "name",
    [
        "가",
        "한판 선수",
        "a" * 24,
        "Ünïcödé",
        "🎮",
        "  양옆  ",
        FAMILY * 12,
        "🇰🇷" * 24,
        "می\u200cخواهم",
        "नमस्ते",
    ],
)
def test_a_visible_name_is_kept_without_its_edges(name: str) -> None:
    assert clean_name(name) == name.strip()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "1-24자"), ("   ", "1-24자"), ("a" * 25, "1-24자"), ("🇰🇷" * 25, "1-24자"),
        ("a" * 9_999, "1-24자"),
        (FAMILY * 14, "코드포인트 96개"), ("क्" * 60 + "क", "코드포인트 96개"),
        ("줄\n바꿈", "보이지 않는"), ("탭\t칸", "보이지 않는"), ("\u200b", "보이지 않는"),
        ("보이\u200d않는", "보이지 않는"), ("\u3164", "보이지 않는"), ("\u2800", "보이지 않는"),
        ("a\u00a0b", "보이지 않는"), ("\ud800", "보이지 않는"), ("\u202egnp", "보이지 않는"),
        ("\ue000", "보이지 않는"), ("葛\U000e0100", "보이지 않는"), ("\u0301", "붙을 글자가 없는"),
        ("Z\u0351\u0357\u0364a\u0337l", "너무 많이 붙은"),
    ],
)  # fmt: skip
def test_a_name_nobody_can_see_is_refused_and_told_why(name: str, told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        clean_name(name)


def test_two_spellings_of_one_syllable_are_one_name() -> None:
    assert clean_name(unicodedata.normalize("NFD", "한글")) == "한글"


@given(st.text(max_size=40))
def test_what_is_accepted_stays_the_same_when_cleaned_again(text: str) -> None:
    try:
        name = clean_name(text)
    except InvalidArgument:
        return
    assert clean_name(name) == name
    assert 1 <= cluster_count(name) <= 24
    assert len(name) <= NAME_MAX_CODE_POINTS
    name.encode("utf-8")


def test_a_guest_always_gets_a_name_that_is_allowed() -> None:
    name = guest_name(new_id())
    assert clean_name(name) == name


@pytest.mark.parametrize("username", ["abc", "A.b_c-9", "x" * 32])
def test_a_plain_username_is_kept(username: str) -> None:
    assert clean_username(username) == username


@pytest.mark.parametrize("username", ["ab", "x" * 33, "한글아이디", "a b c", "abc\n", "a@b.c", "abc "])
def test_another_username_is_refused(username: str) -> None:
    with pytest.raises(InvalidArgument, match="아이디"):
        clean_username(username)


def test_usernames_differ_only_beyond_case() -> None:
    assert username_key("Player.One") == username_key("pLAYER.oNE")
