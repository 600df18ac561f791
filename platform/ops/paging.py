"""운영 목록의 쪽: 마지막 줄의 자리를 기억해 그 뒤부터 읽는다(keyset). 순수하다.

행이 더해져도 이미 본 쪽이 밀리지 않는다. 직원만 보는 화면이라 표시에 서명하지 않고 모양만 본다.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from kernel.errors import InvalidArgument

R = TypeVar("R")
PAGE_ROWS: Final = 50
ID_MAX: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """한 쪽과, 뒤가 더 있으면 다음 쪽의 표시. `is_complete`가 거짓이면 상한까지 찾고 멈췄다."""

    rows: tuple[R, ...]
    following: str | None
    is_complete: bool = True


def cut(rows: Sequence[R], limit: int = PAGE_ROWS) -> tuple[Sequence[R], bool]:
    """하나 더 읽은 행들에서 한 쪽과, 뒤가 더 있는지."""
    return rows[:limit], len(rows) > limit


def parse_row_ids(text: str, count: int) -> tuple[int, ...] | None:
    """`12` 또는 `12.34`처럼 행 번호 `count`개를 적은 표시. 비면 첫 쪽이라 None이다.

    Raises:
        InvalidArgument: 우리가 만든 모양이 아니다.
    """
    if not text:
        return None
    parts = text.split(".")
    if len(parts) != count or not all(part.isascii() and part.isdigit() for part in parts):
        raise InvalidArgument("쪽 표시가 올바르지 않습니다")
    ids = tuple(int(part) for part in parts if len(part) <= len(str(ID_MAX)))
    if len(ids) != count or max(ids) > ID_MAX:
        raise InvalidArgument("쪽 표시가 올바르지 않습니다")
    return ids


def format_row_ids(*ids: int) -> str:
    """`parse_row_ids`가 읽는 글."""
    return ".".join(str(row_id) for row_id in ids)
