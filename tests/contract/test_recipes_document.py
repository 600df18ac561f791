"""무엇을 더하는 법(design/recipes.md): 가리키는 파일과 시험이 정말 있다."""

from __future__ import annotations

import re

import pytest

from tests.contract.named_tests import ROOT, names_of_tests

RECIPES = (ROOT / "design" / "recipes.md").read_text(encoding="utf-8")
NAMED_TESTS = re.findall(r"`([\w./]+\.py)::(\w+)`", RECIPES)
PATHS = sorted(set(re.findall(r"`([\w./-]+/[\w./-]+|[A-Z]+\.md)`", RECIPES)))
TOPICS = [
    "지표",
    "로그 사건",
    "운영 화면의 쪽",
    "Lua 스크립트",
    "gRPC 호출",
    "게임 모드",
    "표(마이그레이션)",
    "권한",
    "설정",
]


def test_every_topic_has_its_steps_in_order() -> None:
    sections = RECIPES.split("\n## ")[1:]
    titles = [section.splitlines()[0] for section in sections]
    assert titles[: len(TOPICS)] == TOPICS
    for section in sections[: len(TOPICS)]:
        steps = [int(number) for number in re.findall(r"^\| (\d+)\. ", section, flags=re.MULTILINE)]
        assert steps == list(range(1, len(steps) + 1))
        assert len(steps) >= 2


@pytest.mark.parametrize(("path", "name"), NAMED_TESTS, ids=[name for _, name in NAMED_TESTS])
def test_a_step_names_a_test_that_exists(path: str, name: str) -> None:
    assert name in names_of_tests(path)


def test_every_path_of_the_recipes_exists() -> None:
    assert len(PATHS) > 25
    assert [path for path in PATHS if not (ROOT / path).exists()] == []


def test_the_newcomer_s_nine_tasks_are_there() -> None:
    rows = RECIPES.split("## 처음 온 사람의", 1)[1].split("| --- | --- |\n", 1)[1].strip().splitlines()
    assert len(rows) == 9
