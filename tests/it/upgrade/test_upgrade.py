"""지난 판의 자료와 지난 판의 session 서버가 새 판 아래에서 그대로 산다."""

from __future__ import annotations

import time

import pytest

from environment.env import env
from tests.it.upgrade.conftest import PASSWORD, Upgraded
from tests.it.upgrade.players import Player, found_together
from tests.it.upgrade.release import PREVIOUS_VERSION, Release, Service

# 배포 하나를 차례로 갈아 끼우며 본다: 두 일꾼이 나누면 두 번 세워야 한다.
pytestmark = pytest.mark.alone
SETTLED_S = 15.0


def _session_of(upgraded: Upgraded, name: str) -> Service:
    return upgraded.deployment.services[name]


def _finalized(upgraded: Upgraded, match_id: str) -> dict[str, object]:
    """끝이 쓰인 판. 결과를 알린 때에는 이미 쓰여 있지만, 무효가 된 판은 조금 뒤일 수 있다."""
    platform = upgraded.deployment.services["platform"]
    give_up_at_s = time.monotonic() + SETTLED_S
    while True:
        status, match = platform.call("GET", f"/api/v1/matches/{match_id}")
        if status == 200 and match["status"] in {"finalized", "aborted"}:
            return dict(match)
        assert time.monotonic() < give_up_at_s, (status, match)
        time.sleep(0.1)


def test_each_process_runs_the_code_of_its_own_version(upgraded: Upgraded) -> None:
    for service in upgraded.deployment.services.values():
        version = PREVIOUS_VERSION if service.release is upgraded.old else env.version
        assert service.call("GET", "/healthz")[1]["version"] == version, service.name


def test_what_the_old_version_wrote_is_read_as_before(upgraded: Upgraded) -> None:
    platform = upgraded.deployment.services["platform"]
    status, match = platform.call("GET", f"/api/v1/matches/{upgraded.played['match_id']}")
    assert status == 200
    for row, before in zip(match["results"], upgraded.played["results"], strict=True):
        assert {key: row[key] for key in before} == before
    assert {key: match[key] for key in upgraded.played if key != "results"} == {
        key: value for key, value in upgraded.played.items() if key != "results"
    }


def test_accounts_passwords_and_tokens_of_the_old_version_still_open_the_door(upgraded: Upgraded) -> None:
    platform = upgraded.deployment.services["platform"]
    for account in upgraded.accounts:
        status, me = platform.call("GET", "/api/v1/me", token=account.access_token)
        assert (status, me["player_id"]) == (200, account.player_id)
        body = {"username": account.username, "password": PASSWORD}
        status, answer = platform.call("POST", "/api/v1/auth/login", body)
        assert (status, answer["player_id"]) == (200, account.player_id)


async def test_a_match_of_the_old_session_server_goes_on_and_is_written_once(upgraded: Upgraded) -> None:
    """다음 시험들이 같은 선수로 줄을 서므로 이 시험이 도는 판을 끝낸다."""
    gateway = upgraded.deployment.services["gateway1"]
    match_id = upgraded.running["match_id"]
    first, second = upgraded.accounts
    async with Player(gateway.host) as back, Player(gateway.host) as other:
        await back.send("resume", resume_token=upgraded.running["resume_token"], last_tick=0)
        assert (await back.expect("resumed"))["match_id"] == match_id
        await back.expect_state()
        await other.hello(second.access_token)
        assert (await other.expect("match.found"))["match_id"] == match_id
        await other.expect_state()
        await back.send("leave", match_id=match_id)
        result = await other.expect("match.result")
    assert [row["player_id"] for row in result["results"]] == [second.player_id, first.player_id]
    written = _finalized(upgraded, match_id)
    assert written["status"] == "finalized"
    assert _session_of(upgraded, "session1").release is upgraded.old


async def _play_a_duel(upgraded: Upgraded, gateway: Service) -> dict[str, object]:
    async with Player(gateway.host) as one, Player(gateway.host) as two:
        for player, account in zip((one, two), upgraded.accounts, strict=True):
            await player.hello(account.access_token)
        found = await found_together("duel", one, two)
        for player in (one, two):
            assert (await player.expect("match.result"))["status"] == "finalized"
            assert player.frames > 0
    return {**_finalized(upgraded, found[0]["match_id"]), "session": found[0]["session"]}


async def test_the_old_session_server_plays_new_matches(upgraded: Upgraded) -> None:
    match = await _play_a_duel(upgraded, upgraded.deployment.services["gateway1"])
    assert match["session"] == "session1"


async def test_an_old_gateway_and_a_new_session_server_play_together(upgraded: Upgraded) -> None:
    deployment = upgraded.deployment
    deployment.start(upgraded.new, "session", "session2")
    old_gateway = deployment.start(upgraded.old, "gateway", "gateway2")
    drained = {**deployment.settings, "HANPAN_DB_ROLE": "app"}
    upgraded.new.manage(drained, "drain", "session1", "--reason", "새 판으로 바꾼다")
    match = await _play_a_duel(upgraded, old_gateway)
    assert match["session"] == "session2"
    assert _release_of(upgraded, "session2") is upgraded.new


def _release_of(upgraded: Upgraded, name: str) -> Release:
    return _session_of(upgraded, name).release


def test_the_old_platform_still_works_on_the_new_schema(upgraded: Upgraded) -> None:
    """되돌리기: 마이그레이션은 더하기만 하므로 스키마는 두고 프로세스만 지난 판으로 바꾼다."""
    deployment = upgraded.deployment
    deployment.stop(["platform"])
    upgraded.old.manage({**deployment.settings, "HANPAN_DB_ROLE": "migrate"}, "setup")
    platform = deployment.start(upgraded.old, "platform", "platform")
    status, guest = platform.call("POST", "/api/v1/auth/guest", {"name": "되돌린 뒤"})
    assert status == 201, guest
    body = {"username": "after-rollback", "password": PASSWORD}
    assert platform.call("POST", "/api/v1/auth/register", body)[0] == 201
    assert platform.call("POST", "/api/v1/auth/login", body)[0] == 200
    assert platform.call("GET", f"/api/v1/matches/{upgraded.played['match_id']}") == (200, upgraded.played)
