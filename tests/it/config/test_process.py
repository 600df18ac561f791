"""진짜 platform 프로세스: 나쁜 입력에 조용하고, 장애에 빠르고, SIGTERM에 하던 일을 끝낸다."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import MySQLdb
import pytest
from django.core.management import call_command
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from stack.runtime import Runtime
from tests.fakes.platform_process import PlatformProcess, platform_process
from tests.it.matches.outcomes import make_players

REFUSAL_LIMIT_S = 1.0
THREADS = "8"
ROLL_DRIVER_CONNECTIONS = 1


@pytest.fixture(scope="module")
def environment(stack: Runtime, django_db_setup: None) -> dict[str, str]:
    """시험 데이터베이스를 응용 계정으로 쓰는 platform의 환경."""
    redis_host, redis_port = stack.endpoint("redis", 6379)
    database = connection.settings_dict
    return {
        "HANPAN_DB_HOST": database["HOST"], "HANPAN_DB_PORT": str(database["PORT"]),
        "HANPAN_DB_NAME": database["NAME"], "HANPAN_REDIS_HOST": redis_host,
        "HANPAN_REDIS_PORT": str(redis_port), "HANPAN_INSTANCE": "platform", "HANPAN_HTTP_THREADS": THREADS,
    }  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _clean_tables_afterwards(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    yield
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)
        connections.close_all()


@pytest.fixture
def database_admin(stack: Runtime) -> Iterator[MySQLdb.Connection]:
    """남의 연결과 잠금을 보고 끊는, 시험에만 있는 계정."""
    host, port = stack.endpoint("mariadb", 3306)
    admin = MySQLdb.connect(host=host, port=port, user="hanpan_admin", passwd="hanpan-admin-dev")
    yield admin
    admin.close()


@pytest.fixture(scope="module")
def shared(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PlatformProcess]:
    """읽기만 하는 시험들이 나눠 쓰는 platform."""
    with platform_process(environment, tmp_path_factory.mktemp("platform") / "log") as platform:
        yield platform


def test_the_probes_and_the_pages_of_the_platform_answer(shared: PlatformProcess) -> None:
    assert shared.call("GET", "/healthz").json()["service"] == "platform"
    metrics = shared.call("GET", "/metrics").body
    assert b"django_http_requests_total_by_method_total" in metrics
    assert b"finalize_total" in metrics
    schema = shared.call("GET", "/api/schema/").json()
    assert schema["openapi"].startswith("3.")
    page = shared.call("GET", "/admin/login/")
    assert page.status == 200
    assert shared.call("GET", "/static/unfold/css/styles.css").status == 200


def test_a_request_carries_its_trace_from_the_caller_to_the_answer(shared: PlatformProcess) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    reply = shared.call("GET", "/api/v1/nowhere", traceparent=f"00-{trace_id}-b7ad6b7169203331-01")
    assert reply.json()["trace_id"] == trace_id


def test_bad_input_leaves_no_line_above_info(shared: PlatformProcess) -> None:
    before = len(shared.log())
    assert shared.call("POST", "/api/v1/auth/guest", b"{").status == 400
    assert shared.call("POST", "/api/v1/auth/guest", b"\xff" * 10).status == 400
    assert shared.call("POST", "/api/v1/auth/guest", b"[" * 60_000).status == 400
    assert shared.call("POST", "/api/v1/auth/guest", b"x" * 70_000).status == 413
    assert shared.call("POST", "/api/v1/auth/guest", {"name": 7}).status == 422
    assert shared.call("GET", "/api/v1/me", Authorization="Bearer a.b.c").status == 401
    assert shared.call("GET", "/api/v1/me", Host="evil.example").status == 400
    assert shared.call("PATCH", "/api/v1/me").status == 405
    assert shared.call("GET", "/api/v1/leaderboards/duel?cursor=%ff%00").status == 422
    assert b" 400 " in shared.send_raw(
        b"GET /api/v1/me?x=\xff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    shared.send_raw(b"NONSENSE\r\n\r\n")
    shared.send_raw(
        b"GET /ops/live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    noisy = [line for line in shared.log()[before:] if line["level"] != "info" or "exception" in line]
    assert not noisy


BAD_REQUESTS = {
    "틀린 요청 줄": (b"NONSENSE\r\n\r\n", 400),
    "너무 긴 주소": (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "이름이 틀린 머리글": (b"GET / HTTP/1.1\r\nHost: localhost\r\nx(y): 1\r\n\r\n", 400),
    "ASCII가 아닌 주소": ("GET /결투 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(), 400),
    "여느 HTTP로 연 소켓의 길": (b"GET /ops/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 426),
    "Origin이 없는 소켓": (
        b"GET /ops/live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        403,
    ),
    "모르는 판의 소켓": (
        b"GET /ops/live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 12\r\n\r\n",
        426,
    ),
    "열쇠가 없는 소켓": (
        b"GET /ops/live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\n\r\n",
        400,
    ),
    "API의 길의 Upgrade": (
        b"GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: close\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        401,
    ),
}  # fmt: skip


def http_series(platform: PlatformProcess) -> set[str]:
    """지금 열린 Django의 줄들(값은 뺀다)."""
    lines = platform.call("GET", "/metrics").body.decode().splitlines()
    return {line.rpartition(" ")[0] for line in lines if line.startswith("django_")}


def odd_request(platform: PlatformProcess, number: int) -> int:
    """낯선 사람의 별난 요청 하나의 상태: 있는 길과 없는 길, 아는 메서드와 지어낸 메서드."""
    where = (
        f"/nowhere/{number}", f"/api/v1/view-{number}", f"/admin/{number}/change/", "/play/",
        f"/ops/servers/s{number}/", f"/api/v1/matches/{number}", "/", "/docs/", "/admin/login/",
        "/ops/api/v1/servers", f"/i18n/setlang/?next={number}", "/api/v1/me",
    )  # fmt: skip
    methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
    turn, place = divmod(number, len(where))
    method = methods[turn // 2 % len(methods)] if turn % 2 else f"ODD{number}"
    return platform.call(method, where[place], **{"X-Requested-With": "XMLHttpRequest"}).status


def test_the_odd_requests_of_a_stranger_do_not_grow_the_metrics(shared: PlatformProcess) -> None:
    first = shared.call("GET", "/metrics").body
    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(lambda number: odd_request(shared, number), range(1000)))
    assert statuses >= {200, 302, 401, 403, 404, 405}
    wait_until(lambda: shared.call("GET", "/metrics").body != first, "새 글이 만들어지지 않는다")
    assert len(http_series(shared)) <= 50
    assert len(shared.call("GET", "/metrics").body) < 200_000
    assert "metrics.withheld" not in shared.events()


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_what_the_server_refuses_before_django_has_the_same_shape(shared: PlatformProcess, name: str) -> None:
    request, status = BAD_REQUESTS[name]
    head, _, body = shared.send_raw(request).partition(b"\r\n\r\n")
    problem = json.loads(body)
    assert head.split()[1] == str(status).encode()
    assert b"application/problem+json" in head
    assert set(problem) == {"type", "title", "status", "detail", "code", "trace_id"}
    assert (problem["status"], problem["type"]) == (status, f"urn:hanpan:error:{problem['code']}")
    assert len(problem["trace_id"]) == 32
    assert (b"sec-websocket-version: 13" in head.lower()) == (status == 426)


def test_a_body_sent_in_chunks_is_read_whole(shared: PlatformProcess) -> None:
    answer = shared.send_raw(
        b"POST /api/v1/auth/guest HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        b'8\r\n{"name":\r\n7\r\n"chunk"\r\n1\r\n}\r\n0\r\n\r\n'
    )
    assert b" 201 " in answer.split(b"\r\n")[0]
    assert b'"name":"chunk"' in answer


def test_killed_connections_are_replaced_without_a_failed_answer(
    shared: PlatformProcess, database_admin: MySQLdb.Connection
) -> None:
    def read(_index: int) -> int:
        return shared.call("GET", "/api/v1/leaderboards/duel").status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(read, range(32))) == {200}
        victims = _app_connections(database_admin)
        assert 0 < len(victims) <= int(THREADS) + ROLL_DRIVER_CONNECTIONS
        cursor = database_admin.cursor()
        for victim in victims:
            cursor.execute(f"KILL {victim}")
        wait_until(lambda: not victims & _app_connections(database_admin), "끊은 연결이 남아 있다")
        assert set(pool.map(read, range(32))) == {200}


def test_a_stopped_database_is_a_quick_503_and_comes_back_by_itself(
    shared: PlatformProcess, faults: Runtime
) -> None:
    assert shared.call("GET", "/api/v1/leaderboards/duel").status == 200
    faults.kill("mariadb")
    began_s = time.monotonic()
    refused = shared.call("GET", "/api/v1/leaderboards/duel")
    assert (refused.status, refused.json()["code"]) == (503, "UNAVAILABLE")
    assert refused.headers["Retry-After"]
    assert time.monotonic() - began_s < REFUSAL_LIMIT_S
    assert shared.call("GET", "/readyz").status == 200
    for path in ("/ops/", "/admin/"):
        page = shared.call("GET", path, Accept="text/html", Cookie="sessionid=" + "x" * 32)
        assert (page.status, page.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
        assert "지금은 읽을 수 없습니다" in page.body.decode()
        assert 'href="/ops/"' in page.body.decode()
    assert shared.call("GET", "/", Accept="text/html").status == 200
    assert shared.call("GET", "/status/", Accept="application/json").json()["parts"]["database"] == "down"
    faults.start("mariadb")
    faults.wait_ready()
    connections.close_all()
    assert shared.call("GET", "/api/v1/leaderboards/duel").status == 200


@pytest.mark.django_db(transaction=True)
def test_sigterm_finishes_the_request_in_hand(
    environment: dict[str, str], tmp_path: Path, database_admin: MySQLdb.Connection
) -> None:
    """가입 하나가 행 잠금을 기다리는 동안 SIGTERM이 온다. 잠금이 풀리면 그 가입은 201로 끝난다."""
    (player_id,) = make_players(1)
    replies: list[int] = []
    with platform_process(environment, tmp_path / "log") as platform:

        def register() -> None:
            body = {"username": "sigterm", "password": "correct horse"}
            replies.append(platform.call("POST", "/api/v1/auth/register", body).status)

        with connection.cursor() as cursor:
            cursor.execute("START TRANSACTION")
            cursor.execute("INSERT INTO player_credential VALUES (%s, 'sigterm', 'sigterm', '')", [player_id])
            caller = threading.Thread(target=register)
            caller.start()
            wait_until(lambda: _lock_waits(database_admin) > 0, "가입이 잠금을 기다리지 않는다")
            platform.process.terminate()
            wait_until(lambda: "platform.draining" in platform.events(), "드레인을 시작하지 않는다")
            cursor.execute("ROLLBACK")
        caller.join(timeout=20)
        assert platform.process.wait(timeout=20) == 0
        assert replies == [201]
        assert platform.events()[-1] == "platform.stopped"
        assert platform.log()[-1]["finished"]


def _app_connections(database_admin: MySQLdb.Connection) -> set[int]:
    """서버에 지금 있는 응용의 연결들. KILL의 답은 표시했다는 뜻일 뿐이라, 끊은 뒤에는 사라짐을 기다린다."""
    cursor = database_admin.cursor()
    cursor.execute("SELECT id FROM information_schema.processlist WHERE user = 'hanpan_app'")
    return {int(row[0]) for row in cursor.fetchall()}


def _lock_waits(database_admin: MySQLdb.Connection) -> int:
    cursor = database_admin.cursor()
    cursor.execute("SELECT COUNT(*) FROM information_schema.innodb_lock_waits")
    return int(cursor.fetchone()[0])


def wait_until(condition: Callable[[], bool], complaint: str) -> None:
    """조건이 설 때까지 기다린다. InnoDB의 잠금 표는 0.1초보다 자주 물으면 새로 고쳐지지 않는다."""
    deadline_s = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline_s, complaint
        time.sleep(0.15)
