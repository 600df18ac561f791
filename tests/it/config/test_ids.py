"""번호를 받는 모든 길: 대소문자만 다른 번호는 같은 번호이고, 번호가 아닌 것은 어디서나 거절된다.

길은 URLconf에서, 본문의 칸은 OpenAPI에서 찾는다. 새로 생긴 길과 칸도 여기서 걸린다.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from rest_framework import serializers

from accounts.credentials.service_tokens import Scope, load_service_issuer
from accounts.models import Staff
from kernel.ids import new_id
from matches.models import OutsideMatch
from matches.results.finalize import finalize_match
from players.api.fields import IdField
from tests.it.matches.outcomes import finished, make_players

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis")]

HOST = {"host": "localhost:8080"}
# 번호가 아닌 이름들. 길의 칸은 이것이거나 아래 시험이 채울 줄 아는 번호여야 한다.
NAMES = {"server_id", "mode", "id", "object_id", "app_label", "content_type_id", "url", "path"}


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, set[str]]]:
    """(길, 칸들)을 모두."""
    for each in resolver.url_patterns:
        here = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each, here)
        elif isinstance(each, URLPattern):
            yield here, set(re.findall(r"<(?:\w+:)?(\w+)>", here))


def wrong_forms(value: str) -> list[str]:
    """번호와 닮았지만 번호가 아닌 글들."""
    number = uuid.UUID(value).int
    return [str(number), value.replace("-", ""), f"urn:uuid:{value}", f"{{{value}}}", f"{value}0", "7"]


@pytest.fixture
def staff() -> Client:
    """무엇이든 볼 수 있는 직원."""
    client = Client(headers=HOST)
    client.force_login(
        Staff.objects.create_superuser("root"), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


@pytest.fixture
def service() -> Client:
    """밖의 게임 서버이자 자동화."""
    issuer = load_service_issuer(settings.KEYS_DIR)
    token = issuer.issue("e", [Scope.MATCH_FINALIZE, Scope.FLEET_OPERATE], ttl_s=60)
    return Client(headers={**HOST, "authorization": f"Bearer {token}"})


def test_every_path_with_an_id_takes_it_in_any_case_and_nothing_else(staff: Client) -> None:
    players = make_players(2)
    ids = {"player_id": players[0], "match_id": finalize_match(finished(players)).match_id}
    walked = []
    for route, fields in routes(get_resolver()):
        assert fields <= NAMES | ids.keys(), f"{route}: 번호인지 이름인지 NAMES에 적는다"
        for name in fields & ids.keys():
            path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: "{" + found[1] + "}", f"/{route}")
            if path.endswith("/finalize"):
                continue  # POST. 아래 시험이 본다
            walked.append(path)
            answer = staff.get(path.format(**ids))
            address = path.format(**{**ids, name: ids[name].upper()})
            shouted = staff.get(address)
            assert (answer.status_code, shouted.status_code) == (200, 200), path
            shown = shouted.content.decode().replace(address, "")  # 언어를 바꾸는 단추는 온 길로 돌아간다
            assert ids[name].upper() not in shown, "답의 표기는 하나다"
            for wrong in wrong_forms(ids[name]):
                refused = staff.get(path.format(**{**ids, name: wrong}))
                assert refused.status_code in {404, 422}, (path, wrong)
    assert {"/api/v1/matches/{match_id}", "/ops/matches/{match_id}/", "/ops/players/{player_id}/"} <= set(
        walked
    )


def test_the_searches_and_filters_of_the_pages_take_an_id_in_any_case(staff: Client) -> None:
    players = make_players(2)
    match_id = finalize_match(finished(players)).match_id
    for query, page in ((players[0], f"/ops/players/{players[0]}/"),):
        assert staff.get("/ops/players/", {"q": query.upper()}).headers["Location"] == page
    assert (
        staff.get("/ops/matches/", {"q": match_id.upper()}).headers["Location"] == f"/ops/matches/{match_id}/"
    )
    assert players[0] in staff.get("/ops/matches/", {"q": players[0].upper()}).headers["Location"]
    assert match_id in staff.get("/ops/matches/", {"player": players[0].upper()}).content.decode()
    assert staff.get("/ops/matches/", {"player": uuid.UUID(players[0]).int}).status_code == 422
    assert staff.get("/ops/players/", {"after": players[1].upper()}).status_code == 200
    for model, value in (("players/player", players[0]), ("matches/matchresult", match_id)):
        assert value in staff.get(f"/admin/{model}/", {"q": value.upper()}).content.decode()


def test_an_outside_match_is_one_match_in_any_case(service: Client) -> None:
    one, two = make_players(2)
    match_id = new_id()
    wish = {"mode": "x", "player_ids": [one.upper(), two], "match_id": match_id.upper()}
    again = {"mode": "x", "player_ids": [two.upper(), one], "match_id": match_id}
    for body in (wish, again):
        answer = service.post("/api/v1/matches", body, content_type="application/json")
        assert (answer.status_code, answer.json()) == (201, {"match_id": match_id})
    assert OutsideMatch.objects.count() == 1
    results = [{"player_id": one.upper(), "place": 1, "score": 3}, {"player_id": two, "place": 2, "score": 1}]
    for path_id, already in ((match_id.upper(), False), (match_id, True)):
        answer = service.post(
            f"/api/v1/matches/{path_id}/finalize",
            {"mode": "x", "results": results},
            content_type="application/json",
        )
        assert (answer.status_code, answer.json()["already_finalized"]) == (200, already)
        assert answer.json()["match_id"] == match_id
        assert [row["player_id"] for row in answer.json()["results"]] == [one, two]


def test_one_player_twice_in_two_cases_is_found(service: Client) -> None:
    one, two = make_players(2)
    for path, body in (
        ("/api/v1/matches", {"mode": "x", "player_ids": [one, one.upper()]}),
        (
            f"/api/v1/matches/{finalize_match(finished([one, two])).match_id}/finalize",
            {
                "mode": "duel",
                "results": [{"player_id": each, "place": 1, "score": 0} for each in (one, one.upper())],
            },
        ),
    ):
        answer = service.post(path, body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_ARGUMENT")


def id_fields(schema: dict[str, Any], name: str, path: str = "") -> Iterator[tuple[str, Any]]:
    """본문의 번호 칸마다 (칸의 길, 그 칸에 값 하나를 넣은 본문을 만드는 손잡이)."""
    for field, shape in schema["components"]["schemas"][name]["properties"].items():
        items = shape.get("items", {})
        if shape.get("format") == "uuid":
            yield f"{path}{field}", lambda value, field=field: {field: value}
        elif items.get("format") == "uuid":
            yield f"{path}{field}[0]", lambda value, field=field: {field: [value, value]}
        elif "$ref" in items:
            for inner, make in id_fields(schema, items["$ref"].rpartition("/")[2], f"{path}{field}[0]."):
                yield inner, lambda value, field=field, make=make: {field: [make(value)]}


def test_every_id_of_every_body_refuses_what_is_no_id_and_says_where(service: Client) -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    walked = set()
    for path, operations in schema["paths"].items():
        body = operations.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json")
        if not body:
            continue
        for field, make in id_fields(schema, body["schema"]["$ref"].rpartition("/")[2]):
            walked.add((path, field))
            value = new_id()
            for wrong in (
                7,
                7.0,
                uuid.UUID(value).int,
                True,
                None,
                [value],
                {"a": value},
                *wrong_forms(value),
            ):
                address = path.replace("{match_id}", new_id())
                answer = service.post(address, make(wrong), content_type="application/json")
                assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_ARGUMENT"), (
                    field,
                    wrong,
                )
                assert f"{field}: " in answer.json()["detail"], answer.json()["detail"]
    assert walked >= {
        ("/api/v1/matches", "match_id"),
        ("/api/v1/matches", "player_ids[0]"),
        ("/api/v1/matches/{match_id}/finalize", "results[0].player_id"),
    }


def every_serializer(base: type = serializers.Serializer) -> Iterator[type[serializers.Serializer]]:
    """우리가 지은 것 모두."""
    for each in base.__subclasses__():
        if not each.__module__.startswith(("rest_framework", "drf_spectacular", "tests")):
            yield each
        yield from every_serializer(each)


def test_no_serializer_reads_an_id_in_another_way() -> None:
    get_resolver().url_patterns  # noqa: B018 - 모든 뷰와 그 serializer를 읽어 들인다
    seen = 0
    for each in every_serializer():
        for name, field in each().fields.items():
            inner = getattr(field, "child", field)
            if isinstance(inner, serializers.UUIDField) or re.fullmatch("(match|player|ticket)_ids?", name):
                assert isinstance(inner, IdField), f"{each.__name__}.{name}"
                seen += 1
    assert seen > 10
