"""다른 origin의 쪽: 선수 API의 모든 길이 허용된 origin에 열리고, 그 밖의 길과 origin에는 닫혀 있다."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from kernel.errors import PayloadTooLarge, Unavailable
from webserver.http_handler import ThreadPoolHandler

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]
OURS, THEIRS = "http://localhost:8080", "http://evil.example"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PLAYER_API = "api/v1/"
MATCH_ID = "0190a0b0-1111-7222-8333-444455556666"


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """URLconf의 모든 (길, 뷰). 길의 빈칸은 아무 값으로 채운다."""
    for each in (resolver or get_resolver()).url_patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each, path)
        else:
            filled = path.replace("<str:mode>", "duel").replace("<str:match_id>", MATCH_ID)
            yield filled.replace("<str:server_id>", "session1"), each


def is_api(pattern: URLPattern) -> bool:
    return hasattr(getattr(pattern.callback, "cls", None), "allowed_methods")


PLAYER_ROUTES = sorted({path for path, _ in routes() if path.startswith(PLAYER_API)})
API_ROUTES = sorted({path for path, pattern in routes() if is_api(pattern)})


def preflight(client: Client, path: str, origin: str, method: str = "POST") -> object:
    return client.options(
        f"/{path}",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )


def test_the_walk_sees_the_whole_player_api() -> None:
    assert {"api/v1/auth/refresh", "api/v1/me", "api/v1/matches"} <= set(PLAYER_ROUTES)
    assert {path for path in API_ROUTES if path.startswith(PLAYER_API)} == set(PLAYER_ROUTES)
    assert len(API_ROUTES) > len(PLAYER_ROUTES)


@pytest.mark.parametrize("path", PLAYER_ROUTES)
def test_a_preflight_of_an_allowed_origin_is_204(client: Client, path: str) -> None:
    for method in ("GET", "POST"):
        answer = preflight(client, path, OURS, method)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer["Access-Control-Allow-Origin"] == OURS
        assert method in answer["Access-Control-Allow-Methods"].split(", ")
        assert {"authorization", "content-type"} <= set(answer["Access-Control-Allow-Headers"].split(", "))
        assert "origin" in answer["Vary"].lower()
        assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.parametrize("path", PLAYER_ROUTES)
@pytest.mark.parametrize("origin", [THEIRS, "null", "http://localhost:8080.evil.example", "http://[", ""])
def test_a_preflight_of_another_origin_is_refused_in_truth(client: Client, path: str, origin: str) -> None:
    answer = preflight(client, path, origin)
    assert (answer.status_code, answer.json()["code"]) == (405, "INVALID_ARGUMENT")
    assert "Access-Control-Allow-Origin" not in answer
    assert "OPTIONS" not in answer["Allow"]


@pytest.mark.parametrize("path", PLAYER_ROUTES)
def test_every_answer_and_every_error_is_readable_by_an_allowed_origin(client: Client, path: str) -> None:
    for method in METHODS:
        for origin, shown in ((OURS, OURS), (THEIRS, None)):
            answer = client.generic(
                method, f"/{path}", b"{", content_type="application/json", headers={"Origin": origin}
            )
            assert answer.get("Access-Control-Allow-Origin") == shown, (method, path, answer.status_code)
            assert "origin" in answer["Vary"].lower()
            if shown and answer.status_code >= 400:
                assert "retry-after" in answer["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("path", ["api/v1/nowhere", "api/v1/me/", "api/v1/"])
def test_even_a_path_that_is_not_there_can_be_read(client: Client, path: str) -> None:
    answer = client.get(f"/{path}", headers={"Origin": OURS})
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (404, OURS)


@pytest.mark.parametrize(
    "path",
    [
        "api/schema/",
        "ops/",
        "ops/api/v1/servers",
        "ops/api/v1/roll",
        "ops/api/schema/",
        "admin/",
        "admin/login/",
        "play/",
    ],
)
def test_what_is_not_the_player_api_stays_closed(client: Client, path: str) -> None:
    for answer in (client.get(f"/{path}", headers={"Origin": OURS}), preflight(client, path, OURS)):
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
        assert answer.status_code != 204


@pytest.mark.parametrize("path", API_ROUTES)
def test_allow_names_only_what_is_answered(client: Client, path: str) -> None:
    refused = client.options(f"/{path}")
    assert refused.status_code == 405
    allowed = set(refused["Allow"].split(", "))
    assert "OPTIONS" not in allowed
    for method in METHODS:
        answer = client.generic(method, f"/{path}")
        assert (answer.status_code == 405) == (method not in allowed), (method, path, answer.status_code)


def test_a_configured_origin_may_be_written_with_a_slash_or_in_capitals(settings: Settings) -> None:
    from webserver.cors_rules import origins_of  # noqa: PLC0415 - 이 시험만 쓴다

    assert origins_of(("https://Game.example/", OURS)) == ["https://game.example", OURS]


@pytest.mark.parametrize("error", [PayloadTooLarge(), Unavailable("지금은 요청이 너무 많습니다")])
def test_what_is_refused_before_django_can_be_read_too(error: Exception) -> None:
    handler = ThreadPoolHandler(threads=1, waiting=0)
    scope = {
        "type": "http", "method": "POST", "path": "/api/v1/auth/guest", "query_string": b"",
        "headers": [(b"origin", OURS.encode()), (b"host", b"localhost")],
    }  # fmt: skip
    try:
        answer = handler._refusal(scope, error)
        assert answer["Access-Control-Allow-Origin"] == OURS
        assert "Access-Control-Allow-Origin" not in handler._refusal({**scope, "path": "/ops/"}, error)
    finally:
        handler.close()
