"""실제 답이 OpenAPI가 말하는 모양인지. 계약 시험(tests/contract)은 문서와 OpenAPI를 맞춰 본다."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from kernel.ids import new_id
from matches.results.finalize import finalize_match
from players.wiring import token_issuer
from tests.it.matches.outcomes import aborted, finished, make_players

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    generated: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return generated


def assert_as_documented(schema: dict[str, Any], template: str, method: str, response: Any) -> None:
    """답의 본문을 그 부름의 그 상태(없으면 default)의 스키마로 검사한다. 없는 칸도, 남는 칸도 안 된다."""
    answers = schema["paths"][template][method]["responses"]
    content = answers.get(str(response.status_code), answers["default"])["content"]
    media_type = response["Content-Type"].partition(";")[0]
    answer_schema = {**content[media_type]["schema"], "components": schema["components"]}
    Draft202012Validator(answer_schema).validate(response.json())
    name = content[media_type]["schema"]["$ref"].rpartition("/")[2]
    assert set(response.json()) == set(schema["components"]["schemas"][name]["properties"])


def test_signing_in_answers_as_documented(client: Client, schema: dict[str, Any]) -> None:
    body = {"username": "alice", "password": "correct horse"}
    for call, form in (
        ("guest", {}),
        ("register", body),
        ("login", body),
        ("login", {**body, "password": "x"}),
    ):
        path = f"/api/v1/auth/{call}"
        response = client.post(path, form, content_type="application/json")
        assert_as_documented(schema, path, "post", response)


def test_reading_answers_as_documented(client: Client, schema: dict[str, Any]) -> None:
    players = make_players(3)
    ended, stopped = finalize_match(finished(players)), finalize_match(aborted(players))
    for match_id in (ended.match_id, stopped.match_id, new_id(), "x"):
        response = client.get(f"/api/v1/matches/{match_id}")
        assert_as_documented(schema, "/api/v1/matches/{match_id}", "get", response)
    for query in ("", "?limit=1", "?cursor=x"):
        response = client.get(f"/api/v1/leaderboards/duel{query}")
        assert_as_documented(schema, "/api/v1/leaderboards/{mode}", "get", response)
    token = token_issuer().issue(players[0], "나")
    for headers in ({"Authorization": f"Bearer {token}"}, {}):
        assert_as_documented(schema, "/api/v1/me", "get", client.get("/api/v1/me", headers=headers))
