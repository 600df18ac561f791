"""눈에 보이는 글: 세상의 이름은 받고, 보이지 않거나 쌓인 것은 받지 않는다."""

from __future__ import annotations

import unicodedata

import pytest
import unicodedata2
from hypothesis import example, given
from hypothesis import strategies as st

from text.visible import Fault, cluster_count, fault_of, visible_form

# (글, 사람이 세는 글자 수)
VISIBLE = [
    ("김철수", 3), ("ㅋㅋㅋ", 3), ("O'Neil-Smith 2", 14), ("Łódź", 4), ("¯\\_(ツ)_/¯", 9), ("か゚き", 2),
    ("\u0645\u062d\u0645\u062f", 4),
    ("\u0645\u064f\u062d\u064e\u0645\u0651\u064e\u062f", 4),  # 아랍의 모음점
    ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", 7),  # 페르시아의 ZWNJ
    ("\u0639\u0644\u06cc\u200c\u0631\u0636\u0627", 6),
    ("क्षत्रिय", 3), ("क्\u200dषमा", 2), ("ज़िंदगी", 3),  # 힌디: ZWJ, 누크타
    ("র\u200d\u09cdযাব", 2), ("അവന്\u200d", 3), ("ශ\u0dca\u200dරී", 2),  # 벵골, 말라얄람, 싱할라
    ("ผู้เล่น", 4), ("น้ำ", 1), ("บริสุทธิ์", 5),  # 타이의 쌓인 모음
    ("Nguyễn", 6), ("Trần Thị Hồng", 13), ("ᾧ", 1),
    ("မြို့", 1), ("བསྒྲུབས", 4), ("ស្ត្រី", 1), ("שָׁלוֹם", 4),
    ("\U00020000\U0002a6d7\U0002ebf0\U000323b0", 4),  # 한자 확장 B, C, I, J
    ("👨\u200d👩\u200d👧\u200d👦", 1), ("🏳\ufe0f\u200d🌈", 1), ("👩\u200d❤\ufe0f\u200d💋\u200d👨", 1),
    ("🧑🏽\u200d🦰", 1), ("🙂\u200d↔\ufe0f", 1), ("⛓\ufe0f\u200d💥", 1), ("👍🏽", 1),
    ("❤\ufe0f", 1), ("❤", 1),
    ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 1), ("🇰🇷🇯🇵", 2),
    ("1\ufe0f\u20e3#\u20e3", 2),
    ("\U0001fae9", 1), ("\U0001fadf", 1), ("\U0001faea", 1),  # 유니코드 16과 17의 이모지
    ("\U0001fafe", 1),  # 아직 정해지지 않은 이모지의 자리
    ("★彡", 2), ("©®™", 3), ("ⓗⓐⓝ", 3), ("한 판", 3),
]  # fmt: skip
HIDDEN = [
    "\u200b", "a\u200bb", "a\u200cb", "a\u200db", "한\u200d판", "a\u00adb", "a\u034fb", "a\u2060b", "\ufeffa",
    "\u3164", "\u115f", "\u1160", "\uffa0", "\u2800", "\u180e", "a\u061cb", "a\u17b4",
    "\u202egnp", "a\u2066b\u2069", "\u200fa", "a\u200e",
    "a\ufe0f", "1\ufe0f", "葛\U000e0100", "葛\ufe00", "😀\ufe0e", "ᠠ\u180b", "😀\u200d", "\u200d😀",
    "😀\u200da",
    "😀\U000e0067\U000e007f", "🏴\U000e0067\U000e0062", "\U000e0041", "a\U000e0061b",
    "क\u200d", "\u0938\u200c\u0938",
    "a\nb", "a\tb", "a\u00a0b", "a\u3000b", "a\u2028b", "\ue000", "\u0378", "\ud800", "\U0010ffff",
    "\ufffc", "\ufffd", "\U0001d159", "\U00013441", "\u06dd", "\u0600a",
]  # fmt: skip
EGYPTIAN_BLANKS = "\U00013441\U00013442"
LONE = ["\u0301", "\u0301a", "a \u0301b", "😀\u0301", "-\u0301", "\u0e47", "a\u20dd", "a\u0489", "a\u20e3"]
STACKED = [
    "Z\u0351\u0357\u0364a", "e\u0302\u0303\u0301", "ก\u0e47\u0e47\u0e47", "a\u0301\u0301",
    "ม\u0e38\u0e34\u0e48",
    "\u0628\u064e\u064f\u0650", "क\u093f\u093f", "가\u0300\u0301\u0302",
]  # fmt: skip


@pytest.mark.parametrize(("text", "clusters"), VISIBLE, ids=[ascii(text) for text, _ in VISIBLE])
def test_the_names_of_the_world_are_visible(text: str, clusters: int) -> None:
    form = visible_form(text)
    assert form == unicodedata.normalize("NFC", text)
    assert fault_of(form) is None
    assert cluster_count(form) == clusters


@pytest.mark.parametrize("text", HIDDEN, ids=ascii)
def test_what_draws_nothing_is_hidden(text: str) -> None:
    assert fault_of(visible_form(text)) is Fault.HIDDEN


@pytest.mark.parametrize("text", LONE, ids=ascii)
def test_a_mark_needs_a_letter(text: str) -> None:
    assert fault_of(visible_form(text)) is Fault.LONE_MARK


@pytest.mark.parametrize("text", STACKED, ids=ascii)
def test_marks_do_not_pile_up(text: str) -> None:
    assert fault_of(visible_form(text)) is Fault.STACKED_MARKS


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("  양옆\u3000", "양옆"),
        ("한   판", "한 판"),
        (unicodedata.normalize("NFD", "한글 Nguyễn"), "한글 Nguyễn"),
        ("😀\ufe0f", "😀"),  # 이미 그림인 이모지의 꼴 고르개
        (
            "\u062f\u0627\u0631\u062f\u200c\u0647\u0627",
            "\u062f\u0627\u0631\u062f\u0647\u0627",
        ),  # 잇지 않는 글자 뒤
        ("\u0645\u06cc\u200c\u200c\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("\u0645\u06cc\u200c", "\u0645\u06cc"),
    ],
)
def test_what_changes_nothing_to_the_eye_is_left_out_of_the_form(text: str, form: str) -> None:
    assert visible_form(text) == form
    assert fault_of(form) is None


def test_the_tables_are_newer_than_those_of_python() -> None:
    newer = [chr(code) for code in range(0x110000) if _is_new(chr(code))]
    assert len(newer) > 20_000
    for char in newer:
        if unicodedata2.category(char)[0] in "LNPS" and char not in EGYPTIAN_BLANKS:
            assert fault_of(char) is None, hex(ord(char))


def _is_new(char: str) -> bool:
    if unicodedata.category(char) != "Cn" or unicodedata2.category(char) == "Cn":
        return False
    return unicodedata2.normalize("NFC", char) == char


PIECES = st.one_of(
    st.characters(exclude_categories=()),
    st.sampled_from(
        [char for text in [*HIDDEN, *LONE, *STACKED, *(text for text, _ in VISIBLE)] for char in text]
    ),
    st.sampled_from([text for text, _ in VISIBLE]),
)
LINES = st.lists(PIECES, max_size=12).map("".join)


@given(LINES)
@example("👨‍👩‍👧\ufe0f\ufe0f")
@example("ب\u200c\u200c \u200c")
def test_the_form_is_reached_in_one_step(text: str) -> None:
    form = visible_form(text)
    assert visible_form(form) == form
    assert unicodedata2.normalize("NFC", form) == form


@given(LINES)
def test_what_is_visible_holds_no_stranger_to_the_eye(text: str) -> None:
    form = visible_form(text)
    if fault_of(form) is None:
        assert not {unicodedata2.category(char) for char in form} & {"Cc", "Cs", "Co", "Zl", "Zp", "Me"} or (
            "\u20e3" in form
        )
        left = form.translate(dict.fromkeys(map(ord, "\u200c\u200d\ufe0f")))
        assert "\u200b" not in left
        assert all(not 0x202A <= ord(char) <= 0x202E and not 0x2066 <= ord(char) <= 0x2069 for char in left)


@given(st.lists(st.sampled_from([text for text, _ in VISIBLE]), min_size=1, max_size=6))
def test_names_side_by_side_stay_visible(parts: list[str]) -> None:
    assert fault_of(visible_form(" ".join(parts))) is None
