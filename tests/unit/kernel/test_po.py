"""번역 파일을 읽는 법: 이은 줄, 문맥, 여러 꼴, 모르는 줄."""

from __future__ import annotations

import gettext
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.po import PoEntry, PoError, compile_catalog, read_po

HEADER = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"""
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\x04"), min_size=1, max_size=20
)


def catalog(text: str) -> gettext.GNUTranslations:
    return gettext.GNUTranslations(io.BytesIO(compile_catalog(read_po(HEADER + text))))


def test_lines_are_joined_and_untranslated_texts_are_left_out() -> None:
    text = "\n".join(
        [
            "# 말", 'msgid ""', 'msgstr "머리\\n"', "",
            "#: a.py", 'msgid "가"', '"나"', 'msgstr "a\\"b"', "",
            'msgid "다"', 'msgstr ""', "",
        ]
    )  # fmt: skip
    assert [(entry.source, entry.translation) for entry in read_po(text)] == [("", "머리\n"), ("가나", 'a"b')]


def test_the_number_picks_the_form() -> None:
    games = catalog(
        'msgid "{count}판"\nmsgid_plural "{count}판"\nmsgstr[0] "{count} game"\nmsgstr[1] "{count} games"\n'
    )
    assert [games.ngettext("{count}판", "{count}판", n) for n in (0, 1, 2)] == [
        "{count} games", "{count} game", "{count} games",
    ]  # fmt: skip


def test_a_form_that_is_missing_leaves_the_text_untranslated() -> None:
    assert read_po('msgid "판"\nmsgid_plural "판"\nmsgstr[0] "game"\nmsgstr[1] ""\n') == []


def test_the_same_source_means_another_thing_in_another_context() -> None:
    words = catalog('msgid "대기열"\nmsgstr "Queue"\n\nmsgctxt "글"\nmsgid "대기열"\nmsgstr "Line"\n')
    assert (words.gettext("대기열"), words.pgettext("글", "대기열")) == ("Queue", "Line")


@pytest.mark.parametrize("text", ["msgid x", 'msgid "x', 'msgid ("a",)', "what", 'msgstr[x] "a"', '"홀로"'])
def test_a_line_of_another_shape_is_refused_by_number(text: str) -> None:
    with pytest.raises(PoError, match="2째 줄"):
        read_po(f"# 첫 줄\n{text}\n")


@given(st.dictionaries(texts, texts, max_size=10))
def test_the_standard_library_reads_what_we_compile(messages: dict[str, str]) -> None:
    header = PoEntry(forms={0: "Content-Type: text/plain; charset=UTF-8\n"})
    entries = [PoEntry(source=source, forms={0: text}) for source, text in messages.items()]
    read = gettext.GNUTranslations(io.BytesIO(compile_catalog([header, *entries])))
    assert {source: read.gettext(source) for source in messages} == messages
