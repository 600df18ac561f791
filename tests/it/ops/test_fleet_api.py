"""운영 API: 직원의 세션과 서비스 토큰, 역할마다의 허락, 그리고 시킨 일마다의 감사."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from guardian.shortcuts import assign_perm

from accounts.credentials.service_tokens import Scope, load_service_issuer
from accounts.models import Staff
from accounts.roles import Role
from audit.models import AuditRecord
from fleet.models import DrainIntent, Roll, ServerScope
from redisstore import keys
from redisstore.client import SyncRedis
from tests.it.fleet.conftest import Register
from tests.it.ops.conftest import SignIn

pytestmark = pytest.mark.django_db(transaction=True)
SERVERS = "/ops/api/v1/servers"
ROLL = "/ops/api/v1/roll"


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def bearer(*scopes: Scope) -> Client:
    token = load_service_issuer(settings.KEYS_DIR).issue("deployer", list(scopes), ttl_s=60)
    return Client(headers={"host": "localhost:8080", "authorization": f"Bearer {token}"})


def audited() -> list[tuple[str, str, str]]:
    return list(AuditRecord.objects.order_by("pk").values_list("actor_kind", "action", "result"))


def test_a_viewer_sees_the_fleet_and_what_a_drain_would_do(
    viewer: Client,
    register: Register,
) -> None:
    register("session1", running=3, left=41_000, pool="eu")
    register("session2")
    answer = viewer.get(SERVERS).json()
    assert [(row["server_id"], row["pool"], row["running"]) for row in answer["servers"]] == [
        ("session1", "eu", 3), ("session2", "default", 0),
    ]  # fmt: skip
    assert answer["region"] == "local"
    assert viewer.get(f"{SERVERS}/session1/drain/preview").json() == {
        "matches": 3, "at_most_ms": 41_000, "grace_ms": 120_000, "cuts_matches": False, "others_ready": 1,
        "room_elsewhere": 50,
    }  # fmt: skip
    cut = viewer.get(f"{SERVERS}/session1/drain/preview?grace_ms=1000").json()
    assert (cut["at_most_ms"], cut["cuts_matches"]) == (1_000, True)
    assert viewer.get(f"{SERVERS}/nowhere/drain/preview").status_code == 404
    assert viewer.get(f"{SERVERS}/session1/drain/preview?grace_ms=x").status_code == 422


def test_an_operator_drains_and_undrains(
    sign_in: SignIn,
    register: Register,
    redis: SyncRedis,
) -> None:
    register("session1")
    operator = sign_in(Role.OPERATOR)
    answer = post(operator, f"{SERVERS}/session1/drain", reason="커널 갱신", grace_ms=60_000)
    assert answer.status_code == 200
    assert {**answer.json(), "preview": None} == {
        "server_id": "session1", "drain_intended": True, "changed": True, "applied": True, "preview": None,
    }  # fmt: skip
    assert redis.sismember(keys.draining("local"), "session1")
    assert post(operator, f"{SERVERS}/session1/undrain", reason="끝").json()["changed"]
    assert not redis.sismember(keys.draining("local"), "session1")
    assert audited() == [
        ("staff", "fleet.server:drain", "allowed"), ("staff", "fleet.server:undrain", "allowed"),
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["/session1/drain", "/session1/undrain"])
def test_a_viewer_is_denied_and_the_denial_is_audited(
    viewer: Client,
    register: Register,
    path: str,
) -> None:
    register("session1")
    answer = post(viewer, f"{SERVERS}{path}", reason="나도")
    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")
    assert not DrainIntent.objects.exists()
    assert [result for *_, result in audited()] == ["denied"]


def test_a_grant_opens_one_pool_and_no_other(
    sign_in: SignIn,
    register: Register,
) -> None:
    register("session1", pool="eu")
    register("session2", pool="us")
    someone = sign_in(Role.VIEWER)
    scope = ServerScope.objects.create(region="local", pool="eu")
    assign_perm("fleet.operate_serverscope", Staff.objects.get(), scope)
    assert post(someone, f"{SERVERS}/session1/drain", reason="x").status_code == 200
    assert post(someone, f"{SERVERS}/session2/drain", reason="x").status_code == 403
    everywhere = ServerScope.objects.create(region="local", pool="")
    assign_perm("fleet.operate_serverscope", Staff.objects.get(), everywhere)
    assert post(someone, f"{SERVERS}/session2/drain", reason="x").status_code == 200


def test_a_service_token_with_the_scope_operates_and_one_without_is_denied(
    register: Register,
) -> None:
    register("session1")
    register("session2")
    automation, other = bearer(Scope.FLEET_OPERATE), bearer(Scope.MATCH_FINALIZE)
    assert automation.get(SERVERS).status_code == 200
    assert other.get(SERVERS).status_code == 403
    assert post(automation, f"{SERVERS}/session1/drain", reason="배포").status_code == 200
    assert post(other, f"{SERVERS}/session2/drain", reason="배포").status_code == 403
    assert audited() == [
        ("service", "fleet.server:drain", "allowed"), ("service", "fleet.server:drain", "denied"),
    ]  # fmt: skip


def test_nobody_is_led_to_the_login_in_a_browser_and_refused_elsewhere() -> None:
    stranger = Client(headers={"host": "localhost:8080"})
    assert stranger.get(SERVERS).status_code == 401
    assert (
        stranger.get(SERVERS, headers={"accept": "text/html"}).headers["Location"].startswith("/admin/login/")
    )
    assert post(stranger, f"{SERVERS}/session1/drain", reason="x").status_code == 401
    broken = Client(headers={"host": "localhost:8080", "authorization": "Bearer x"})
    assert broken.get(SERVERS).status_code == 401
    assert audited() == []


def test_a_session_without_the_csrf_token_changes_nothing(
    sign_in: SignIn,
    register: Register,
) -> None:
    register("session1")
    operator = sign_in(Role.OPERATOR)
    operator.handler.enforce_csrf_checks = True
    assert post(operator, f"{SERVERS}/session1/drain", reason="x").status_code == 403
    assert not DrainIntent.objects.exists()


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "x", "grace_ms": -1}, {"reason": "x" * 201}])
def test_a_wrong_order_is_told_why(
    sign_in: SignIn,
    register: Register,
    body: dict[str, Any],
) -> None:
    register("session1")
    answer = post(sign_in(Role.OPERATOR), f"{SERVERS}/session1/drain", **body)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_ARGUMENT")
    assert not DrainIntent.objects.exists()


def test_a_roll_is_started_watched_and_aborted(
    sign_in: SignIn,
    viewer: Client,
    register: Register,
) -> None:
    register("session1")
    register("session2")
    operator = sign_in(Role.OPERATOR)
    assert operator.get(ROLL).status_code == 404
    answer = post(operator, ROLL, reason="1.4.1")
    assert answer.status_code == 201
    assert (answer.json()["servers"], answer.json()["phase"]) == (["session1", "session2"], "pending")
    assert viewer.get(ROLL).json()["is_open"]
    assert post(viewer, f"{ROLL}/abort", reason="나도").status_code == 403
    assert post(operator, f"{ROLL}/abort", reason="그만").json()["phase"] == "aborted"
    assert post(operator, f"{ROLL}/abort", reason="그만").status_code == 404
    assert [(action, result) for _, action, result in audited()] == [
        ("fleet.roll:start", "allowed"), ("fleet.roll:abort", "denied"), ("fleet.roll:abort", "allowed"),
        ("fleet.roll:abort", "failed"),
    ]  # fmt: skip


@pytest.mark.parametrize("timeout_ms", [0, 3_600_001, 2**32, 2**63, 2**64, 10**400])
def test_a_return_timeout_out_of_range_is_refused_and_recorded(
    sign_in: SignIn, register: Register, timeout_ms: int
) -> None:
    register("session1")
    answer = post(sign_in(Role.OPERATOR), ROLL, reason="1.6.0", return_timeout_ms=timeout_ms)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_ARGUMENT")
    assert [(action, result) for _, action, result in audited()] == [("fleet.roll:start", "failed")]


def list_fields(schema: dict[str, Any]) -> list[tuple[str, str]]:
    """운영 API의 (길, 목록 칸)들. 새로 생긴 부름도 여기에 든다."""
    found = []
    for path, operations in schema["paths"].items():
        body = operations.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json")
        if path.startswith("/ops/") and body:
            fields = schema["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]["properties"]
            found += [(path, name) for name, shape in fields.items() if "items" in shape]
    return found


def test_an_empty_list_is_never_all_anywhere_in_the_api(sign_in: SignIn, register: Register) -> None:
    register("session1")
    register("session2")
    operator = sign_in(Role.OPERATOR)
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    walked = list_fields(schema)
    assert (ROLL, "servers") in walked
    for path, field in walked:
        for empty in ([], [""], None, {}):
            body = {"reason": "x", field: empty}
            answer = post(operator, path.replace("{server_id}", "session1"), **body)
            assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_ARGUMENT"), (path, empty)
            assert field in answer.json()["detail"]
    assert not Roll.objects.exists()
    assert not DrainIntent.objects.exists()


@pytest.mark.usefixtures("stopped_redis")
def test_without_redis_the_api_is_unavailable(viewer: Client, sign_in: SignIn) -> None:
    assert viewer.get(SERVERS).status_code == 503
    answer = post(sign_in(Role.OPERATOR), f"{SERVERS}/session1/drain", reason="x")
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert [result for *_, result in audited()] == ["failed"]
