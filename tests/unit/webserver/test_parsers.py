"""요청 본문의 JSON."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.utils.translation import override
from rest_framework.exceptions import ParseError, ValidationError

from webserver.parsers import StrictJSONParser


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b'{"a": 1e400}', b'"\xff"', b"[" * 60_000])
def test_a_body_that_is_not_json_is_told_so(body: bytes) -> None:
    with pytest.raises(ParseError):
        StrictJSONParser().parse(BytesIO(body))


@pytest.mark.parametrize("body", [b"null", b"[]", b"[{}]", b"1", b"true", b'"text"'])
@pytest.mark.parametrize(
    ("language", "told"), [("ko", "본문은 JSON 객체여야 합니다"), ("en", "The body must be a JSON object")]
)
def test_json_that_is_no_object_is_refused_in_the_language_of_the_reader(
    body: bytes, language: str, told: str
) -> None:
    with override(language), pytest.raises(ValidationError) as refusal:
        StrictJSONParser().parse(BytesIO(body))
    assert refusal.value.detail == [told]


def test_an_object_is_read_as_it_is() -> None:
    assert StrictJSONParser().parse(BytesIO(b'{"name": null}')) == {"name": None}
