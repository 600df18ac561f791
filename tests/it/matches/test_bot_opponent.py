"""나의 연습 상대: 선수마다 하나인 봇의 계정. 처음부터 봇으로 표시되고, 번호를 지어내어 될 수 없다."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from players.models import Player
from players.wiring import token_issuer, token_verifier
from redisstore.client import SyncRedis
from tests.it.matches.outcomes import make_players

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]
PATH = "/api/v1/me/bot-opponent"


def call(client: Client, player_id: str, language: str = "ko", *, is_bot: bool = False) -> Any:
    token = token_issuer().issue(player_id, "나", is_bot=is_bot)
    return client.post(PATH, headers={"Authorization": f"Bearer {token}", "Accept-Language": language})


def test_it_is_a_marked_bot_whose_token_says_so(client: Client) -> None:
    (me,) = make_players(1)
    answer = call(client, me)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    body = answer.json()
    claims = token_verifier().verify(body["access_token"])
    assert (claims.player_id, claims.name, claims.is_bot) == (body["player_id"], body["name"], True)
    bot = Player.objects.get(pk=body["player_id"])
    assert (bot.is_bot, bot.name) == (True, f"봇-{me[-4:]}")


def test_calling_again_gives_the_same_bot_and_others_have_their_own(client: Client) -> None:
    me, other = make_players(2)
    first, again, others = (call(client, player).json()["player_id"] for player in (me, me, other))
    assert first == again
    assert others != first
    assert Player.objects.filter(is_bot=True).count() == 2


def test_its_name_is_in_the_language_of_the_first_call(client: Client) -> None:
    (me,) = make_players(1)
    assert call(client, me, "en-US").json()["name"] == f"Bot-{me[-4:]}"
    assert call(client, me, "ko").json()["name"] == f"Bot-{me[-4:]}"


def test_no_device_id_reaches_it(client: Client) -> None:
    (me,) = make_players(1)
    bot_id = call(client, me).json()["player_id"]
    for device_id in (me, f"bot-opponent:{me}", f"/bot-opponent{me}"):
        guest = client.post("/api/v1/auth/guest", {"device_id": device_id}, content_type="application/json")
        assert guest.json()["player_id"] != bot_id


def test_a_bot_and_a_stranger_get_none(client: Client) -> None:
    (me,) = make_players(1)
    refused = call(client, call(client, me).json()["player_id"], is_bot=True)
    assert (refused.status_code, refused.json()["code"]) == (403, "PERMISSION_DENIED")
    assert client.post(PATH).status_code == 401


def test_it_takes_from_the_same_bucket_as_new_guests(client: Client, redis: SyncRedis) -> None:
    (me,) = make_players(1)
    guest = client.post("/api/v1/auth/guest", {}, content_type="application/json")
    assert guest.status_code == 201
    buckets = set(redis.keys("*new-player*"))
    assert buckets
    assert call(client, me).status_code == 200
    assert set(redis.keys("*new-player*")) == buckets
