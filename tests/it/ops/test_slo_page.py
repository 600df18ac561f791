"""SLO의 쪽: Prometheus가 없거나 아프면 프로세스들이 센 것으로, 그것도 없으면 빈 채로 열린다."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.permissions import StaffPermission
from tests.it.ops.conftest import SignIn

pytestmark = pytest.mark.django_db(transaction=True)
METRICS = b"""# TYPE session_tick_late counter
session_tick_late_total 5
# TYPE session_tick_seconds histogram
session_tick_seconds_count 1000
session_tick_seconds_sum 1
"""


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """무엇을 묻든 이 답을 하는 HTTP 서버의 `host:port`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """조용히."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def shown(client: Client) -> str:
    response = client.get("/ops/slo/")
    assert response.status_code == 200
    return response.content.decode()


def now_of(text: str, key: str) -> str:
    """그 목표의 지금."""
    found = re.search(rf'data-slo="{key}".*?class="slo-now[^"]*">([^<]*)<', text, flags=re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("status", "body"),
    [(503, b""), (200, b"not json"), (200, b'{"data": 7}'), (400, b'{"status": "error"}')],
    ids=str,
)
def test_a_sick_prometheus_leaves_the_counts_of_the_processes(
    viewer: Client, settings: Settings, status: int, body: bytes
) -> None:
    with answering(status, body) as sick, answering(200, METRICS) as process:
        settings.PROMETHEUS_URL = f"http://{sick}"
        settings.METRICS_TARGETS = (f"session1={process}", f"session2={process}", "session3=127.0.0.1:1")
        text = shown(viewer)
    assert 'data-source="processes"' in text
    assert now_of(text, "tick") == "99.5 %"
    assert now_of(text, "match") == "아무 일도 없음"


def test_a_missed_objective_tells_how_far_it_is_over_why_and_where_to_look(
    viewer: Client, settings: Settings
) -> None:
    settings.PROMETHEUS_URL = ""
    with answering(200, METRICS.replace(b"late_total 5", b"late_total 210")) as process:
        settings.METRICS_TARGETS = (f"session1={process}",)
        text = shown(viewer)
    tick = text.split('data-slo="tick"')[1].split("</section>")[0]
    assert "다 썼음" in tick
    assert "예산의 21.0배" in tick
    assert "CPU가 모자랍니다" in tick
    assert 'href="/ops/servers/"' in tick
    assert not re.search(r"-\d[\d.]* ?%", text)
    assert "slo-cause" not in text.split('data-slo="match"')[1].split("</section>")[0]
    assert re.search(r'id="slo-as-of"><time datetime="[^"]+Z"', text)


@pytest.mark.parametrize("late", [0, 1, 9, 11, 500, 1000])
def test_no_percentage_of_the_page_leaves_the_range_of_percentages(
    viewer: Client, settings: Settings, late: int
) -> None:
    settings.PROMETHEUS_URL = ""
    with answering(200, METRICS.replace(b"late_total 5", b"late_total %d" % late)) as process:
        settings.METRICS_TARGETS = (f"session1={process}",)
        shares = re.findall(r"(-?[\d.]+) %", shown(viewer))
    assert shares
    assert all(0 <= float(share) <= 100 for share in shares), shares


def test_with_nobody_to_ask_the_page_still_opens(viewer: Client, settings: Settings) -> None:
    settings.PROMETHEUS_URL, settings.METRICS_TARGETS = "", ()
    assert now_of(shown(viewer), "tick") == "아무 일도 없음"


def test_the_page_is_for_those_who_may_see_the_dashboard(sign_in: SignIn) -> None:
    assert sign_in(StaffPermission.MATCH_VIEW).get("/ops/slo/").status_code == 403
