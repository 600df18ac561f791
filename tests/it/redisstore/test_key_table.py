"""모든 길을 지난 Redis에는 표에 있는 키만, 표가 말하는 형과 수명으로 있다."""

from __future__ import annotations

import pytest

from redisstore.client import AsyncRedis
from tests.it.redisstore.every_use import use_everything
from tests.it.redisstore.key_table import key_rows, strange_keys


async def test_a_used_redis_holds_only_keys_of_the_table(redis_client: AsyncRedis) -> None:
    await use_everything(redis_client)
    assert await strange_keys(redis_client) == []


async def test_every_row_of_the_table_is_used(redis_client: AsyncRedis) -> None:
    await use_everything(redis_client)
    used = [key async for key in redis_client.scan_iter(count=1000)]
    unused = [row.pattern.pattern for row in key_rows() if not any(map(row.pattern.fullmatch, used))]
    assert unused == []


@pytest.mark.parametrize(
    ("key", "complaint"),
    [
        ("made:up", "표에 없다"),
        ("match:{0}", "hash이 아니라 string이다"),
        ("{mm:test}:player:p", "수명이 없다"),
    ],
)
async def test_what_is_not_in_the_table_is_found(redis_client: AsyncRedis, key: str, complaint: str) -> None:
    await redis_client.set(key, "x")
    (told,) = await strange_keys(redis_client)
    assert told.startswith(key)
    assert complaint in told
