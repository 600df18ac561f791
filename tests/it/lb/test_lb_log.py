"""진짜 HAProxy의 로그: 요청마다 JSON 한 줄이고, 무엇을 보내든 칸을 지어내거나 비밀을 남기지 못한다."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.load_balancer import ANSWER_S, balanced, send_to

FIRST = 78
JWT = "eyJhbGciOiJFZERTQSIsImtpZCI6ImsxIn0.eyJzdWIiOiJwbGF5ZXIifQ.c2lnbmF0dXJl"
MAIL = "someone@example.com"
FORGED = '","level":"forged","x":"'
HOSTILE_PATHS = [
    f"/a{FORGED}",
    "/a%22,%22level%22:%22forged%22,%22x%22:%22",
    "/a\\",
    "/a\\u0022]",
    "/%0a%0d{%22level%22:%22forged%22}",
    "/%00/%ff%fe/%ed%a0%80",
    f"/{MAIL}",
    "/someone%40example.com",
    "/someone%2540example.com",
    "/someone%EF%BC%A0example.com",
    f"/{JWT}",
    f"/x{JWT[:24]}",
    "/%65yJhbGciOiJFZERTQSIsImtpZCI6",
    "/10.11.12.13/x",
    "/2001:db8::1/x",
    f"/search?email={MAIL}&token={JWT}",
    "/" + "z" * 7_000,
    "/" + "a/" * 3_000,
    "/" + "a" * 30 + "/" + "b" * 218 + f"/{MAIL}",
    "/" + "a/" * 122 + f"x/{MAIL}",
    "/" + '"/' * 3_000,
]  # fmt: skip
SECRETS = (JWT[:20], "example.com", "someone", "forged", "10.11.12.13", "2001:db8", "c2lnbmF0dXJl", "hunter2")


@dataclass(frozen=True, slots=True)
class LoggingBalancer:
    """LB의 주소와 그 로그."""

    host: str
    log_path: Path

    def lines(self) -> list[dict[str, Any]]:
        """JSON인 줄들. 나머지는 HAProxy가 서버의 죽고 삶을 말하는 것뿐이다."""
        raw = self.log_path.read_text("utf-8").splitlines()
        strange = [
            line for line in raw
            if not line.startswith(("{", "[", "Server ", "Health ", "Proxy ", "backend ", "  |"))
        ]  # fmt: skip
        assert strange == []
        return [json.loads(line) for line in raw if line.startswith("{")]

    def until(self, event: str, **fields: object) -> dict[str, Any]:
        """그런 줄을 기다린다. HAProxy는 답을 보낸 뒤에 적는다."""
        deadline_s = time.monotonic() + ANSWER_S
        while True:
            for line in self.lines():
                if line["event"] == event and fields.items() <= line.items():
                    return line
            assert time.monotonic() < deadline_s, self.log_path.read_text("utf-8")[-2000:]
            time.sleep(0.05)


@pytest.fixture(scope="module")
def lb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoggingBalancer]:
    log_path = tmp_path_factory.mktemp("lb") / "lb.log"
    with balanced(FIRST, log_path) as host:
        yield LoggingBalancer(host, log_path)


def ask(lb: LoggingBalancer, path: str, trace_id: str, *, method: str = "GET") -> int:
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        f"traceparent: 00-{trace_id}-b7ad6b7169203331-01\r\n"
        f"Referer: http://x/?email={MAIL}\r\nAuthorization: Bearer {JWT}\r\nCookie: sessionid=hunter2\r\n"
        f"X-Forwarded-For: 10.11.12.13\r\nUser-Agent: {MAIL}{FORGED}\r\n\r\n"
    )
    return send_to(lb.host, head).status


@pytest.mark.parametrize("number", range(len(HOSTILE_PATHS)), ids=[path[:24] for path in HOSTILE_PATHS])
def test_no_request_can_forge_a_field_or_leave_a_secret(lb: LoggingBalancer, number: int) -> None:
    trace_id = f"{number + 1:032x}"
    status = ask(lb, HOSTILE_PATHS[number], trace_id)
    line = lb.until("http.request", trace_id=trace_id)
    assert (line["level"], line["status"], line["method"]) == ("info", status, "GET")
    assert line["path"].startswith("/")
    text = json.dumps(line, ensure_ascii=False)
    assert [secret for secret in SECRETS if secret in text] == []
    assert [secret for secret in SECRETS if secret in lb.log_path.read_text("utf-8")] == []


def test_an_ordinary_request_is_told_with_its_path_and_without_its_query(lb: LoggingBalancer) -> None:
    trace_id = "f" * 32
    path = "/api/v1/matches/01a20974-0000-7000-8000-000000002897"
    assert ask(lb, f"{path}?token=hunter2", trace_id) == 200
    line = lb.until("http.request", trace_id=trace_id)
    assert (line["path"], line["status"], line["backend"], line["server"]) == (
        path,
        200,
        "platform",
        "platform",
    )
    assert isinstance(line["total_ms"], int)
    assert isinstance(line["ts_ms"], int)


def test_a_strange_method_is_cut_and_the_line_stays_whole(lb: LoggingBalancer) -> None:
    trace_id = "e" * 32
    ask(lb, "/x", trace_id, method="A" * 5_000)
    assert lb.until("http.request", trace_id=trace_id)["method"] == "A" * 16


def test_a_failure_of_what_is_behind_is_a_warning(lb: LoggingBalancer) -> None:
    trace_id = "d" * 32
    assert ask(lb, "/cut", trace_id) == 502
    assert lb.until("http.request", trace_id=trace_id)["level"] == "warning"


def test_what_never_became_a_request_leaves_a_line_too(lb: LoggingBalancer) -> None:
    assert send_to(lb.host, f'NONSENSE"{FORGED}\r\n\r\n').status == 400
    assert lb.until("http.unreadable", status=400)["level"] == "warning"
    assert "forged" not in lb.log_path.read_text("utf-8")


def test_the_checks_of_the_health_leave_no_line(lb: LoggingBalancer) -> None:
    assert ask(lb, "/healthz", "c" * 32) == 200
    assert ask(lb, "/after", "b" * 32) == 200
    lb.until("http.request", trace_id="b" * 32)
    assert [line for line in lb.lines() if line.get("trace_id") == "c" * 32] == []
