"""주소 표의 모든 줄(관리 화면과 라이브러리의 것까지)을 걷는다."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

_PLACE = re.compile(r"\(\?P<\w+>[^)]*\)|<[^>]+>")


def every_pattern() -> list[tuple[str, URLPattern]]:
    """(주소의 꼴, 그 줄)들."""
    return list(_walk(get_resolver(), ""))


def _walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for each in resolver.url_patterns:
        shape = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each, shape)
        else:
            yield shape, each


def has_place(shape: str) -> bool:
    """주소에 값이 들어갈 자리가 있는가."""
    return bool(_PLACE.search(shape))


def filled(shape: str, value: str) -> str:
    """자리마다 `value`를 넣은 주소. 정해진 낱말만 받는 자리에는 그 가운데 하나를 넣는다."""

    def pick(found: re.Match[str]) -> str:
        words = re.fullmatch(r"\(\?P<\w+>([\w|]+)\)", found[0])
        return words[1].split("|")[0] if words else value

    return "/" + _PLACE.sub(pick, shape).replace("^", "").replace("$", "")
