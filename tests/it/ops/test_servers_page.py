"""서버의 페이지: 소켓이 없어도 등록부가 보이고, Redis가 멈추면 그렇다고 말한다."""

from __future__ import annotations

import pytest
from django.test import Client

from redisstore import keys
from redisstore.client import SyncRedis

pytestmark = pytest.mark.django_db


def register(redis: SyncRedis, server_id: str, *, running: int, load: int, state: str = "ready") -> None:
    seconds, micros = redis.time()
    row = {"address": f"{server_id}:7000", "state": state, "capacity": 50, "running": running,
           "version": "1.2.3", "seen": seconds * 1000 + micros // 1000}  # fmt: skip
    redis.hset(keys.server("local", server_id), mapping=row)  # type: ignore[arg-type]
    redis.zadd(keys.servers("local"), {server_id: load})


def test_every_registered_server_is_shown_with_its_load(viewer: Client, redis: SyncRedis) -> None:
    register(redis, "session1", running=10, load=12)
    register(redis, "session2", running=0, load=0, state="draining")
    redis.zadd(keys.servers("local"), {"session3": 4})
    text = viewer.get("/ops/servers/").content.decode()
    assert text.index("session1") < text.index("session2") < text.index("session3")
    assert 'width="24.0"' in text
    assert "1.2.3" in text
    for name in ("준비됨", "드레인 중", "하트비트 없음"):
        assert f">{name}</span>" in text


def test_a_server_meant_to_drain_says_so_before_it_hears_of_it(viewer: Client, redis: SyncRedis) -> None:
    register(redis, "session1", running=1, load=1)
    assert 'data-field="drain" hidden' in viewer.get("/ops/servers/").content.decode().split("<template")[0]
    redis.sadd(keys.draining("local"), "session1")
    assert (
        'data-field="drain" hidden' not in viewer.get("/ops/servers/").content.decode().split("<template")[0]
    )


def test_an_empty_registry_says_what_to_look_at(viewer: Client, redis: SyncRedis) -> None:
    text = viewer.get("/ops/servers/").content.decode()
    assert 'id="no-servers">' in text
    assert 'id="redis-down" role="alert" hidden' in text


@pytest.mark.usefixtures("stopped_redis")
def test_without_redis_the_page_opens_and_says_that_redis_is_down(viewer: Client) -> None:
    response = viewer.get("/ops/servers/")
    assert response.status_code == 200
    text = response.content.decode()
    assert 'id="redis-down" role="alert">' in text
    assert 'id="no-servers" hidden' in text
