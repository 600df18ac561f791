"""번역: 쓰인 글은 모두 영어가 있고, 남는 글은 없으며, .po는 우리가 아는 모양이다."""

from __future__ import annotations

import re

from django.utils import translation

from kernel.po import read_po
from ops.translations import PO_FILES
from tests.unit.ops.messages import used_messages

PLACEHOLDER = re.compile(r"%\(\w+\)[.0-9]*[sdf]|\{\}")


def english() -> dict[str, str]:
    entries = read_po(PO_FILES["en"].read_text(encoding="utf-8"))
    return {entry.source: entry.translation for entry in entries if entry.source}


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
