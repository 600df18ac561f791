"""가드를 묶어 읽기."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from gateway.guard_batch import GuardBatch
from kernel.errors import Unavailable


class Table:
    """가드의 표."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.is_down = False

    async def player_guards(self, player_ids: Sequence[str]) -> list[str | None]:
        self.asked.append(list(player_ids))
        if self.is_down:
            raise Unavailable
        return [f"match:{each}" if each.startswith("seated") else None for each in player_ids]


async def test_greetings_of_one_turn_share_one_question() -> None:
    table = Table()
    guards = GuardBatch(table)
    answers = await asyncio.gather(*(guards.player_guard(each) for each in ("seated1", "free", "seated2")))
    assert answers == ["match:seated1", None, "match:seated2"]
    assert table.asked == [["seated1", "free", "seated2"]]


async def test_a_silent_redis_is_told_to_everyone_who_asked() -> None:
    table = Table()
    table.is_down = True
    guards = GuardBatch(table)
    answers = await asyncio.gather(*(guards.player_guard(each) for each in "ab"), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable, Unavailable]
    table.is_down = False
    assert await guards.player_guard("seated") == "match:seated"


async def test_a_question_after_the_answer_is_asked_anew() -> None:
    table = Table()
    guards = GuardBatch(table)
    assert await guards.player_guard("free") is None
    assert await guards.player_guard("free") is None
    assert len(table.asked) == 2


@pytest.mark.parametrize("count", [1, 300])
async def test_no_question_is_lost_between_batches(count: int) -> None:
    table = Table()
    guards = GuardBatch(table)
    answers = await asyncio.gather(*(guards.player_guard(f"seated{n}") for n in range(count)))
    assert answers == [f"match:seated{n}" for n in range(count)]
