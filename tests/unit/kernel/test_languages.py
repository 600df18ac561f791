"""언어를 고르는 법."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.languages import LANGUAGES, language_of_environment, language_of_header, language_of_tag


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "ko"), ("", "ko"), ("*", "ko"), (" , ;", "ko"),
        ("en", "en"), ("ko-KR,ko;q=0.9,en;q=0.8", "ko"), ("en-US,en;q=0.9,ko;q=0.8", "en"),
        ("fr", "en"), ("fr, de;q=0.5", "en"), ("fr, ko;q=0.1", "ko"), ("ko;q=0.1, en;q=0.2", "en"),
        ("ko;q=0, *", "en"), ("en;q=0", "ko"), ("fr, en;q=0", "ko"), ("EN_us", "en"),
        ("ko;q=zwei, en;q=0.1", "en"), ("kok", "en"), ("x" * 5000, "en"),
    ],
)  # fmt: skip
def test_the_header_picks_the_language(header: str | None, language: str) -> None:
    assert language_of_header(header) == language


@given(st.text(max_size=60))
def test_whatever_is_asked_one_of_ours_is_given(header: str) -> None:
    assert language_of_header(header) in LANGUAGES


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"), ({"LANG": "C.UTF-8"}, "en"), ({"LANG": "ko_KR.UTF-8"}, "ko"), ({"LANG": "fr_FR"}, "en"),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "ko_KR.UTF-8"}, "en"),
        ({"LC_MESSAGES": "ko_KR", "LANG": "en_US.UTF-8"}, "ko"),
        ({"LC_ALL": "", "LANG": "ko"}, "ko"),
    ],
)  # fmt: skip
def test_the_locale_picks_the_language_of_commands(environ: dict[str, str], language: str) -> None:
    assert language_of_environment(environ) == language


@pytest.mark.parametrize(
    ("tag", "language"), [(None, "ko"), (" ", "ko"), ("en-GB", "en"), ("ko", "ko"), ("ja", "en")]
)
def test_a_named_language(tag: str | None, language: str) -> None:
    assert language_of_tag(tag) == language
