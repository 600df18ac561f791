"""목록을 CSV로: 보던 것과 같은 거르기로, 쪽을 이어 읽으며 끝까지 흘려보낸다. 엑셀이 여는 UTF-8(BOM)이다.

줄의 수에 상한이 없고, 한 번에 쪽 하나만 기억에 있다. 도중에 실패하면 연결이 끊긴다(`webserver.http_handler`):
잘린 파일이 온전한 파일로 보이지 않는다. 시각은 언제나 UTC이고 그렇게 적힌다(+00:00).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from ops.paging import Page

R = TypeVar("R")
BOM: Final = "\ufeff"
# 표 계산기가 식으로 읽는 첫 글자들(동아시아의 판은 온각도 읽는다). 선수의 이름에 올 수 있다.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_response(
    name: str, columns: Sequence[str], read: Callable[[str], Page[R]], row_of: Callable[[R], Iterable[Any]]
) -> StreamingHttpResponse:
    """`read(after)`로 쪽을 이어 읽어 끝까지 흘려보낸다. 첫 쪽의 실패는 여기서 난다."""
    first = read("")
    response = StreamingHttpResponse(
        _lines(columns, first, read, row_of), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.csv")
    return response


def export_name(what: str, chosen: Iterable[str], at: datetime) -> str:
    """파일의 이름: 무엇을, 무엇으로 걸러, 언제(UTC)."""
    return "-".join(
        ["hanpan", what, *(part for part in chosen if part), f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"]
    )


def utc_cell(at: datetime | None) -> str:
    """시각의 칸: 밀리초까지의 ISO 8601, UTC. 없으면 비어 있다."""
    return "" if at is None else at.astimezone(UTC).isoformat(timespec="milliseconds")


def _lines(
    columns: Sequence[str],
    page: Page[R],
    read: Callable[[str], Page[R]],
    row_of: Callable[[R], Iterable[Any]],
) -> Iterator[str]:
    yield BOM + _line(columns)
    while True:
        yield "".join(_line(row_of(row)) for row in page.rows)
        if page.following is None:
            return
        page = read(page.following)


def _line(cells: Iterable[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([safe_cell(cell) for cell in cells])
    return buffer.getvalue()


def safe_cell(cell: Any) -> str:
    """칸 하나. 식으로 읽힐 글에는 작은따옴표를 앞세운다(숫자는 그대로다)."""
    text = "" if cell is None else str(cell)
    if isinstance(cell, str) and (
        text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS)
    ):
        return f"'{text}"
    return text
