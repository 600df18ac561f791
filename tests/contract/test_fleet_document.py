"""design/fleet.md의 실패의 표: 줄마다 시험이 있고 그 파일이 정말 있다."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "design/fleet.md").read_text("utf-8").split("## 실패하면 어떻게 되는가\n")[1]
ROWS = [line.strip("|").split("|") for line in TABLE.splitlines() if line.startswith("|")][2:]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip())
def test_each_failure_names_a_test_that_is_there(row: list[str]) -> None:
    named = re.findall(r"`(tests/[^`]+)`", row[2])
    assert named
    assert [path for path in named if not (ROOT / path).is_file()] == []
