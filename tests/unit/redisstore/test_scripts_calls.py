"""스크립트의 인자와 답: 이름 붙은 인자의 글, 묶음의 첫 실패."""

from __future__ import annotations

import json

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from kernel.errors import Unavailable
from redisstore.scripts import decoded, named, raise_first


def test_every_value_is_the_text_that_redis_gets_by_place() -> None:
    args = json.loads(named(name='별을 줍는 "나"', rating=1500.0, seed=2**62 + 1, bot=0, conn_id=12))
    assert args == {
        "name": '별을 줍는 "나"',
        "rating": "1500.0",
        "seed": "4611686018427387905",
        "bot": "0",
        "conn_id": "12",
    }


def test_a_list_stays_a_list_of_texts_in_its_order() -> None:
    assert json.loads(named(ticket_ids=["b", "a"], conn_ids=[7, 2**53 + 1], opening=())) == {
        "ticket_ids": ["b", "a"],
        "conn_ids": ["7", "9007199254740993"],
        "opening": [],
    }


def test_the_first_failure_among_the_replies_is_raised() -> None:
    with pytest.raises(ValueError, match="first"):
        raise_first([1, ValueError("first"), TypeError("second")])


def test_replies_without_a_failure_pass() -> None:
    raise_first([1, "OK", None])


def test_an_answer_of_a_batch_is_decoded() -> None:
    assert decoded("7", int) == 7


def test_a_sick_redis_is_the_answer_in_its_place() -> None:
    assert isinstance(decoded(RedisConnectionError("gone"), int), Unavailable)


def test_a_fault_of_ours_in_a_batch_is_raised() -> None:
    with pytest.raises(ResponseError):
        decoded(ResponseError("WRONGTYPE Operation against a key"), int)
