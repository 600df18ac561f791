"""resume의 경우(contract.md 2.5절): 적힌 시험이 정말 있고, 정한 경우가 빠지지 않았다."""

from __future__ import annotations

import re

import pytest

from kernel.errors import error_from_code
from tests.contract.named_tests import ROOT, names_of_tests

CONTRACT = (ROOT / "design" / "protocol" / "contract.md").read_text(encoding="utf-8")
SECTION = CONTRACT.partition("### 2.5 resume의 경우")[2].partition("\n## ")[0]
ROWS = re.findall(r"^\| ([^|]+) \| ([^|]+) \| `([\w./]+)::(\w+)` \|$", SECTION, flags=re.MULTILINE)


def test_the_table_is_read() -> None:
    assert len(ROWS) >= 18
    assert len({case for case, *_ in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("case", "answer", "path", "name"), ROWS, ids=[row[3] for row in ROWS])
def test_a_case_names_a_test_that_exists_and_codes_that_are_ours(
    case: str, answer: str, path: str, name: str
) -> None:
    assert name in names_of_tests(path), case
    for code in re.findall(r"`([A-Z_]{4,})`", answer):
        assert error_from_code(code).code == code
