"""번역: 쓰인 글은 모두 영어가 있고, 남는 글은 없으며, 관리 화면의 틀은 한국어가 있다."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import rest_framework
import unfold
from django.utils import translation
from django.utils.translation import trans_real
from drf_spectacular.generators import SchemaGenerator

from kernel.messages import is_korean
from kernel.po import PoEntry, read_po
from ops.translations import BORROWED_FILES, PO_FILES
from tests.unit.ops.messages import NotConstant, Used, messages_in, used_messages
from webserver.openapi import CONTEXT, descriptions

PLACEHOLDER = re.compile(r"%\(\w+\)[.0-9]*[sdf]|\{\w*\}")
WHERE = f"{PO_FILES['en']}에 msgid와 msgstr를 더하십시오(문맥이 있으면 msgctxt, 여러 꼴이면 msgid_plural도)"
UNFOLD = Path(unfold.__file__).parent
DRF = Path(rest_framework.__file__).parent


def entries(path: Path) -> dict[Used, PoEntry]:
    read = [entry for entry in read_po(path.read_text(encoding="utf-8")) if entry.source]
    found = {Used(entry.source, entry.context, entry.plural): entry for entry in read}
    assert len(found) == len(read), "같은 글이 두 번 있습니다"
    return found


ENGLISH = entries(PO_FILES["en"])


def all_used() -> dict[Used, str]:
    """코드와 템플릿의 글, 그리고 OpenAPI의 설명이 되는 docstring과 help_text."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    told = {text.partition("\n\n* `")[0] for text in descriptions(schema)}
    return {
        **used_messages(),
        **{Used(text, CONTEXT): "GET /api/schema/" for text in told if is_korean(text)},
    }


def test_every_korean_text_of_the_pages_and_commands_has_its_english() -> None:
    missing = {used: where for used, where in all_used().items() if used not in ENGLISH}
    assert missing == {}, f"영어가 없는 글입니다. {WHERE}"


def test_no_translation_is_left_over() -> None:
    assert sorted(used.source for used in ENGLISH.keys() - all_used().keys()) == [], "쓰이지 않는 번역"


@pytest.mark.parametrize("used", ENGLISH, ids=lambda used: used.source)
def test_a_translation_keeps_the_placeholders_of_its_source_and_holds_no_hangul(used: Used) -> None:
    for text in ENGLISH[used].forms.values():
        assert set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(used.source)), used.source
        assert not is_korean(text)
    last = ENGLISH[used].forms[max(ENGLISH[used].forms)]
    assert sorted(PLACEHOLDER.findall(last)) == sorted(PLACEHOLDER.findall(used.source)), used.source


def test_a_text_with_a_count_has_both_english_forms() -> None:
    for used, entry in ENGLISH.items():
        assert (sorted(entry.forms) == [0, 1]) == bool(used.plural), used.source


def test_the_pages_speak_both_languages_without_a_compiled_file() -> None:
    with translation.override("en"):
        assert translation.gettext("대시보드") == "Dashboard"
        assert translation.pgettext("models", "선수") == "players"
    with translation.override("ko"):
        assert translation.gettext("대시보드") == "대시보드"
        assert translation.gettext("Filters") == "거르기"
    assert not list(PO_FILES["en"].parent.glob("*.mo"))


def test_the_frame_of_the_admin_has_korean_for_each_of_its_words() -> None:
    used = used_messages(UNFOLD, skip="contrib", is_ours=False)
    korean = trans_real.translation("ko")
    missing = [
        text.source
        for text in used
        if korean.ngettext(text.source, text.plural, 1) == text.source
        if korean.gettext(text.source) == text.source
    ]
    assert sorted(missing) == [], f"한국어가 없는 글입니다. {BORROWED_FILES['ko']}에 더하십시오"


def test_no_borrowed_korean_is_left_over() -> None:
    used = {
        text.source
        for text in (
            used_messages(UNFOLD, skip="contrib", is_ours=False)
            | used_messages(DRF, skip="locale", is_ours=False)
        )
    }
    assert {text.source for text in entries(BORROWED_FILES["ko"])} - used == set(), "꾸러미가 더 쓰지 않는 글"


def test_a_text_that_is_not_a_constant_is_named() -> None:
    with pytest.raises(NotConstant, match="상수여야"):
        list(messages_in('gettext(f"{x}판")'))
    assert list(messages_in('ngettext("{}판", "{}판", n)')) == [(Used("{}판", plural="{}판"), 1)]


def test_an_english_number_before_a_plural_noun_knows_its_singular() -> None:
    noun = re.compile(
        r"%\((?:\w+\)d|(?:count|games|matches|others|room|players)\)s) (?!s\b|ms\b)(?:[a-z]+ )?[a-z]+s\b"
    )
    plain = [
        entry.translation
        for used, entry in ENGLISH.items()
        if not used.plural and used.context not in {"one", "other"} and noun.search(entry.translation)
    ]
    assert plain == [], "ngettext나 {% blocktranslate count %}로 두 꼴을 적으십시오"
