"""gRPC 요청 안의 번호를 우리 표기 하나로 읽는다: 대소문자만 다른 번호는 같은 번호다.

번호가 아닌 글은 그대로 두어 처리하는 쪽이 거절하게 한다. 메시지의 모양(descriptor)에서 번호의 칸을 찾으므로
새로 생긴 부름도 빠지지 않는다.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from kernel.ids import read_id

ID_FIELDS: Final = frozenset(
    {"match_id", "forming_match_id", "player_id", "player_ids", "ticket_id", "waiting_ticket_ids"}
)


@dataclass(frozen=True, slots=True)
class _Plan:
    """메시지 하나에서 볼 칸들."""

    single: tuple[str, ...]
    repeated: tuple[str, ...]
    nested: tuple[str, ...]
    nested_repeated: tuple[str, ...]


def unify_ids(message: Any) -> Any:
    """메시지 안의 번호를 모두 우리 표기로 고치고 그 메시지를 준다."""
    plan = _plan_of(message.DESCRIPTOR)
    for name in plan.single:
        value = getattr(message, name)
        if value and (found := read_id(value)) is not None and found != value:
            setattr(message, name, found)
    for name in plan.repeated:
        values = getattr(message, name)
        values[:] = [read_id(value) or value for value in values]
    for name in plan.nested:
        if message.HasField(name):
            unify_ids(getattr(message, name))
    for name in plan.nested_repeated:
        for row in getattr(message, name):
            unify_ids(row)
    return message


@cache
def _plan_of(descriptor: Descriptor) -> _Plan:
    ids = [field for field in descriptor.fields if field.name in ID_FIELDS]
    nested = [
        field
        for field in descriptor.fields
        if field.type == FieldDescriptor.TYPE_MESSAGE and _holds_ids(field.message_type)
    ]
    return _Plan(
        single=tuple(field.name for field in ids if not _is_list(field)),
        repeated=tuple(field.name for field in ids if _is_list(field)),
        nested=tuple(field.name for field in nested if not _is_list(field)),
        nested_repeated=tuple(field.name for field in nested if _is_list(field)),
    )


@cache
def _holds_ids(descriptor: Descriptor) -> bool:
    inner = [field.message_type for field in descriptor.fields if field.type == FieldDescriptor.TYPE_MESSAGE]
    return any(field.name in ID_FIELDS for field in descriptor.fields) or any(map(_holds_ids, inner))


def _is_list(field: FieldDescriptor) -> bool:
    return bool(field.is_repeated)
