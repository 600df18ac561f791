"""찾는 열쇠: 다르게 적은 같은 글은 같은 열쇠이고, 글의 일부의 열쇠는 글의 열쇠의 일부다."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text.search_key import KEY_MAX_CHARS, search_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SKY", "sky"), ("ÄRGER", "ärger"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("ПРИВЕТ", "привет"),
        ("STRASSE", "straße"),
        ("ＡＢＣ１", "abc1"), ("ｱｲ", "アイ"), ("İSTANBUL", "istanbul"), ("ﬁn", "FIN"), ("ᎣᎦ", "ꭳꭶ"),
        (unicodedata.normalize("NFD", "노을"), "노을"), ("❤\ufe0f", "❤"), ("한  판", "한 판"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u062e"),
    ],
)  # fmt: skip
def test_two_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert search_key(one) == search_key(other) != ""


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "\u200d\ufe0f"])
def test_what_nobody_sees_has_no_key(text: str) -> None:
    assert search_key(text) == ""


def test_letters_with_and_without_accents_differ() -> None:
    assert search_key("café") != search_key("cafe")


@given(st.text(max_size=60))
def test_a_key_is_its_own_key_and_fits_its_column(text: str) -> None:
    key = search_key(text)
    assert search_key(key) == key
    assert len(key) <= KEY_MAX_CHARS


HANGUL = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)
WORDS = st.text(st.one_of(HANGUL, st.sampled_from("abcXYZ019-_.")), min_size=1, max_size=24)


@given(WORDS, st.data())
def test_a_part_of_a_name_is_found_in_its_key(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    part = name[start : data.draw(st.integers(start + 1, len(name)))]
    assert search_key(part.swapcase()) in search_key(name)
