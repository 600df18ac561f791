"""OpenAPI의 뒷손질: 모든 부름에 오류의 모양(problem+json)을 단다. 뷰마다 되풀이하지 않는다."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from django.utils import translation

from kernel.errors import ERRORS_BY_CODE

PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457. code는 우리 오류 나무의 이름이다.",
    "required": ["type", "title", "status", "detail", "code", "trace_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "enum": sorted(ERRORS_BY_CODE)},
        "trace_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    },
}
_PROBLEM_RESPONSE = {
    "description": "오류",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


# 번역의 문맥. 원문은 뷰와 모양의 docstring, help_text다.
CONTEXT = "schema"


def tell_in_the_language_of_the_reader(result: dict[str, Any], **_generator: Any) -> dict[str, Any]:
    """설명들을 읽는 이의 언어로 바꾼다. drf-spectacular의 POSTPROCESSING_HOOKS가 부른다."""
    _translate(result)
    return result


def descriptions(value: Any) -> Iterator[str]:
    """설명들. 시험이 빠진 번역을 찾을 때 쓴다."""
    for holder in _holders(value):
        yield holder["description"]


def _translate(result: dict[str, Any]) -> None:
    for holder in list(_holders(result)):
        # 고르는 값들의 목록은 drf-spectacular가 설명 뒤에 붙인다.
        source, mark, rest = holder["description"].partition("\n\n* `")
        holder["description"] = translation.pgettext(CONTEXT, source) + mark + rest


def _holders(value: Any) -> Iterator[dict[str, Any]]:
    """`description`을 가진 사전들. 모양의 칸 이름이 description인 것은 글이 아니다."""
    if isinstance(value, dict):
        if isinstance(value.get("description"), str):
            yield value
        for item in value.values():
            yield from _holders(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _holders(item)


def add_problems(result: dict[str, Any], **_generator: Any) -> dict[str, Any]:
    """drf-spectacular의 POSTPROCESSING_HOOKS가 부른다."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = deepcopy(PROBLEM_SCHEMA)
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = deepcopy(_PROBLEM_RESPONSE)
    return result
