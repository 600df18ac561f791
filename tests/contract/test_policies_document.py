"""POLICIES.md의 표가 코드와 같은지: Redis 키와 지표."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from ops.queries.exports import MATCH_COLUMNS, PLAYER_COLUMNS
from redisstore import keys
from tests.contract.defined_metrics import defined_metrics

ROOT = Path(__file__).resolve().parents[2]


def table_rows(text: str, heading: str) -> list[list[str]]:
    """`## heading` 아래 첫 표의 줄들(머리와 금 제외). 칸의 백틱은 벗긴다."""
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    assert lines, f"'{heading}'에 표가 없다"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


POLICIES = (ROOT / "POLICIES.md").read_text(encoding="utf-8")


def test_every_redis_key_of_the_document_is_made_by_its_function_and_none_is_missing() -> None:
    documented = {row[1].strip("`"): row[0].strip("`") for row in table_rows(POLICIES, "Redis 키")}
    functions = {
        name: function
        for name, function in inspect.getmembers(keys, inspect.isfunction)
        if function.__module__ == keys.__name__
    }
    assert set(documented) == set(functions)
    for name, function in functions.items():
        arguments = [f"<{n}>" for n in re.findall(r"<(\w+)>", documented[name])]
        assert function(*arguments) == documented[name]


def metric_rows() -> list[list[str]]:
    """지표의 표: 이름, 형, 단위, 라벨, 움직이는 곳."""
    return table_rows(POLICIES, "지표")


def test_every_metric_of_the_document_exists_with_its_type_and_labels_and_none_is_missing() -> None:
    documented = {
        row[0].strip("`"): (row[1], {label.strip(" `") for label in row[3].split(",") if label.strip()})
        for row in metric_rows()
    }
    defined = {name: (metric._type, set(metric._labelnames)) for name, metric in defined_metrics().items()}
    assert documented == defined


def test_the_end_of_a_name_tells_the_unit() -> None:
    for name, kind, unit, *_ in metric_rows():
        ending = {"_seconds": "초", "_total": "번"}
        told = next((unit for suffix, unit in ending.items() if name.strip("`").endswith(suffix)), "개")
        assert unit == told
        assert (kind == "counter") == name.strip("`").endswith("_total")


@pytest.mark.parametrize("forbidden", ["player", "match_id", "conn", "address", "ip"])
def test_no_metric_carries_a_label_that_names_a_person_or_a_match(forbidden: str) -> None:
    for row in metric_rows():
        assert forbidden not in row[3]


def test_the_columns_of_the_files_are_those_of_the_document_in_their_order() -> None:
    section = POLICIES.split("### CSV의 칸\n", 1)[1].split("\n살아 있는 값은", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][2:]
    told = [tuple(re.findall(r"`(\w+)`", line.strip("| ").split("|")[2])) for line in lines]
    assert told == [MATCH_COLUMNS, PLAYER_COLUMNS]
