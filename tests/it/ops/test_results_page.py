"""쓰이지 않은 결과: 페이지와 명령이 같은 것을 보이고, 비었거나 Redis가 멈췄으면 그렇다고 말한다."""

from __future__ import annotations

import json
from io import StringIO

import msgspec
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.roles import Role
from redisstore import keys
from redisstore.client import SyncRedis
from redisstore.results import WriteFailure
from tests.it.matches.outcomes import aborted, finished, make_players
from tests.it.ops.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def stuck(redis: SyncRedis) -> list[str]:
    """일지에 남은 판 둘. 앞의 것은 두 번 실패했다."""
    players = make_players(2)
    outcomes = [finished(players), aborted(players)]
    for outcome in outcomes:
        redis.xadd(keys.pending_results("local"), {"payload": outcome.encode()})
    failure = WriteFailure(
        reason="UNAVAILABLE: 데이터베이스 <멈춤>",
        attempts=2,
        server_id="session2",
        failed_at_ms=1_700_000_000_000,
    )
    redis.hset(keys.result_failures("local"), outcomes[0].match_id, msgspec.json.encode(failure))
    return [outcome.match_id for outcome in outcomes]


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("pending_results", *arguments, stdout=out)
    return out.getvalue()


def test_the_page_shows_each_row_with_its_last_failure(viewer: Client, stuck: list[str]) -> None:
    text = viewer.get("/ops/results/").content.decode()
    assert text.index(stuck[0]) < text.index(stuck[1])
    assert "UNAVAILABLE: 데이터베이스 &lt;멈춤&gt;" in text
    assert "(session2)" in text
    assert "모두 2개" in text
    assert "no-results" not in text


def test_the_page_speaks_english_too(sign_in: SignIn, stuck: list[str]) -> None:
    text = sign_in(Role.VIEWER, language="en").get("/ops/results/").content.decode()
    assert stuck[0] in text
    assert "Unwritten results" in text
    assert "2 in all" in text


@pytest.mark.usefixtures("redis")
def test_an_empty_journal_says_that_all_is_well(viewer: Client) -> None:
    assert 'id="no-results"' in viewer.get("/ops/results/").content.decode()
    assert told() == "남은 결과가 없습니다.\n"
    assert json.loads(told("--json")) == {"count": 0, "oldest_age_ms": None, "rows": []}


def test_the_command_tells_count_age_and_last_error(stuck: list[str]) -> None:
    head, first, second = told().splitlines()
    assert head.startswith("남은 결과 2개, 가장 오래된 것 ")
    assert first.startswith(stuck[0])
    assert "2번 시도, UNAVAILABLE: 데이터베이스 <멈춤> (session2)" in first
    assert second.endswith("아직 실패 없음")
    seen = json.loads(told("--json"))
    assert [row["match_id"] for row in seen["rows"]] == stuck
    assert seen["rows"][0]["failure"]["attempts"] == 2
    assert seen["oldest_age_ms"] >= 0


def test_a_line_that_nobody_can_read_is_shown_too(viewer: Client, redis: SyncRedis) -> None:
    redis.xadd(keys.pending_results("local"), {"payload": "not json"})
    assert "<code>?</code>" in viewer.get("/ops/results/").content.decode()
    assert told().splitlines()[1].startswith("?")


@pytest.mark.usefixtures("stopped_redis")
def test_without_redis_the_page_opens_and_the_command_fails_clearly(viewer: Client) -> None:
    response = viewer.get("/ops/results/")
    assert response.status_code == 200
    assert 'id="redis-down" role="alert">' in response.content.decode()
    with pytest.raises(CommandError, match="일지를 읽을 수 없습니다"):
        told()
