"""도는 판의 목록: Redis에서 읽고, 고른 것만 보이고, 읽는 양에 상한이 있고, Redis가 멈추면 그렇다고 말한다."""

from __future__ import annotations

import re

import msgspec
import pytest
from django.test import Client

from kernel.ids import new_id
from ops.paging import PAGE_ROWS
from ops.queries.live_matches import read_live
from ops.queries.matches import MatchFilter
from players.models import Player
from redisstore import keys
from redisstore.client import SyncRedis
from redisstore.gate import SyncRedisGate
from redisstore.matches_listing import live_ids
from tests.it.fleet.conftest import Register
from tests.it.matches.outcomes import make_players

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]

NOW_MS = 1_800_000_000_000


def put(
    redis: SyncRedis, players: list[str], *, server: str = "session1", at_ms: int = NOW_MS, **changed: str
) -> str:
    """도는 판 하나를 맡은 서버와 함께."""
    match_id = new_id(at_ms)
    row = {
        "status": "running", "mode": "duel", "region": "local", "server_id": server,
        "players": msgspec.json.encode(players).decode(), "queued_at_ms": at_ms - 3_000,
        "created_at_ms": at_ms - 2_000, "started_at_ms": at_ms - 1_000, "ended_at_ms": 0, **changed,
    }  # fmt: skip
    redis.hset(keys.match(match_id), mapping=row)  # type: ignore[arg-type]
    redis.sadd(keys.held_matches("local", server), match_id)
    return match_id


def shown(client: Client, query: str) -> list[str]:
    response = client.get(f"/ops/matches/?{query}")
    assert response.status_code == 200
    return re.findall(r'<th scope="row"><a href="/ops/matches/([^/]+)/"', response.content.decode())


def test_the_status_mode_server_and_player_choose_among_the_running_matches(
    viewer: Client, redis: SyncRedis, register: Register
) -> None:
    register("session1")
    register("session2")
    one, two, three = make_players(3)
    old = put(redis, [one, two], at_ms=NOW_MS - 5_000)
    new = put(redis, [two, three], server="session2", mode="arena")
    made = put(redis, [one, three], status="created")
    assert shown(viewer, "status=running") == [new, old]
    assert shown(viewer, "status=created") == [made]
    assert shown(viewer, "status=running&mode=arena") == [new]
    assert shown(viewer, "status=running&server=session1") == [old]
    assert shown(viewer, f"status=running&player={one}") == [old]
    assert shown(viewer, "status=ended") == []
    assert Player.objects.get(pk=two).name in viewer.get("/ops/matches/?status=running").content.decode()


def test_a_match_that_ended_between_the_reads_is_left_out(
    viewer: Client, redis: SyncRedis, register: Register
) -> None:
    register("session1")
    gone = put(redis, make_players(2))
    redis.delete(keys.match(gone))
    assert shown(viewer, "status=running") == []


def test_running_matches_are_paged_without_a_gap(
    viewer: Client, redis: SyncRedis, register: Register
) -> None:
    register("session1")
    players = make_players(2)
    made = [put(redis, players, at_ms=NOW_MS + index) for index in range(PAGE_ROWS + 7)]
    first, _ = read_live(MatchFilter(status="running"), NOW_MS)
    assert first.following is not None
    second, _ = read_live(MatchFilter(status="running"), NOW_MS, first.following)
    assert [row.match_id for row in (*first.rows, *second.rows)] == made[::-1]
    assert second.following is None


def test_no_more_than_the_limit_is_read_and_the_list_says_so(redis: SyncRedis) -> None:
    for server in ("session1", "session2"):
        redis.sadd(keys.held_matches("local", server), *(new_id() for _ in range(30)))
    gate = SyncRedisGate(redis)
    found, is_cut = live_ids(gate, "local", ["session1", "session2"], limit=40)
    assert (len(found), is_cut) == (40, True)
    assert live_ids(gate, "local", ["session1"], limit=40)[1] is False


def test_a_server_chooses_only_among_running_matches_and_no_file_is_made_of_them(viewer: Client) -> None:
    for query in ("server=session1", "status=finalized&server=session1", "status=running&format=csv",
                  "status=running&server=%00", "status=running&after=x"):  # fmt: skip
        assert viewer.get(f"/ops/matches/?{query}").status_code == 422, query


@pytest.mark.usefixtures("stopped_redis")
def test_without_redis_the_running_list_says_it_cannot_be_read(viewer: Client) -> None:
    assert viewer.get("/ops/matches/?status=running").status_code == 503
    assert viewer.get("/ops/matches/").status_code == 200
