"""지난 판의 자료 위에 새 판을 올린다: 지난 판으로 살던 배포를 서비스마다 차례로 갈아 끼운다.

session 서버만 지난 판인 채 판을 돌리고 있다. 새 스키마 위에서 지난 코드가 결과를 쓰는 때가 여기에 있다.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import MySQLdb
import pytest

from environment.env import env
from stack.runtime import Runtime
from tests.fakes.addresses import own_address
from tests.fakes.redis_process import redis_process
from tests.it.upgrade.players import Player, found_together
from tests.it.upgrade.release import Deployment, Release, has_previous_release

DATABASE = "test_upgrade"
HOSTS = {
    name: own_address(200 + number)
    for number, name in enumerate(("platform", "gateway1", "gateway2", "matchmaking", "session1", "session2"))
}
MODES = {"duel": {"duration_ms": 1_500}, "arena": {"duration_ms": 120_000, "fill_wait_ms": 500}}
PASSWORD = "지난 판의 비밀번호 1"


@dataclass(frozen=True)
class Account:
    """지난 판에서 가입한 선수."""

    username: str
    player_id: str
    access_token: str


@dataclass(frozen=True)
class Upgraded:
    """갈아 끼운 배포와, 지난 판이 남긴 것."""

    deployment: Deployment
    old: Release
    new: Release
    accounts: tuple[Account, Account]
    played: dict[str, Any]
    """지난 판에서 끝난 판(`GET /matches/{id}`의 답)."""
    running: dict[str, Any]
    """지난 판의 session에서 아직 도는 판의 match.found(첫 선수의 것)."""


@pytest.fixture(scope="module")
def upgraded(stack: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    """지난 판으로 살다가 session1만 남기고 새 판으로 바뀐 배포."""
    if not has_previous_release():
        pytest.skip("지난 판의 커밋이 이 클론에 없다(git fetch --unshallow)")
    folder = tmp_path_factory.mktemp("upgrade")
    old, new = Release.previous(_made(folder / "old")), Release.current()
    with redis_process(_made(folder / "redis")) as redis, empty_database() as database:
        settings = {
            **database,
            "HANPAN_REDIS_HOST": redis.settings().host,
            "HANPAN_REDIS_PORT": str(redis.settings().port),
            "HANPAN_KEYS_DIR": str(folder / "keys"),
            "HANPAN_MATCHMAKING_ADDRESSES": f"{HOSTS['matchmaking']}:7000",
            "HANPAN_MODE_OVERRIDES": json.dumps(MODES),
        }
        deployment = Deployment(settings, HOSTS, folder)
        try:
            yield _upgrade(deployment, old, new)
        finally:
            deployment.close()


def _upgrade(deployment: Deployment, old: Release, new: Release) -> Upgraded:
    schema = {**deployment.settings, "HANPAN_DB_ROLE": "migrate"}
    old.manage(schema, "setup")
    for kind, name in (
        ("platform", "platform"),
        ("matchmaking", "matchmaking"),
        ("session", "session1"),
        ("gateway", "gateway1"),
    ):
        deployment.start(old, kind, name)
    accounts = (_register(deployment, "지난-선수-1"), _register(deployment, "지난-선수-2"))
    played, running = asyncio.run(_live_in_the_past(deployment, accounts))
    new.manage(schema, "setup")
    deployment.stop(["gateway1", "matchmaking", "platform"])
    for kind in ("platform", "matchmaking"):
        deployment.start(new, kind, kind)
    deployment.start(new, "gateway", "gateway1")
    return Upgraded(deployment, old, new, accounts, played, running)


async def _live_in_the_past(
    deployment: Deployment, accounts: tuple[Account, Account]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """끝난 판 하나와 도는 판 하나를 남긴다."""
    gateway, platform = deployment.services["gateway1"], deployment.services["platform"]
    async with Player(gateway.host) as first, Player(gateway.host) as second:
        for player, account in zip((first, second), accounts, strict=True):
            await player.hello(account.access_token)
        found = await found_together("duel", first, second)
        for player in (first, second):
            await player.expect("match.result")
        status, played = platform.call("GET", f"/api/v1/matches/{found[0]['match_id']}")
        assert (status, played["status"]) == (200, "finalized")
        running = await found_together("arena", first, second)
        for player in (first, second):
            await player.expect("match.start")
    return played, running[0]


def _register(deployment: Deployment, name: str) -> Account:
    username = f"old-{len(name)}{name[-1]}"
    body = {"username": username, "password": PASSWORD, "name": name}
    status, answer = deployment.services["platform"].call("POST", "/api/v1/auth/register", body)
    assert status == 201, answer
    return Account(username, answer["player_id"], answer["access_token"])


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


class empty_database:  # noqa: N801 - with 문의 말처럼 읽힌다
    """빈 데이터베이스 하나. 끝나면 지운다."""

    def __enter__(self) -> dict[str, str]:
        self._run(f"DROP DATABASE IF EXISTS {DATABASE}")
        self._run(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        return {"HANPAN_DB_HOST": env.db_host, "HANPAN_DB_PORT": str(env.db_port), "HANPAN_DB_NAME": DATABASE}

    def __exit__(self, *_failure: object) -> None:
        self._run(f"DROP DATABASE IF EXISTS {DATABASE}")

    def _run(self, statement: str) -> None:
        connection = MySQLdb.connect(
            host=env.db_host, port=env.db_port, user=env.db_migrate_user, passwd=env.db_migrate_password
        )
        try:
            connection.cursor().execute(statement)
        finally:
            connection.close()
