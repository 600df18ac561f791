"""정확히 한 번의 문서: 경우마다 번호가 하나씩 이어지고, 적힌 시험이 정말 있다."""

from __future__ import annotations

import re

import pytest

from tests.contract.named_tests import ROOT, names_of_tests

ROWS = re.findall(
    r"^\| (\d+) \|.*\| `([\w./]+)::(\w+)` \|$",
    (ROOT / "design" / "idempotency.md").read_text(encoding="utf-8"),
    flags=re.MULTILINE,
)


def test_the_cases_are_numbered_one_after_the_other() -> None:
    assert [int(number) for number, _, _ in ROWS] == list(range(1, len(ROWS) + 1))
    assert len(ROWS) >= 36


@pytest.mark.parametrize(("number", "path", "name"), ROWS, ids=[number for number, _, _ in ROWS])
def test_a_case_names_a_test_that_exists(number: str, path: str, name: str) -> None:
    assert name in names_of_tests(path), number


@pytest.mark.parametrize(
    "path",
    ["tests/faults/test_finalize_connections.py", "tests/faults/test_finalize_locks.py"],
)
def test_every_fault_of_finalize_is_a_case(path: str) -> None:
    assert names_of_tests(path) <= {name for _, _, name in ROWS}
