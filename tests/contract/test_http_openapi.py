"""OpenAPI가 바깥 계약의 표와 같은지, 그리고 스스로 옳은지."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = (ROOT / "design" / "protocol" / "contract.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(GET|POST) ((?:/ops)?/api/v1/[^`?]+)[^`]*` \|(.*)\|(.*)\|(.*)\|$", re.MULTILINE)


PLAYER_PATHS = {
    "/api/v1/me", "/api/v1/me/bot-opponent", "/api/v1/me/matches", "/api/v1/auth/logout",
    "/api/v1/leaderboards/{mode}/around-me",
}  # fmt: skip
OPS_PATHS = {path for _, path, *_ in ROW.findall(CONTRACT) if path.startswith("/ops/")}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    generated: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return generated


def test_the_schema_is_made_without_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    """경고는 platform의 로그에 JSON이 아닌 줄로 남는다."""
    GENERATOR_STATS.reset()  # type: ignore[no-untyped-call]
    SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    assert (bool(GENERATOR_STATS), capsys.readouterr().err) == (False, "")


def test_the_schema_is_valid_openapi(schema: dict[str, Any]) -> None:
    validate_schema(schema)  # type: ignore[no-untyped-call]


def test_every_call_of_the_contract_is_in_the_schema_and_nothing_else(schema: dict[str, Any]) -> None:
    documented = {(method.lower(), path) for method, path, *_ in ROW.findall(CONTRACT)}
    in_schema = {(method, path) for path, operations in schema["paths"].items() for method in operations}
    assert in_schema - {("get", "/api/schema/")} == documented


@pytest.mark.parametrize(("method", "path", "_takes", "gives", "_errors"), ROW.findall(CONTRACT))
def test_the_answer_has_the_documented_status_and_fields(
    schema: dict[str, Any], method: str, path: str, _takes: str, gives: str, _errors: str
) -> None:
    status = re.search(r"\b(20\d)\b", gives)
    assert status
    answer = schema["paths"][path][method.lower()]["responses"][status.group(1)]
    reference = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    documented = re.search(r"\{(.*)\}", gives)
    assert documented
    names = set(re.findall(r"[a-z_]+", re.sub(r":\[\{.*?\}\]", "", documented.group(1))))
    assert names <= set(schema["components"]["schemas"][reference]["properties"])


def test_every_operation_can_answer_with_a_problem(schema: dict[str, Any]) -> None:
    for operations in schema["paths"].values():
        for operation in operations.values():
            content = operation["responses"]["default"]["content"]
            assert "application/problem+json" in content


@pytest.mark.parametrize(
    ("kind", "paths"),
    [
        ("player", PLAYER_PATHS),
        ("service", {"/api/v1/matches", "/api/v1/matches/{match_id}/finalize"} | OPS_PATHS),
        ("staff", OPS_PATHS),
    ],
)
def test_each_call_asks_for_its_own_kind_of_token(schema: dict[str, Any], kind: str, paths: set[str]) -> None:
    asking = {
        path
        for path, operations in schema["paths"].items()
        for operation in operations.values()
        if {kind: []} in operation.get("security", [])
    }
    assert asking == paths


def asked_lists(schema: dict[str, Any]) -> list[tuple[str, str, str, dict[str, Any]]]:
    """부름마다 본문의 목록 칸 하나씩: (메서드, 길, 칸, 칸의 모양)."""
    found = []
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body:
                name = body["schema"]["$ref"].rpartition("/")[2]
                fields = schema["components"]["schemas"][name]["properties"]
                found += [(method, path, field, shape) for field, shape in fields.items() if "items" in shape]
    return found


def test_no_list_that_is_asked_for_may_be_empty(schema: dict[str, Any]) -> None:
    lists = asked_lists(schema)
    assert {("post", "/ops/api/v1/roll", "servers"), ("post", "/api/v1/matches", "player_ids")} <= {
        (method, path, field) for method, path, field, _ in lists
    }
    may_be_empty = [f"{path} {field}" for _, path, field, shape in lists if not shape.get("minItems")]
    assert may_be_empty == [], "빈 목록은 모두가 아니다: min_length=1을 단다"
