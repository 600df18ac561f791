"""줄의 쪽: 진짜 matchmaking이 푼 까닭이 보이고, 그것이 멈추면 그렇다고 말한다."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.permissions import StaffPermission
from hanpan.v1 import matchmaking_pb2, matchmaking_pb2_grpc
from kernel.ids import new_id
from matches.queue_reads import _mode_queues, stub_of
from redisstore.client import RedisSettings, SyncRedis
from rpc.channels import make_sync_channel
from tests.fakes.addresses import own_address
from tests.fakes.worker_process import lone_matchmaking
from tests.it.ops.conftest import SignIn

pytestmark = pytest.mark.django_db(transaction=True)
HOST = own_address(46)
WAIT_S = 10.0
Join = Callable[..., str]


@pytest.fixture
def join(
    redis: SyncRedis, redis_settings: RedisSettings, settings: Settings, tmp_path: Path
) -> Iterator[Join]:
    """줄에 세우는 손잡이. 뒤에는 진짜 matchmaking이 있고, 앞의 주소는 아무도 듣지 않는다."""
    with lone_matchmaking(HOST, redis_settings, tmp_path) as process:
        settings.MATCHMAKING_ADDRESSES = (f"{HOST}:1", process.address)
        make_stub: Any = matchmaking_pb2_grpc.MatchmakingServiceStub
        with make_sync_channel(process.address) as channel:
            stub = make_stub(channel)

            def make(name: str, mode: str = "duel") -> str:
                wish = matchmaking_pb2.JoinWish(
                    player_id=new_id(), name=name, mode=mode, region="local", gateway_id="gateway1",
                    conn_id=1, request_key=new_id(),
                )  # fmt: skip
                answer = stub.Join(matchmaking_pb2.JoinRequest(wishes=[wish]), timeout=5)
                return str(answer.outcomes[0].joined.ticket_id)

            redis.set("{mm:local}:gateway:gateway1", "1")
            yield make
    stub_of.cache_clear()
    _mode_queues.cache_clear()


def page_with(client: Client, path: str, *texts: str) -> str:
    """그 글들이 모두 보일 때까지 다시 연다."""
    deadline_s = time.monotonic() + WAIT_S
    while True:
        text = client.get(path).content.decode()
        if all(each in text for each in texts):
            return text
        assert time.monotonic() < deadline_s, text
        time.sleep(0.05)


def test_each_ticket_says_why_it_still_waits(viewer: Client, join: Join) -> None:
    join("가람")
    text = page_with(viewer, "/ops/queue/", "가람", "함께할 사람 없음")
    assert 'data-mode="arena"' in text
    assert 'aria-current="true" data-mode="duel"' in text
    join("나래")
    text = page_with(
        viewer, "/ops/queue/?mode=duel", "나래", "받을 서버 없음", "새 판을 받을 서버가 없습니다"
    )
    assert "0 / ±1" in text, "가까운 후보의 차이와 창이 보인다"
    assert "창은 ±100에서 초마다 25씩 ±1000까지 넓어지고, 45.0초를 기다린 표는 누구와도 만납니다." in text
    assert re.search(r"±1\d\d <small>4\d초 뒤 누구나</small>", text), "창이 언제 다 열리는지 보인다"
    join("다솜", mode="arena")
    page_with(viewer, "/ops/queue/?mode=arena", "다솜", "1 / 100")


def test_an_unknown_mode_shows_the_one_that_waits_longest(viewer: Client, join: Join) -> None:
    join("다솜", mode="arena")
    page_with(viewer, "/ops/queue/?mode=chess", "다솜")


def test_without_matchmaking_the_page_opens_and_says_so(viewer: Client, settings: Settings) -> None:
    settings.MATCHMAKING_ADDRESSES = (f"{HOST}:1",)
    response = viewer.get("/ops/queue/")
    assert response.status_code == 200
    assert "matchmaking이 답하지 않습니다" in response.content.decode()


def test_the_queue_is_seen_by_those_who_may(sign_in: SignIn) -> None:
    assert sign_in(StaffPermission.MATCH_VIEW).get("/ops/queue/").status_code == 403


def test_a_waiting_player_may_ask_how_many_wait_and_whom_they_meet(client: Client, join: Join) -> None:
    join("하늘")
    deadline_s = time.monotonic() + WAIT_S
    while (answer := client.get("/api/v1/queues/duel")).json().get("waiting") != 1:
        assert time.monotonic() < deadline_s, answer.content
        time.sleep(0.05)
    body = answer.json()
    assert (body["mode"], body["min_players"], body["max_players"]) == ("duel", 2, 2)
    assert body["rating_window"] == {"base": 100, "per_s": 25, "cap": 1000, "open_after_ms": 45_000}
    assert "하늘" not in answer.content.decode()
    assert client.get("/api/v1/queues/arena").json()["waiting"] == 0
    assert client.get("/api/v1/queues/chess").json()["code"] == "NOT_FOUND"


def test_the_queue_is_unavailable_while_no_matchmaking_answers(client: Client, settings: Settings) -> None:
    settings.MATCHMAKING_ADDRESSES = (f"{HOST}:1",)
    _mode_queues.cache_clear()
    answer = client.get("/api/v1/queues/duel")
    stub_of.cache_clear()
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert answer["Retry-After"]


def test_the_queue_is_unavailable_while_the_matchmaking_belongs_to_another_region(
    client: Client, join: Join, settings: Settings
) -> None:
    join("하늘")
    settings.REGION = "elsewhere"
    _mode_queues.cache_clear()
    answer = client.get("/api/v1/queues/duel")
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
