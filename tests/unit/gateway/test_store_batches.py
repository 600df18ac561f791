"""선수가 매인 것과 로그아웃을 묶어 읽기."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from gateway.store_batches import HoldBatch, LiveTokens
from kernel.errors import Unavailable
from players.identity.tokens import PlayerClaims
from redisstore.tickets.rows import PlayerHold
from resilience.stance import Stance
from tests.fakes.gateway_ports import UNKNOWN_IS_ALIVE, FakeRedis, FakeVerifier


def held(player_id: str) -> PlayerHold:
    return PlayerHold(f"match:{player_id}" if player_id.startswith("seated") else None)


class Table:
    """선수가 매인 것의 표."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.is_down = False

    async def player_holds(self, player_ids: Sequence[str]) -> list[PlayerHold]:
        self.asked.append(list(player_ids))
        if self.is_down:
            raise Unavailable
        return [held(each) for each in player_ids]

    async def told_many(self, told: Sequence[tuple[str, str]]) -> list[bool]:
        self.asked.append([player_id for player_id, _ in told])
        return [True] * len(told)


async def test_greetings_of_one_turn_share_one_question() -> None:
    table = Table()
    holds = HoldBatch(table, table)
    answers = await asyncio.gather(*(holds.player_hold(each) for each in ("seated1", "free", "seated2")))
    assert answers == [held("seated1"), PlayerHold(None), held("seated2")]
    assert table.asked == [["seated1", "free", "seated2"]]


async def test_a_silent_redis_is_told_to_everyone_who_asked() -> None:
    table = Table()
    table.is_down = True
    holds = HoldBatch(table, table)
    answers = await asyncio.gather(*(holds.player_hold(each) for each in "ab"), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable, Unavailable]
    table.is_down = False
    assert await holds.player_hold("seated") == held("seated")


async def test_a_question_after_the_answer_is_asked_anew() -> None:
    table = Table()
    holds = HoldBatch(table, table)
    assert await holds.player_hold("free") == PlayerHold(None)
    assert await holds.player_hold("free") == PlayerHold(None)
    assert len(table.asked) == 2


@pytest.mark.parametrize("count", [1, 300])
async def test_no_question_is_lost_between_batches(count: int) -> None:
    table = Table()
    holds = HoldBatch(table, table)
    answers = await asyncio.gather(*(holds.player_hold(f"seated{n}") for n in range(count)))
    assert answers == [held(f"seated{n}") for n in range(count)]


async def test_results_heard_together_are_noted_in_one_trip() -> None:
    table = Table()
    holds = HoldBatch(table, table)
    assert await asyncio.gather(holds.told("a", "m1"), holds.told("b", "m1")) == [True, True]
    assert table.asked == [["a", "b"]]


class SilentRedis(FakeRedis):
    """로그아웃했는지 답하지 않는다."""

    async def are_revoked(self, _asks: object) -> list[bool]:
        raise Unavailable


@pytest.mark.parametrize("stance", [UNKNOWN_IS_ALIVE, Stance.fail_closed()], ids=["open", "closed"])
async def test_whether_a_token_nobody_could_look_up_lives_is_up_to_the_stance(stance: Stance) -> None:
    tokens, claims = LiveTokens(FakeVerifier(), SilentRedis(), stance=stance), PlayerClaims("p", "가람", 0)
    if stance.is_open:
        await tokens.check_alive(claims)
    else:
        with pytest.raises(Unavailable):
            await tokens.check_alive(claims)
