"""번역: 쓰인 글은 모두 영어가 있고, 남는 글은 없으며, .po는 우리가 아는 모양이다."""

from __future__ import annotations

import gettext
import io
import re

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from ops.translations import PO_FILES, PoError, compile_catalog, read_po
from tests.unit.ops.messages import used_messages

PLACEHOLDER = re.compile(r"%\(\w+\)[.0-9]*[sdf]|\{\}")
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\x04"), min_size=1, max_size=20
)


def english() -> dict[str, str]:
    return {
        source: text for source, text in read_po(PO_FILES["en"].read_text(encoding="utf-8")).items() if source
    }


def test_every_text_of_the_pages_is_translated_and_no_translation_is_left_over() -> None:
    assert english().keys() == used_messages().keys()


def test_a_translation_keeps_the_placeholders_of_its_source() -> None:
    for source, text in english().items():
        assert sorted(PLACEHOLDER.findall(source)) == sorted(PLACEHOLDER.findall(text)), source


def test_no_english_text_is_left_in_korean() -> None:
    assert [text for text in english().values() if re.search("[가-힣]", text)] == []


def test_the_pages_speak_both_languages_without_a_compiled_file() -> None:
    with translation.override("en"):
        assert translation.gettext("대시보드") == "Dashboard"
    with translation.override("ko"):
        assert translation.gettext("대시보드") == "대시보드"
    assert not list(PO_FILES["en"].parent.glob("*.mo"))


def test_lines_are_joined_and_untranslated_texts_are_left_out() -> None:
    text = "\n".join(
        [
            "# 말", 'msgid ""', 'msgstr "머리\\n"', "",
            "#: a.py", 'msgid "가"', '"나"', 'msgstr "a\\"b"', "",
            'msgid "다"', 'msgstr ""', "",
        ]
    )  # fmt: skip
    assert read_po(text) == {"": "머리\n", "가나": 'a"b'}


@pytest.mark.parametrize(
    "text", ['msgid_plural "x"', "msgid x", 'msgctxt "x"', 'msgid "x', 'msgid ("a",)', "what"]
)
def test_a_line_of_another_shape_is_refused_by_number(text: str) -> None:
    with pytest.raises(PoError, match="2째 줄"):
        read_po(f"# 첫 줄\n{text}\n")


@given(st.dictionaries(texts, texts, max_size=10))
def test_the_standard_library_reads_what_we_compile(messages: dict[str, str]) -> None:
    header = {"": "Content-Type: text/plain; charset=UTF-8\n"}
    catalog = gettext.GNUTranslations(io.BytesIO(compile_catalog({**header, **messages})))
    assert {source: catalog.gettext(source) for source in messages} == messages
