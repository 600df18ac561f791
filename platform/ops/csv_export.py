"""목록을 CSV로: 보던 것과 같은 거르기로, 쪽을 이어 읽으며 흘려보낸다. 엑셀이 여는 UTF-8(BOM)이다."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

from django.http import StreamingHttpResponse

from ops.paging import Page

R = TypeVar("R")
MAX_ROWS: Final = 10_000
BOM: Final = "\ufeff"
# 표 계산기가 식으로 읽는 첫 글자들. 선수의 이름에 올 수 있다.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_response(
    name: str, columns: Sequence[str], read: Callable[[str], Page[R]], row_of: Callable[[R], Iterable[Any]]
) -> StreamingHttpResponse:
    """`read(after)`로 쪽을 이어 읽어 흘려보낸다. 많아야 MAX_ROWS줄이고, 첫 쪽의 실패는 여기서 난다."""
    first = read("")
    response = StreamingHttpResponse(
        _lines(columns, first, read, row_of), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _lines(
    columns: Sequence[str],
    page: Page[R],
    read: Callable[[str], Page[R]],
    row_of: Callable[[R], Iterable[Any]],
) -> Iterator[str]:
    yield BOM + _line(columns)
    sent = 0
    while True:
        rows = page.rows[: MAX_ROWS - sent]
        sent += len(rows)
        yield "".join(_line(row_of(row)) for row in rows)
        if page.following is None or sent >= MAX_ROWS:
            return
        page = read(page.following)


def _line(cells: Iterable[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([safe_cell(cell) for cell in cells])
    return buffer.getvalue()


def safe_cell(cell: Any) -> str:
    """칸 하나. 식으로 읽힐 글에는 작은따옴표를 앞세운다(숫자는 그대로다)."""
    text = "" if cell is None else str(cell)
    if isinstance(cell, str) and text.startswith(FORMULA_STARTS):
        return f"'{text}"
    return text
