"""OpenAPI의 뒷손질: 모든 부름에 오류의 모양(problem+json)을 단다. 뷰마다 되풀이하지 않는다."""

from __future__ import annotations

from typing import Any

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


def add_problems(result: dict[str, Any], **_generator: Any) -> dict[str, Any]:
    """drf-spectacular의 POSTPROCESSING_HOOKS가 부른다."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = _PROBLEM_RESPONSE
    return result
