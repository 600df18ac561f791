"""오류의 글: 던지는 자리마다 상수이고 값이 맞으며, 영어가 빠짐없이 있고 남지 않는다."""

from __future__ import annotations

import pytest

from kernel.errors import InvalidArgument, NotFound, Unavailable, error_from_code
from kernel.messages import CATALOG_FILES, fill, is_korean, placeholders, tell, translate
from kernel.po import read_po
from tests.unit.kernel.error_sources import Said, said_in, said_messages

WHERE = f"{CATALOG_FILES['en']}에 msgid와 msgstr를 더하십시오"
ENTRIES = [entry for entry in read_po(CATALOG_FILES["en"].read_text(encoding="utf-8")) if entry.source]
ENGLISH = {entry.source: entry for entry in ENTRIES}
SAID = said_messages()


def test_every_message_is_a_constant_and_never_an_f_string() -> None:
    broken = [said.where for said in SAID if said.source is None]
    assert broken == [], "오류의 글은 상수여야 합니다(f-string 대신 이름 있는 값): " + ", ".join(broken)


@pytest.mark.parametrize("said", SAID, ids=lambda said: said.where)
def test_a_message_is_given_just_the_values_it_names(said: Said) -> None:
    assert placeholders(said.source or "") == said.params, f"{said.where}: {said.source}"


def test_every_message_has_its_english() -> None:
    missing = sorted(
        {said.source for said in SAID if said.source and is_korean(said.source)} - ENGLISH.keys()
    )
    assert missing == [], f"영어가 없는 글입니다. {WHERE}"


def test_no_english_is_left_over() -> None:
    assert sorted(ENGLISH.keys() - {said.source for said in SAID}) == [], "쓰이지 않는 번역입니다. 지우십시오"
    assert len(ENTRIES) == len(ENGLISH), "같은 원문이 두 번 있습니다"


@pytest.mark.parametrize("source", sorted(ENGLISH))
def test_the_english_names_the_same_values_and_holds_no_hangul(source: str) -> None:
    for text in ENGLISH[source].forms.values():
        assert placeholders(text) == placeholders(source)
        assert not is_korean(text)


def test_the_walk_sees_f_strings_renamed_imports_and_own_subclasses() -> None:
    code = "\n".join(
        [
            "from kernel.errors import InvalidArgument as Bad, NotFound",
            "from elsewhere import PermissionDenied",
            "class Lost(NotFound): ...",
            'raise Bad(f"{x}")',
            'Lost("가 {a}", a=1, retry_after_ms=2)',
            'PermissionDenied("남의 것")',
        ]
    )
    assert [(said.source, set(said.params)) for said in said_in(code, "a.py")] == [
        (None, set()),
        ("가 {a}", {"a"}),
    ]


def test_an_error_is_told_in_both_languages() -> None:
    error = InvalidArgument("까닭을 1자에서 {max_chars}자로 적어 주십시오", max_chars=200)
    assert (
        error.message
        == error.detail_in("ko")
        == error.detail_in(None)
        == "까닭을 1자에서 200자로 적어 주십시오"
    )
    assert error.detail_in("en") == "Give a reason of 1 to 200 characters"
    assert (error.title_in("ko"), error.title_in("en")) == ("잘못된 요청입니다", "Invalid request")


def test_a_reason_nobody_translated_falls_back_to_the_title() -> None:
    error = error_from_code("NOT_FOUND", "다음 판의 상대가 말한 까닭")
    assert error.detail_in("ko") == "다음 판의 상대가 말한 까닭"
    assert error.detail_in("en") == NotFound().detail_in("en") == "Not found"


def test_a_text_of_values_only_is_the_same_in_every_language() -> None:
    assert InvalidArgument("{reasons}", reasons="name: too long").detail_in("en") == "name: too long"


def test_the_same_error_again_says_the_same() -> None:
    again = Unavailable("{target}의 지표를 받지 못했습니다", target="gateway1", retry_after_ms=7).again()
    assert (type(again), again.detail_in("en"), again.retry_after_ms) == (
        Unavailable, "No metrics came from gateway1", 7,
    )  # fmt: skip


def test_a_value_that_is_missing_leaves_its_place_and_values_are_not_templates() -> None:
    assert fill("{a} {b}", {"a": "{b}"}) == "{b} {b}"


def test_what_is_not_translated_is_told_as_it_is_written() -> None:
    assert translate("번역이 없는 글", {}, "en") is None
    assert tell("번역이 없는 글", "en") == "번역이 없는 글"
