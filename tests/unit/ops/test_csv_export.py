"""CSV: 쪽을 이어 읽고, 상한에서 멈추고, 표 계산기가 식으로 읽을 글을 막는다."""

from __future__ import annotations

import csv
import io

import pytest

from ops import csv_export
from ops.csv_export import csv_response, safe_cell
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


def test_the_export_stops_at_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_export, "MAX_ROWS", 6)
    assert len(exported(20)) == 1 + 6


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_text_that_would_be_a_formula_is_quoted(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


def test_numbers_and_plain_texts_stay_as_they_are() -> None:
    assert [safe_cell(cell) for cell in (-1, 1.5, "가람", None)] == ["-1", "1.5", "가람", ""]
