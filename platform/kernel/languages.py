"""우리가 말하는 언어 둘과 고르는 법. 순수하다.

한국어가 원문이다. 아무것도 청하지 않으면 한국어, 우리가 모르는 언어만 청하면 영어로 답한다.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

KOREAN: Final = "ko"
ENGLISH: Final = "en"
LANGUAGES: Final = (KOREAN, ENGLISH)
# 아무 언어도 청하지 않았을 때, 그리고 우리가 모르는 언어만 청했을 때.
DEFAULT_LANGUAGE: Final = KOREAN
FALLBACK_LANGUAGE: Final = ENGLISH
_HEADER_MAX_CHARS = 1000


def known_language(tag: str | None) -> str | None:
    """`ko-KR`, `en_US.UTF-8` 같은 이름의 언어. 우리가 모르면 None이다."""
    primary = (tag or "").strip().lower().replace("_", "-").split(".")[0].split("-")[0]
    return primary if primary in LANGUAGES else None


def language_of_tag(tag: str | None) -> str:
    """청한 언어 하나. 비었으면 한국어, 모르면 영어다."""
    return (known_language(tag) or FALLBACK_LANGUAGE) if tag and tag.strip() else DEFAULT_LANGUAGE


def language_of_header(accept_language: str | None) -> str:
    """Accept-Language(RFC 9110)에서 고른다. 무게가 같으면 앞선 것이고, 읽을 수 없는 조각은 없는 것과 같다."""
    asked: list[tuple[float, str]] = []
    for part in (accept_language or "")[:_HEADER_MAX_CHARS].split(","):
        tag, _, parameters = part.partition(";")
        weight = _weight(parameters)
        if tag.strip() and weight is not None:
            asked.append((weight, tag.strip()))
    if not asked:
        return DEFAULT_LANGUAGE
    refused = {known_language(tag) for weight, tag in asked if weight == 0}
    for weight, tag in sorted(asked, key=lambda row: -row[0]):
        language = _any_but(refused) if tag == "*" else known_language(tag)
        if weight > 0 and language is not None and language not in refused:
            return language
    return _any_but(refused, first=FALLBACK_LANGUAGE)


def language_of_environment(environ: Mapping[str, str]) -> str:
    """명령줄의 언어: LC_ALL, LC_MESSAGES, LANG 가운데 먼저 있는 것. 한국어가 아니면 영어다."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            return known_language(value) or FALLBACK_LANGUAGE
    return FALLBACK_LANGUAGE


def _weight(parameters: str) -> float | None:
    """`q=0.5`의 값. 없으면 1이고 읽을 수 없으면 None이다."""
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return None
    return weight if name.strip().lower() == "q" and 0 <= weight <= 1 else None


def _any_but(refused: set[str | None], first: str = DEFAULT_LANGUAGE) -> str:
    others = [language for language in (first, *LANGUAGES) if language not in refused]
    return others[0] if others else first
