"""오류가 RFC 9457로 나가는 모양과, 쪽으로 답할지의 정함."""

from __future__ import annotations

import json

import pytest

from kernel.errors import ERRORS_BY_CODE, HanpanError, InvalidArgument, RateLimited, Unavailable
from kernel.problem import problem_of, wants_page

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize("error_class", ERRORS_BY_CODE.values(), ids=ERRORS_BY_CODE.keys())
def test_every_error_of_the_tree_has_its_problem(error_class: type[HanpanError]) -> None:
    problem = problem_of(error_class("까닭"), trace_id=TRACE_ID)
    assert problem.status == error_class.http_status
    assert json.loads(problem.body) == {
        "type": f"urn:hanpan:error:{error_class.code}",
        "title": error_class.title,
        "status": error_class.http_status,
        "detail": "까닭",
        "code": error_class.code,
        "trace_id": TRACE_ID,
    }
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert ("Retry-After" in problem.headers) == (problem.status in {429, 503})
    assert ("WWW-Authenticate" in problem.headers) == (problem.status == 401)


@pytest.mark.parametrize(("wait_ms", "seconds"), [(1, "1"), (1000, "1"), (1001, "2"), (60_000, "60")])
def test_retry_after_is_whole_seconds_rounded_up(wait_ms: int, seconds: str) -> None:
    for error in (Unavailable(retry_after_ms=wait_ms), RateLimited(retry_after_ms=wait_ms)):
        assert problem_of(error, trace_id=TRACE_ID).headers["Retry-After"] == seconds


def test_a_narrower_status_stands_in_the_answer_and_in_the_body() -> None:
    problem = problem_of(InvalidArgument(), trace_id=TRACE_ID, status=405)
    assert (problem.status, json.loads(problem.body)["status"]) == (405, 405)


def test_a_problem_speaks_one_language_and_names_it() -> None:
    error = InvalidArgument("이름은 1-{max_chars}자여야 합니다", max_chars=24)
    for language, title, detail in (
        ("ko", "잘못된 요청입니다", "이름은 1-24자여야 합니다"),
        ("en", "Invalid request", "A name must have 1 to 24 characters"),
    ):
        problem = problem_of(error, trace_id=TRACE_ID, language=language)
        body = json.loads(problem.body)
        assert problem.headers["Content-Language"] == language
        assert (body["title"], body["detail"]) == (title, detail)


@pytest.mark.parametrize(
    ("path", "accept", "is_page"),
    [
        ("/", CHROME, True),
        ("/ops/nowhere", CHROME, True),
        ("/ws", CHROME, True),
        ("/api/v1/me", CHROME, False),
        ("/ops/api/v1/servers", CHROME, False),
        ("/", None, False),
        ("/", "", False),
        ("/", "*/*", False),
        ("/", "application/json", False),
        ("/", "application/json, text/html;q=0.5", False),
        ("/", "application/problem+json, text/html;q=0.5", False),
        ("/", "text/html;q=0", False),
        ("/", "text/html;q=x", False),
        ("/", "application/json;q=0.5, text/html", True),
        ("/", "TEXT/HTML", True),
    ],
)
def test_a_page_is_for_those_who_want_html_more_than_json(
    path: str, accept: str | None, is_page: bool
) -> None:
    assert wants_page(path, accept) is is_page
