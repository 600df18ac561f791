"""CSV: 쪽을 끝까지 이어 읽고, 표 계산기가 식으로 읽을 글을 막는다."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta, timezone

import pytest

from ops.csv_export import csv_response, export_name, safe_cell, utc_cell
from ops.paging import Page


def pages(total: int, size: int) -> list[Page[int]]:
    cuts = [tuple(range(start, min(start + size, total))) for start in range(0, max(total, 1), size)]
    return [Page(rows, str(index + 1) if index + 1 < len(cuts) else None) for index, rows in enumerate(cuts)]


def exported(total: int, size: int = 4) -> list[list[str]]:
    made = pages(total, size)
    response = csv_response("x", ["n"], lambda after: made[int(after or 0)], lambda row: [row])
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("total", [0, 1, 4, 9])
def test_every_page_is_read_in_order(total: int) -> None:
    assert exported(total) == [["n"], *([str(n)] for n in range(total))]


def test_an_export_has_no_limit_and_holds_one_page_at_a_time() -> None:
    read: list[int] = []

    def page(after: str) -> Page[int]:
        read.append(int(after or 0))
        return Page((read[-1],), str(read[-1] + 1) if read[-1] < 30_000 else None)

    parts = iter(csv_response("x", ["n"], page, lambda row: [row]).streaming_content)
    next(parts), next(parts), next(parts)
    assert read == [0, 1]
    assert sum(1 for _ in parts) == 29_999


def test_the_name_of_a_file_says_what_and_when() -> None:
    at = datetime(2026, 1, 3, 0, 4, 5, tzinfo=timezone(timedelta(hours=9)))
    assert export_name("matches", ("duel", ""), at) == "hanpan-matches-duel-20260102T150405Z"
    response = csv_response(
        export_name("players", ("가",), at), ["n"], lambda _: Page((), None), lambda row: row
    )
    assert "filename*=utf-8''hanpan-players-%EA%B0%80-20260102T150405Z.csv" in response["Content-Disposition"]


def test_a_time_is_told_in_utc_with_its_offset() -> None:
    assert utc_cell(datetime(2026, 1, 3, 0, 4, 5, 6000, tzinfo=timezone(timedelta(hours=9)))) == (
        "2026-01-02T15:04:05.006+00:00"
    )
    assert utc_cell(None) == ""


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1+1", "＠x", "  =1"])
def test_a_text_that_would_be_a_formula_is_quoted(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


def test_numbers_and_plain_texts_stay_as_they_are() -> None:
    assert [safe_cell(cell) for cell in (-1, 1.5, "가람", None)] == ["-1", "1.5", "가람", ""]
