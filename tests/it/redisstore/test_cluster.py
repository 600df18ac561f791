"""모든 스크립트는 진짜 Redis Cluster에서도 돈다: 한 부름의 키가 모두 한 슬롯에 있다."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from redis.asyncio.cluster import RedisCluster
from redis.exceptions import RedisClusterException

from redisstore.client import AsyncRedis
from redisstore.scripts import LUA_DIR, Script, ScriptCall
from tests.fakes.redis_cluster import redis_cluster
from tests.fakes.redis_process import HOST, RedisProcess
from tests.it.redisstore.every_use import use_everything

Calls = list[tuple[Script, list[str], list[Any]]]


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RedisProcess]]:
    with redis_cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture
async def cluster(nodes: list[RedisProcess]) -> AsyncIterator[RedisCluster]:
    async with RedisCluster(host=HOST, port=nodes[0].port, decode_responses=True) as client:
        yield client


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """지나간 스크립트의 부름을 차례로 적는다."""
    seen: Calls = []
    run, pipeline = Script.run, Script._pipeline

    async def noted_run(script: Script, client: AsyncRedis, keys: list[str], args: list[Any]) -> Any:
        seen.append((script, keys, args))
        return await run(script, client, keys, args)

    async def noted_pipeline(script: Script, client: AsyncRedis, wanted: list[ScriptCall]) -> Any:
        seen.extend((script, keys, args) for keys, args in wanted)
        return await pipeline(script, client, wanted)

    monkeypatch.setattr(Script, "run", noted_run)
    monkeypatch.setattr(Script, "_pipeline", noted_pipeline)
    return seen


async def test_every_script_runs_on_a_cluster(
    redis_client: AsyncRedis, cluster: RedisCluster, calls: Calls
) -> None:
    await use_everything(redis_client)
    assert {script.name for script, _, _ in calls} == {path.stem for path in LUA_DIR.glob("*.lua")}
    used_nodes = set()
    for script, keys, args in calls:
        # 다른 슬롯의 키를 만지면 서버가 거절한다(CROSSSLOT, 또는 적지 않은 키의 non local key).
        await cluster.eval(script.text, len(keys), *keys, *args)
        used_nodes.add(cluster.get_node_from_key(keys[0]).port)
    assert len(used_nodes) > 1


async def test_a_script_is_given_just_the_names_it_reads(redis_client: AsyncRedis, calls: Calls) -> None:
    await use_everything(redis_client)
    named = [(script, args) for script, _, args in calls if "cjson" in script.text]
    assert named
    for script, args in named:
        assert len(args) == 1
        assert set(json.loads(args[0])) == set(re.findall(r"\barg\.(\w+)", script.text))


async def test_a_call_over_two_slots_is_refused(cluster: RedisCluster) -> None:
    script = Script("player_release")
    with pytest.raises(RedisClusterException):
        await cluster.eval(script.text, 2, "{mm:a}:player:1", "{mm:b}:player:2", "m")
