"""이름과 아이디의 규칙: 보이는 이름만, 정해진 글자의 아이디만."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidArgument
from kernel.ids import new_id
from players.names import clean_name, clean_username, guest_name, username_key


@pytest.mark.parametrize("name", ["가", "한판 선수", "a" * 24, "Ünïcödé", "🎮", "  양옆  "])
def test_a_visible_name_is_kept_without_its_edges(name: str) -> None:
    assert clean_name(name) == name.strip()


@pytest.mark.parametrize(
    "name",
    ["", "   ", "a" * 25, "줄\n바꿈", "탭\t칸", "\u200b", "보이\u200d않는", "\u3164", "\u2800", "a\u00a0b",
     "\ud800", "\u202egnp", "\u0301", "\ue000"],
)  # fmt: skip
def test_a_name_nobody_can_see_is_refused(name: str) -> None:
    with pytest.raises(InvalidArgument, match="이름"):
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
    assert 1 <= len(name) <= 24
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
