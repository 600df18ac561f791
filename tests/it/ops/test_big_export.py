"""큰 파일: platform이 표 전체를 흘려보내도 기억이 자라지 않고, 느린 사람을 기다리고, 떠나면 그만둔다."""

from __future__ import annotations

import csv
import http.client
import io
import json
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import MySQLdb
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from pytest_django import DjangoDbBlocker

from accounts.models import Staff
from ops.queries.exports import EXPORT_MATCHES
from stack.runtime import Runtime
from tests.fakes.platform_process import HOST, PlatformProcess, platform_process
from tests.it.matches.outcomes import make_players

pytestmark = pytest.mark.alone

MATCHES = 60_000
# 파일의 몇 분의 일도 되지 않는다. 쪽 하나(판 200개)와 연결의 버퍼가 들 자리다.
GROWTH_LIMIT_KIB = 24 * 1024
FILE_MIN_BYTES = 25 * 1024 * 1024
FILL = """
INSERT INTO match_result (match_id, status, abort_code, mode, region, server_id, digest, players, created_at,
                          ended_at, finalized_at, ticks, seed, trace_id)
SELECT CAST(CONCAT('01900000-0000-7000-8000-', LPAD(HEX(seq), 12, '0')) AS UUID), 'finalized', '', 'duel',
       'local', 'session1', 'd', %s, '2026-01-01', '2026-01-02', '2026-01-02', 1, seq, ''
FROM seq_1_to_1000000 WHERE seq <= %s
"""
EVERYTHING, NOTHING = ("/ops/matches/?format=csv", "/ops/matches/?mode=arena&format=csv")
QUIET_S = 30.0
STILL_SELECTS = 3  # 0.5초에 이만큼은 다른 일(갈아 끼우기의 차례 등)이 묻는다
SELECTS_OF_ALL = 3 * MATCHES // EXPORT_MATCHES  # 쪽마다 판, 레이팅 변화, 이름


@pytest.fixture(name="big_table", scope="module")
def _big_table(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """두 사람씩 앉은 판이 많은 표와, 들어와 있는 직원의 세션."""
    with django_db_blocker.unblock():
        one, two = make_players(2)
        seats = json.dumps(
            [{"player_id": one, "place": 1, "score": 9}, {"player_id": two, "place": 2, "score": 3}]
        )
        with connection.cursor() as cursor:
            cursor.execute(FILL, [seats, MATCHES])
        staff = Staff.objects.create_superuser("exporter", password="x")
        client = Client()
        client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        connections.close_all()
    yield session
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)
        connections.close_all()


@pytest.fixture(name="platform", scope="module")
def _platform(
    stack: Runtime, big_table: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PlatformProcess]:
    redis_host, redis_port = stack.endpoint("redis", 6379)
    database = connection.settings_dict
    environment = {
        "HANPAN_DB_HOST": database["HOST"], "HANPAN_DB_PORT": str(database["PORT"]),
        "HANPAN_DB_NAME": database["NAME"], "HANPAN_REDIS_HOST": redis_host,
        "HANPAN_REDIS_PORT": str(redis_port), "HANPAN_INSTANCE": "platform", "HANPAN_HTTP_THREADS": "4",
    }  # fmt: skip
    with platform_process(environment, tmp_path_factory.mktemp("platform") / "log") as process:
        yield process


@contextmanager
def asked(platform: PlatformProcess, session: str, path: str) -> Iterator[http.client.HTTPResponse]:
    """답 하나. 나갈 때 연결을 닫는다."""
    wire = http.client.HTTPConnection(HOST, platform.port, timeout=60)
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}"
    try:
        wire.request("GET", path, headers={"Host": "localhost", "Cookie": cookie})
        with wire.getresponse() as response:
            assert response.status == 200
            yield response
    finally:
        wire.close()


def memory_kib(platform: PlatformProcess, field: str) -> int:
    status = Path(f"/proc/{platform.process.pid}/status").read_text(encoding="ascii")
    return int(status.partition(f"{field}:")[2].split()[0])


def warm_up(platform: PlatformProcess, session: str) -> None:
    """첫 요청이 부르는 모듈과 연결을 미리."""
    for path in (NOTHING, "/ops/matches/?mode=duel"):
        with asked(platform, session, path) as response:
            assert response.read()


def test_every_seat_of_a_big_table_streams_out_in_bounded_memory(
    platform: PlatformProcess, big_table: str
) -> None:
    warm_up(platform, big_table)
    before_kib = memory_kib(platform, "VmHWM")
    size = 0

    def lines(response: http.client.HTTPResponse) -> Iterator[str]:
        nonlocal size
        for line in io.TextIOWrapper(response, "utf-8-sig", newline=""):  # type: ignore[type-var]
            size += len(line)
            yield line

    seats: Counter[str] = Counter()
    with asked(platform, big_table, EVERYTHING) as response:
        assert response.headers["Transfer-Encoding"] == "chunked"
        for row in csv.DictReader(lines(response)):
            seats[row["match_id"]] += 1
            assert row["ended_at"] == "2026-01-02T00:00:00.000+00:00"
    grown_kib = memory_kib(platform, "VmHWM") - before_kib
    assert len(seats) == MATCHES
    assert set(seats.values()) == {2}
    assert size > FILE_MIN_BYTES
    assert grown_kib < GROWTH_LIMIT_KIB, f"파일 {size} 바이트에 꼭대기가 {grown_kib} KiB 자랐다"


def test_a_slow_reader_is_waited_for_and_not_buffered(
    platform: PlatformProcess, big_table: str, stack: Runtime
) -> None:
    warm_up(platform, big_table)
    before_kib = memory_kib(platform, "VmHWM")
    before = selects(stack)
    with asked(platform, big_table, EVERYTHING) as response:
        assert response.read(1024)
        wait_until_still(stack)
        assert selects(stack) - before < SELECTS_OF_ALL / 3
        assert memory_kib(platform, "VmHWM") - before_kib < GROWTH_LIMIT_KIB
        rest = sum(len(part) for part in iter(lambda: response.read(1 << 20), b""))
    assert rest > FILE_MIN_BYTES


def test_nothing_more_is_read_for_a_reader_that_left(
    platform: PlatformProcess, big_table: str, stack: Runtime
) -> None:
    warm_up(platform, big_table)
    before = selects(stack)
    with asked(platform, big_table, EVERYTHING) as response:
        assert response.read(1024)
    # 하던 일을 모두 끝내고 멈춘다: 그때까지 읽은 것이 떠난 사람에게 든 것의 전부다.
    platform.process.send_signal(signal.SIGTERM)
    assert platform.process.wait(timeout=QUIET_S) == 0
    assert selects(stack) - before < SELECTS_OF_ALL / 3
    assert [line["in_flight"] for line in platform.log() if line["event"] == "platform.stopped"] == [0]
    assert "http.stream_failed" not in platform.events()


def selects(stack: Runtime) -> int:
    """MariaDB가 지금까지 한 SELECT."""
    host, port = stack.endpoint("mariadb", 3306)
    admin = MySQLdb.connect(host=host, port=port, user="hanpan_admin", passwd="hanpan-admin-dev")
    try:
        cursor = admin.cursor()
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Com_select'")
        return int(cursor.fetchone()[1])
    finally:
        admin.close()


def wait_until_still(stack: Runtime) -> None:
    """MariaDB에 더 묻지 않을 때까지."""
    deadline_s = time.monotonic() + QUIET_S
    seen = -1
    while (now := selects(stack)) - seen > STILL_SELECTS:
        assert time.monotonic() < deadline_s, "읽지 않는데도 만들기를 그치지 않는다"
        seen = now
        time.sleep(0.5)
