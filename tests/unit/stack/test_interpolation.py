"""Compose 변수의 치환."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stack.errors import StackError
from stack.interpolation import interpolate, interpolate_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${HOST}", "h1"),
        ("$HOST:80", "h1:80"),
        ("http://${HOST:-redis}:${PORT:-6379}/", "http://h1:6379/"),
        ("${EMPTY:-default}", "default"),
        ("${EMPTY-default}", ""),
        ("${MISSING}", ""),
        ("${MISSING:-}", ""),
        ("${HOST:?필요}", "h1"),
        ("$$HOME 그대로", "$HOME 그대로"),
        ("${JSON:-}", '{"duel":{"duration_ms":4000}}'),
    ],
)
def test_a_variable_becomes_its_value_or_its_default(text: str, expected: str) -> None:
    variables = {"HOST": "h1", "EMPTY": "", "JSON": '{"duel":{"duration_ms":4000}}'}
    assert interpolate_text(text, variables) == expected


@pytest.mark.parametrize("text", ["${", "${A", "$", "${1A}", "${A:=b}"])
def test_a_malformed_variable_is_refused(text: str) -> None:
    with pytest.raises(StackError, match="표기"):
        interpolate_text(text, {})


def test_a_required_variable_names_itself_when_missing() -> None:
    with pytest.raises(StackError, match=r"TOKEN.*서명에 씁니다"):
        interpolate_text("${TOKEN:?서명에 씁니다}", {})


@given(st.text(alphabet=st.characters(exclude_characters="$"), max_size=30))
def test_text_without_a_dollar_is_kept(text: str) -> None:
    assert interpolate_text(text, {}) == text


def test_every_text_of_a_tree_is_filled_and_the_rest_is_kept() -> None:
    tree = {"a": ["${X}", 1, None], "${X}": {"b": "${X}", "c": True}}
    assert interpolate(tree, {"X": "v"}) == {"a": ["v", 1, None], "${X}": {"b": "v", "c": True}}
