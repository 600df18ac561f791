"""들어오는 길의 HTTP: 손님, 가입, 로그인, 나. 나쁜 입력과 멈춘 저장소까지."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings
from structlog.testing import capture_logs

from players.models import Credential, Device, Player
from players.wiring import admission_limits, token_issuer, token_verifier
from redisstore.client import SyncRedis
from telemetry.masking import SECRET_KEYS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]
Post = Callable[..., Any]


@pytest.fixture
def post(client: Client) -> Post:
    def call(path: str, body: Any, **headers: str) -> Any:
        return client.post(f"/api/v1/auth/{path}", body, content_type="application/json", headers=headers)

    return call


def assert_problem(response: Any, status: int, code: str) -> None:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert (body["status"], body["code"]) == (status, code)
    assert len(body["trace_id"]) == 32


def test_a_guest_gets_a_token_that_verifies(post: Post) -> None:
    response = post("guest", {"name": "가나다"})
    assert response.status_code == 201
    body = response.json()
    assert set(body) == {
        "player_id", "name", "access_token", "expires_in_s", "refresh_token", "refresh_expires_in_s",
    }  # fmt: skip
    claims = token_verifier().verify(body["access_token"])
    assert (
        (claims.player_id, claims.name) == (body["player_id"], body["name"]) == (body["player_id"], "가나다")
    )
    assert response["Cache-Control"] == "no-store"


def test_a_guest_may_come_without_saying_anything(client: Client) -> None:
    response = client.generic("POST", "/api/v1/auth/guest")
    assert response.status_code == 201
    assert response.json()["name"].startswith("손님-")


def test_the_same_device_is_the_same_player(post: Post) -> None:
    first = post("guest", {"name": "처음", "device_id": "d-1"}).json()
    again = post("guest", {"name": "다른 이름", "device_id": "d-1"}).json()
    other = post("guest", {"device_id": "d-2"}).json()
    assert (again["player_id"], again["name"]) == (first["player_id"], "처음")
    assert other["player_id"] != first["player_id"]


def test_a_device_id_is_never_stored_in_the_clear(post: Post) -> None:
    post("guest", {"device_id": "my-phone-serial"})
    assert "my-phone-serial" not in str(list(Device.objects.values()))


def test_a_registered_player_logs_in_whatever_the_case(post: Post) -> None:
    made = post("register", {"username": "Alice.One", "password": "correct horse", "name": "앨리스"})
    assert (made.status_code, made.json()["name"]) == (201, "앨리스")
    login = post("login", {"username": "aLICE.oNE", "password": "correct horse"})
    assert (login.status_code, login.json()["player_id"]) == (200, made.json()["player_id"])
    assert login.json()["name"] == "앨리스"


def test_a_taken_username_is_refused_whatever_the_case_and_leaves_no_player(post: Post) -> None:
    post("register", {"username": "alice", "password": "correct horse"})
    assert_problem(
        post("register", {"username": "ALICE", "password": "another one"}), 422, "INVALID_ARGUMENT"
    )
    assert Player.objects.count() == Credential.objects.count() == 1


def test_a_password_is_kept_as_argon2id(post: Post) -> None:
    post("register", {"username": "alice", "password": "correct horse"})
    assert Credential.objects.get().password_hash.startswith("argon2$argon2id$")


def test_a_wrong_password_and_an_unknown_name_are_told_the_same_way(post: Post) -> None:
    post("register", {"username": "alice", "password": "correct horse"})
    wrong = post("login", {"username": "alice", "password": "wrong horse"})
    unknown = post("login", {"username": "nobody", "password": "wrong horse"})
    assert_problem(wrong, 401, "UNAUTHENTICATED")
    assert_problem(unknown, 401, "UNAUTHENTICATED")
    assert wrong.json()["detail"] == unknown.json()["detail"]
    assert wrong["WWW-Authenticate"].startswith("Bearer")


def test_failed_logins_of_an_account_are_limited_and_good_ones_are_not_counted(post: Post) -> None:
    post("register", {"username": "alice", "password": "correct horse"})
    for _ in range(15):
        assert post("login", {"username": "alice", "password": "correct horse"}).status_code == 200
    for _ in range(10):
        assert_problem(post("login", {"username": "alice", "password": "wrong"}), 401, "UNAUTHENTICATED")
    refused = post("login", {"username": "alice", "password": "correct horse"})
    assert_problem(refused, 429, "RATE_LIMITED")
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert_problem(post("login", {"username": "bob", "password": "wrong"}), 401, "UNAUTHENTICATED")


def test_wrong_passwords_from_elsewhere_never_keep_the_right_player_out(post: Post) -> None:
    account = {"username": "alice", "password": "correct horse"}
    post("register", account)
    wrong = {**account, "password": "wrong"}
    for attacker in ("198.51.100.1", "198.51.100.2", "198.51.100.3"):
        codes = [post("login", wrong, **{"X-Forwarded-For": attacker}).status_code for _ in range(11)]
        assert codes == [401] * 10 + [429]
    assert post("login", account, **{"X-Forwarded-For": "203.0.113.5"}).status_code == 200
    # 주소마다 세는 몫은 그대로다: 그 주소에서는 맞는 비밀번호도 기다린다.
    assert post("login", account, **{"X-Forwarded-For": "198.51.100.1"}).status_code == 429


def test_failed_logins_are_counted_by_the_address_the_proxy_names(settings: Settings, post: Post) -> None:
    settings.PLAYER_ADMISSION_RATES = replace(
        settings.PLAYER_ADMISSION_RATES, login_failures_per_min_address=3
    )
    admission_limits.cache_clear()
    for index in range(3):
        body = {"username": f"user{index}", "password": "wrong"}
        assert post("login", body, **{"X-Forwarded-For": "198.51.100.1"}).status_code == 401
    body = {"username": "user9", "password": "wrong"}
    assert_problem(post("login", body, **{"X-Forwarded-For": "198.51.100.1"}), 429, "RATE_LIMITED")
    assert post("login", body, **{"X-Forwarded-For": "198.51.100.2"}).status_code == 401
    # 클라이언트가 지어낸 왼쪽은 보지 않는다.
    assert_problem(post("login", body, **{"X-Forwarded-For": "9.9.9.9, 198.51.100.1"}), 429, "RATE_LIMITED")


def test_new_guests_of_an_address_are_limited(settings: Settings, post: Post) -> None:
    settings.PLAYER_ADMISSION_RATES = replace(
        settings.PLAYER_ADMISSION_RATES, guests_per_s=0.01, guests_burst=2
    )
    admission_limits.cache_clear()
    assert [post("guest", {}).status_code for _ in range(3)] == [201, 201, 429]
    assert_problem(post("register", {"username": "alice", "password": "correct horse"}), 429, "RATE_LIMITED")


def test_no_address_or_name_is_left_in_a_redis_key(post: Post, redis: SyncRedis) -> None:
    post("login", {"username": "alice", "password": "wrong"}, **{"X-Forwarded-For": "198.51.100.77"})
    written = list(redis.scan_iter("rl:*"))
    assert written
    assert not [key for key in written if "alice" in key or "198.51.100" in key]


@pytest.mark.usefixtures("stopped_redis")
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("guest", {}),
        ("register", {"username": "alice", "password": "correct horse"}),
        ("login", {"username": "alice", "password": "correct horse"}),
    ],
)
def test_with_redis_down_nobody_comes_in(post: Post, path: str, body: dict[str, str]) -> None:
    response = post(path, body)
    assert_problem(response, 503, "UNAVAILABLE")
    assert response["Retry-After"] == "1"
    assert not Player.objects.exists()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("guest", "{", 400), ("guest", "[]", 422), ("guest", '"text"', 422), ("guest", '{"name": 7}', 422),
        ("guest", '{"name": "\\ud800"}', 400), ("guest", '{"device_id": "a\\u0000"}', 422),
        ("guest", '{"name": "' + "가" * 25 + '"}', 422), ("guest", "[" * 20_000, 400),
        ("register", "{}", 422), ("register", '{"username": "a b", "password": "correct horse"}', 422),
        ("register", '{"username": "alice", "password": "short"}', 422),
        ("login", '{"username": "alice"}', 422), ("login", '{"username": {}, "password": []}', 422),
    ],
)  # fmt: skip
def test_bad_input_is_a_problem_and_never_an_error_in_the_log(
    post: Post, path: str, body: str, status: int
) -> None:
    with capture_logs() as entries:
        assert_problem(post(path, body), status, "INVALID_ARGUMENT")
    assert not entries


def test_me_tells_who_i_am(client: Client, post: Post) -> None:
    guest = post("guest", {"name": "가나다"}).json()
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {guest['access_token']}"})
    assert me.status_code == 200
    body = me.json()
    assert (body["player_id"], body["name"], body["ratings"]) == (guest["player_id"], "가나다", [])
    assert body["created_at_ms"] > 1_700_000_000_000


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer a.b.c", "bearer x"]
)
def test_me_without_a_good_token_is_unauthenticated(client: Client, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = client.get("/api/v1/me", headers=headers)
    assert_problem(response, 401, "UNAUTHENTICATED")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_token_of_a_player_who_is_gone_is_unauthenticated(client: Client) -> None:
    token = token_issuer().issue("01a20974-9a5f-7917-99e2-b09c38d22897", "없는 이")
    assert_problem(
        client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}), 401, "UNAUTHENTICATED"
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "auth/guest"), ("put", "auth/login"), ("delete", "me"), ("post", "leaderboards/duel"),
     ("options", "auth/guest")],
)  # fmt: skip
def test_a_wrong_method_is_405(client: Client, method: str, path: str) -> None:
    response = getattr(client, method)(f"/api/v1/{path}")
    assert_problem(response, 405, "INVALID_ARGUMENT")
    assert response["Allow"]


def test_an_unknown_host_is_400(client: Client) -> None:
    assert_problem(client.get("/api/v1/me", headers={"Host": "evil.example"}), 400, "INVALID_ARGUMENT")


def test_what_a_login_carries_is_masked_by_name() -> None:
    assert {"password", "device_id", "access_token", "refresh_token", "authorization"} <= SECRET_KEYS
