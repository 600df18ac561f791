"""토큰의 갱신과 로그아웃을 진짜 MariaDB와 Redis에서: 몰려 온 갱신, 다시 쓰인 토큰, 두 가지 로그아웃."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from structlog.testing import capture_logs

from players.identity.refresh_rules import hash_of
from players.identity.sign_ins import sweep_expired
from players.identity.sweeper import sweep_some
from players.models import Player, RefreshToken, SignIn
from players.wiring import admission_limits, token_issuer, token_verifier
from redisstore import keys
from redisstore.client import RedisSettings, SyncRedis
from redisstore.platform_client import redis_gate
from telemetry import metrics

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis")]
SIGNED_IN = {
    "player_id", "name", "access_token", "expires_in_s", "refresh_token", "refresh_expires_in_s",
}  # fmt: skip
Post = Callable[..., Any]


@pytest.fixture
def post(client: Client) -> Post:
    def call(path: str, body: Any = None, token: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return client.post(
            f"/api/v1/auth/{path}", body or {}, content_type="application/json", headers=headers
        )

    return call


@pytest.fixture
def guest(post: Post) -> dict[str, Any]:
    body: dict[str, Any] = post("guest", {"name": "가람"}).json()
    return body


def me(client: Client, token: str) -> int:
    return client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code


def age(token: str, seconds: float) -> None:
    """이 토큰을 그만큼 앞서 바꾼 것으로 만든다."""
    changed = RefreshToken.objects.filter(pk=hash_of(token), rotated_at__isnull=False).update(
        rotated_at=timezone.now() - timedelta(seconds=seconds)
    )
    assert changed == 1


def counted(result: str) -> float:
    return metrics.refresh.labels(result=result)._value.get()


def test_every_way_in_gives_both_tokens(post: Post) -> None:
    account = {"username": "alice", "password": "correct horse"}
    answers = [post("guest"), post("register", account), post("login", account)]
    for answer in answers:
        body = answer.json()
        assert set(body) == SIGNED_IN
        assert (body["expires_in_s"], body["refresh_expires_in_s"]) == (3600, 2_592_000)
        assert answer["Cache-Control"] == "no-store"
    assert len({answer.json()["refresh_token"] for answer in answers}) == 3
    assert SignIn.objects.count() == 3


def test_a_refresh_answers_like_a_login_and_keeps_the_sign_in(post: Post, guest: dict[str, Any]) -> None:
    answer = post("refresh", {"refresh_token": guest["refresh_token"]})
    body = answer.json()
    assert (answer.status_code, set(body)) == (200, SIGNED_IN)
    assert (body["player_id"], body["name"]) == (guest["player_id"], "가람")
    assert body["refresh_token"] != guest["refresh_token"]
    before, after = (token_verifier().verify(each["access_token"]) for each in (guest, body))
    assert before.sign_in_id == after.sign_in_id != ""
    assert post("refresh", {"refresh_token": body["refresh_token"]}).status_code == 200


def test_no_refresh_token_is_stored_in_the_clear_or_logged(post: Post, guest: dict[str, Any]) -> None:
    with capture_logs() as entries:
        post("refresh", {"refresh_token": guest["refresh_token"]})
        age(guest["refresh_token"], 11)
        assert post("refresh", {"refresh_token": guest["refresh_token"]}).status_code == 401
    told = str(entries) + str(list(RefreshToken.objects.values())) + str(list(SignIn.objects.values()))
    assert guest["refresh_token"] not in told
    assert [entry["event"] for entry in entries] == ["sign_in.reused"]


def test_a_lost_reply_locks_nobody_out(post: Post, guest: dict[str, Any]) -> None:
    lost = post("refresh", {"refresh_token": guest["refresh_token"]}).json()
    again = post("refresh", {"refresh_token": guest["refresh_token"]})
    assert again.status_code == 200
    # 잃은 줄 안 답이 뒤늦게 닿았어도 그것 또한 통한다.
    for token in (again.json()["refresh_token"], lost["refresh_token"]):
        assert post("refresh", {"refresh_token": token}).status_code == 200


def test_fifty_refreshes_at_once_all_live(client: Client, guest: dict[str, Any]) -> None:
    def refresh(token: str) -> Any:
        try:
            return Client().post(
                "/api/v1/auth/refresh", {"refresh_token": token}, content_type="application/json"
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(refresh, [guest["refresh_token"]] * 50))
        assert {answer.status_code for answer in answers} == {200}
        successors = [answer.json()["refresh_token"] for answer in answers]
        assert len(set(successors)) == 50
        assert {answer.status_code for answer in threads.map(refresh, successors)} == {200}
    assert {me(client, answer.json()["access_token"]) for answer in answers} == {200}
    (sign_in,) = SignIn.objects.all()
    assert sign_in.ended_at is None
    assert RefreshToken.objects.count() == 101


def test_a_token_used_again_later_ends_its_whole_family(
    client: Client, post: Post, guest: dict[str, Any], redis: SyncRedis
) -> None:
    other = post("guest", {"name": "남"}).json()
    newest = post("refresh", {"refresh_token": guest["refresh_token"]}).json()
    age(guest["refresh_token"], 10.5)
    before = counted("reused")
    reused = post("refresh", {"refresh_token": guest["refresh_token"]})
    assert (reused.status_code, reused.json()["code"]) == (401, "UNAUTHENTICATED")
    assert counted("reused") == before + 1
    for token in (newest["refresh_token"], guest["refresh_token"]):
        assert post("refresh", {"refresh_token": token}).status_code == 401
    assert [me(client, each["access_token"]) for each in (guest, newest, other)] == [401, 401, 200]
    sign_in_id = token_verifier().verify(newest["access_token"]).sign_in_id
    assert redis.pttl(keys.ended_sign_in("local", sign_in_id)) > 3_500_000
    assert SignIn.objects.get(pk=sign_in_id).end_reason == "reused"


def test_an_expired_token_is_refused_and_ends_nothing(post: Post, guest: dict[str, Any]) -> None:
    RefreshToken.objects.update(expires_at=timezone.now())
    assert post("refresh", {"refresh_token": guest["refresh_token"]}).status_code == 401
    assert SignIn.objects.get().ended_at is None


@pytest.mark.parametrize(
    ("body", "status"),
    [({"refresh_token": "x" * 43}, 401), ({"refresh_token": "x" * 129}, 422), ({"refresh_token": 7}, 422),
     ({"refresh_token": ""}, 422), ({}, 422), ({"refresh_token": None}, 422)],
)  # fmt: skip
def test_a_wrong_token_is_refused(post: Post, body: dict[str, Any], status: int) -> None:
    assert post("refresh", body).status_code == status


def test_a_refused_refresh_never_says_why(post: Post, guest: dict[str, Any]) -> None:
    unknown = post("refresh", {"refresh_token": "x" * 43}).json()
    post("refresh", {"refresh_token": guest["refresh_token"]})
    age(guest["refresh_token"], 11)
    reused = post("refresh", {"refresh_token": guest["refresh_token"]}).json()
    ended = post("refresh", {"refresh_token": guest["refresh_token"]}).json()
    assert unknown["detail"] == reused["detail"] == ended["detail"]


def test_refreshes_of_one_sign_in_are_limited(settings: Settings, post: Post, guest: dict[str, Any]) -> None:
    settings.PLAYER_ADMISSION_RATES = replace(settings.PLAYER_ADMISSION_RATES, refreshes_per_min_sign_in=2)
    admission_limits.cache_clear()
    codes = [post("refresh", {"refresh_token": guest["refresh_token"]}).status_code for _ in range(3)]
    assert codes == [200, 200, 429]


def test_wrong_refreshes_of_an_address_are_limited(settings: Settings, post: Post) -> None:
    settings.PLAYER_ADMISSION_RATES = replace(
        settings.PLAYER_ADMISSION_RATES, refreshes_per_s=0.01, refreshes_burst=2
    )
    admission_limits.cache_clear()
    assert [post("refresh", {"refresh_token": "x" * 43}).status_code for _ in range(3)] == [401, 401, 429]


def test_a_logout_ends_this_device_only(
    client: Client, post: Post, guest: dict[str, Any], redis: SyncRedis
) -> None:
    device = {"device_id": "phone-1"}
    phone, tablet = post("guest", device).json(), post("guest", device).json()
    assert phone["player_id"] == tablet["player_id"]
    answer = post("logout", token=phone["access_token"])
    assert (answer.status_code, answer.json()) == (200, {"ended": 1})
    assert post("refresh", {"refresh_token": phone["refresh_token"]}).status_code == 401
    assert post("refresh", {"refresh_token": tablet["refresh_token"]}).status_code == 200
    assert [me(client, each["access_token"]) for each in (phone, tablet, guest)] == [401, 200, 200]
    assert redis.exists(
        keys.ended_sign_in("local", token_verifier().verify(phone["access_token"]).sign_in_id)
    )
    # 되풀이해도 같고, 같은 기기로 다시 들어오는 길은 열려 있다.
    assert post("logout", token=phone["access_token"]).json() == {"ended": 0}
    assert post("guest", device).json()["player_id"] == phone["player_id"]


def test_a_logout_everywhere_ends_every_device_and_the_old_tokens(
    client: Client, post: Post, redis: SyncRedis
) -> None:
    device = {"device_id": "phone-2"}
    devices = [post("guest", device).json() for _ in range(3)]
    player_id = devices[0]["player_id"]
    old = token_issuer().issue(player_id, "v1.5.0의 토큰")
    assert me(client, old) == 200
    answer = post("logout", {"everywhere": True}, token=devices[0]["access_token"])
    assert (answer.status_code, answer.json()) == (200, {"ended": 3})
    for each in devices:
        assert me(client, each["access_token"]) == 401
        assert post("refresh", {"refresh_token": each["refresh_token"]}).status_code == 401
    assert me(client, old) == 401
    assert redis.get(keys.token_epoch("local", player_id)) == "1"
    # 다시 부른 로그아웃은 epoch를 또 올리지 않는다: 그 사이 들어온 기기를 내쫓지 않는다.
    fresh = post("guest", device).json()
    assert post("logout", {"everywhere": True}, token=devices[1]["access_token"]).status_code == 200
    assert Player.objects.get(pk=player_id).token_epoch == 1
    assert token_verifier().verify(fresh["access_token"]).epoch == 1


def test_an_old_token_lives_until_its_end_and_can_log_out_everywhere(client: Client, post: Post) -> None:
    guest = post("guest").json()
    old = token_issuer().issue(guest["player_id"], "v1.5.0의 토큰")
    assert post("logout", token=old).json() == {"ended": 0}
    assert me(client, old) == 200
    assert post("logout", {"everywhere": True}, token=old).json() == {"ended": 1}
    assert me(client, old) == 401


@pytest.mark.parametrize("body", [{"everywhere": "yes"}, {"everywhere": 1}, {"everywhere": None}, []])
def test_a_logout_asked_wrongly_ends_nothing(post: Post, guest: dict[str, Any], body: Any) -> None:
    response = Client().post(
        "/api/v1/auth/logout", body, content_type="application/json",
        headers={"Authorization": f"Bearer {guest['access_token']}"},
    )  # fmt: skip
    assert response.status_code == 422
    assert SignIn.objects.get().ended_at is None


def test_a_logout_without_a_token_is_unauthenticated(post: Post) -> None:
    assert post("logout").status_code == 401


def test_a_logout_that_could_not_be_told_says_so_and_can_be_repeated(
    settings: Settings, client: Client, post: Post, guest: dict[str, Any], redis_settings: RedisSettings
) -> None:

    settings.REDIS = RedisSettings(host=redis_settings.host, port=1)
    redis_gate.cache_clear()
    untold = post("logout", token=guest["access_token"])
    assert (untold.status_code, untold.json()["code"]) == (503, "UNAVAILABLE")
    assert me(client, guest["access_token"]) == 401
    settings.REDIS = redis_settings
    redis_gate.cache_clear()
    assert post("logout", token=guest["access_token"]).status_code == 200


def test_a_platform_that_did_not_see_the_logout_learns_it_from_the_database(
    settings: Settings, client: Client, guest: dict[str, Any]
) -> None:
    settings.PLAYER_REVOCATION_CACHE_S = 0
    from players import wiring  # noqa: PLC0415 - 부품을 갈아 끼운다

    wiring.revocations.cache_clear()
    assert me(client, guest["access_token"]) == 200
    SignIn.objects.update(ended_at=timezone.now(), end_reason="logout")
    assert me(client, guest["access_token"]) == 401


def test_expired_rows_are_swept_in_bounded_bites(post: Post, guest: dict[str, Any]) -> None:
    for _ in range(5):
        post("guest")
    later = timezone.now() + timedelta(days=31)
    post("refresh", {"refresh_token": guest["refresh_token"]})
    assert sweep_expired(timezone.now()) == 0
    assert sweep_expired(later, limit=2) <= 6
    while sweep_expired(later, limit=2):
        pass
    assert (RefreshToken.objects.count(), SignIn.objects.count()) == (0, 0)
    assert sweep_some() == 0


def test_the_newest_token_stays_when_the_old_are_swept(post: Post, guest: dict[str, Any]) -> None:
    newest = post("refresh", {"refresh_token": guest["refresh_token"]}).json()["refresh_token"]
    RefreshToken.objects.filter(pk=hash_of(guest["refresh_token"])).update(expires_at=timezone.now())
    assert sweep_some() == 1
    assert post("refresh", {"refresh_token": newest}).status_code == 200
