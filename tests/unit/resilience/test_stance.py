"""여는 몸가짐과 닫는 몸가짐."""

from __future__ import annotations

import pytest

from kernel.errors import Unavailable
from resilience.stance import Stance


def test_an_open_stance_goes_on_with_the_other_answer_and_counts_it() -> None:
    counted: list[int] = []
    stance = Stance.fail_open(counted.append)
    assert stance.answer(Unavailable(), lambda: "기억하던 값", items=3) == "기억하던 값"
    assert counted == [3]


def test_a_closed_stance_throws_the_very_failure_and_never_asks_for_another_answer() -> None:
    failure, asked = Unavailable(), []
    with pytest.raises(Unavailable) as thrown:
        Stance.fail_closed().answer(failure, lambda: asked.append(1))
    assert thrown.value is failure
    assert asked == []


def test_a_closed_stance_counts_too_where_it_was_given_a_metric() -> None:
    counted: list[int] = []
    with pytest.raises(Unavailable):
        Stance.fail_closed(counted.append).answer(Unavailable(), lambda: None)
    assert counted == [1]
