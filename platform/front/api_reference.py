"""OpenAPI의 글에서 사람이 읽을 것만 골라낸다. 스키마는 한 번 짓고 나눠 쓴다."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from front.public_schema import PUBLIC_PREFIX, PublicSchemaGenerator

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Field:
    """칸 하나."""

    name: str
    kind: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """부름 하나."""

    method: str
    path: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    answers: tuple[tuple[str, tuple[Field, ...]], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """같은 앞머리의 부름들."""

    prefix: str
    operations: tuple[Operation, ...]


@cache
def sections() -> tuple[Section, ...]:
    """누구에게나 보이는 모든 부름."""
    schema: dict[str, Any] = PublicSchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    found: dict[str, list[Operation]] = {PUBLIC_PREFIX: []}
    for path, methods in schema["paths"].items():
        for prefix, operations in found.items():
            if path.startswith(prefix):
                operations.extend(
                    _operation(method, path, methods[method], schema)
                    for method in METHODS
                    if method in methods
                )
    return tuple(Section(prefix, tuple(operations)) for prefix, operations in found.items())


def _operation(method: str, path: str, told: dict[str, Any], schema: dict[str, Any]) -> Operation:
    parameters = tuple(
        Field(each["name"], _kind(each["schema"]), bool(each.get("required")))
        for each in told.get("parameters", [])
    )
    answers = tuple(
        (status, _fields(answer, schema))
        for status, answer in told["responses"].items()
        if status != "default"
    )
    return Operation(method.upper(), path, parameters, _fields(told.get("requestBody", {}), schema), answers)


def _fields(holder: dict[str, Any], schema: dict[str, Any]) -> tuple[Field, ...]:
    """본문의 JSON 객체의 칸들."""
    media = holder.get("content", {}).get("application/json")
    if media is None:
        return ()
    shape = _resolved(media["schema"], schema)
    required = set(shape.get("required", ()))
    return tuple(
        Field(name, _kind(each), name in required) for name, each in shape.get("properties", {}).items()
    )


def _resolved(shape: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    reference = shape.get("$ref")
    if reference is None:
        return shape
    resolved: dict[str, Any] = schema["components"]["schemas"][reference.rsplit("/", 1)[1]]
    return resolved


def _kind(shape: dict[str, Any]) -> str:
    """형의 짧은 이름."""
    if "$ref" in shape:
        return str(shape["$ref"].rsplit("/", 1)[1])
    if shape.get("type") == "array":
        return f"[{_kind(shape.get('items', {}))}]"
    kind = shape.get("type", "any")
    name = " | ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{name} ({shape['format']})" if "format" in shape else name
