"""플릿의 명령들: 다시 띄우는 명령, Ctrl-C, 범위를 맡기기. 서버는 등록부를 손으로 움직이는 인형이다."""

from __future__ import annotations

import _thread
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from guardian.shortcuts import get_perms

from accounts.models import Staff
from audit.models import AuditRecord
from fleet.models import Roll, ServerScope
from redisstore import keys
from redisstore.client import RedisSettings, SyncRedis
from tests.it.fleet.conftest import REGION, Register

pytestmark = pytest.mark.django_db(transaction=True)
RESTART = """
import sys, redis
client = redis.Redis(host=sys.argv[1], port=int(sys.argv[2]))
server = sys.argv[3]
row = {"state": "drained", "boot": f"{server}-b", "capacity": 9, "running": 0, "seen": 1, "pool": "default",
       "address": "x", "version": "2", "left": 0, "drain_left": -1}
client.hset(f"{{fleet:local}}:server:{server}", mapping=row)
client.zadd("{fleet:local}:servers", {server: 0})
"""


class Puppets:
    """session 프로세스의 흉내: 드레인하면 끝나고, 다시 뜬 뒤 뜻이 없으면 준비된다."""

    def __init__(self, redis: SyncRedis) -> None:
        self._redis = redis
        self._stop = threading.Event()
        self.interrupts_on_drain = False

    def run(self) -> None:
        while not self._stop.wait(0.02):
            draining = self._redis.smembers(keys.draining(REGION))
            for server in self._redis.zrange(keys.servers(REGION), 0, -1):
                key = keys.server(REGION, server)
                is_reborn = self._redis.hget(key, "boot") == f"{server}-b"
                if server in draining and not is_reborn:
                    if self.interrupts_on_drain:
                        _thread.interrupt_main()
                        return
                    self._redis.delete(key)
                    self._redis.zrem(keys.servers(REGION), server)
                elif server not in draining and is_reborn:
                    self._redis.hset(key, "state", "ready")

    @contextmanager
    def moving(self) -> Iterator[None]:
        thread = threading.Thread(target=self.run)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(10)


@pytest.fixture
def puppets(redis: SyncRedis, register: Register) -> Puppets:
    for server in ("session1", "session2"):
        register(server)
    return Puppets(redis)


def test_a_roll_restarts_each_emptied_server_by_the_given_command(
    puppets: Puppets, redis_settings: RedisSettings, tmp_path: Path
) -> None:
    script = tmp_path / "restart.py"
    script.write_text(RESTART, encoding="utf-8")
    out = StringIO()
    command = f"{sys.executable} {script} {redis_settings.host} {redis_settings.port} {{server}}"
    with puppets.moving():
        call_command("roll", all=True, restart_with=command, reason="1.4.1", stdout=out)
    assert "2대를 모두 갈았습니다" in out.getvalue()
    assert [out.getvalue().count(f"session{number}: 드레인 중") for number in (1, 2)] == [1, 1]
    assert Roll.objects.get().phase == "done"


def test_a_roll_whose_server_does_not_come_back_fails_and_says_where(puppets: Puppets) -> None:
    with puppets.moving(), pytest.raises(CommandError, match="등록되지 않습니다"):
        call_command("roll", all=True, return_timeout_ms=300, reason="x", stdout=StringIO())
    roll = Roll.objects.get()
    assert (roll.phase, roll.position) == ("stopped", 0)


def test_ctrl_c_aborts_the_roll_and_takes_the_drain_back(puppets: Puppets, redis: SyncRedis) -> None:
    puppets.interrupts_on_drain = True
    with puppets.moving(), pytest.raises(CommandError, match="그만두었습니다"):
        call_command("roll", all=True, reason="x", stdout=StringIO())
    assert Roll.objects.get().phase == "aborted"
    assert redis.smembers(keys.draining(REGION)) == set()


@pytest.mark.parametrize("chosen", [[], ["session1", "--all"]])
def test_a_roll_of_an_empty_or_a_double_choice_is_refused(register: Register, chosen: list[str]) -> None:
    register("session1")
    register("session2")
    with pytest.raises(CommandError, match="INVALID_ARGUMENT"):
        call_command("roll", *chosen, "--reason", "x", stdout=StringIO())
    assert not Roll.objects.exists()


def test_waiting_for_a_drain_ends_when_the_server_is_gone(puppets: Puppets) -> None:
    out = StringIO()
    with puppets.moving():
        began_s = time.monotonic()
        call_command("drain", "session1", wait=True, stdout=out)
    assert "session1 서버가 비었습니다" in out.getvalue()
    assert time.monotonic() - began_s < 10


def test_a_scope_is_given_and_taken_and_both_are_audited() -> None:
    kim = Staff.objects.create_user("kim", is_staff=True)
    call_command("grant_fleet", "kim", region="local", pool="eu", stdout=StringIO())
    scope = ServerScope.objects.get(region="local", pool="eu")
    assert get_perms(kim, scope) == ["operate_serverscope"]
    call_command("grant_fleet", "kim", region="local", pool="eu", revoke=True, stdout=StringIO())
    assert get_perms(Staff.objects.get(username="kim"), scope) == []
    rows = AuditRecord.objects.order_by("pk")
    assert [(row.action, row.target, row.details["pool"]) for row in rows] == [
        ("accounts.grant:give", "staff:kim", "eu"), ("accounts.grant:revoke", "staff:kim", "eu"),
    ]  # fmt: skip
    with pytest.raises(CommandError, match="NOT_FOUND"):
        call_command("grant_fleet", "nobody", region="local", stdout=StringIO())


@pytest.mark.parametrize("where", [{"region": "local", "pool": ""}, {"region": "", "pool": "eu"}])
def test_an_empty_pool_is_not_the_whole_region(where: dict[str, str]) -> None:
    Staff.objects.create_user("kim", is_staff=True)
    with pytest.raises(CommandError, match="INVALID_ARGUMENT"):
        call_command("grant_fleet", "kim", stdout=StringIO(), **where)
    assert not ServerScope.objects.exists()
    call_command("grant_fleet", "kim", region="local", stdout=StringIO())
    assert ServerScope.objects.get().pool == ""
