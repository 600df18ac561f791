"""봇의 표시: 무리가 오기 전에 계정이 생기고, 판이 끝나 생기는 레이팅까지 따라간다."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from bots.accounts import admit_bots
from bots.swarm import SwarmPlan, bot_name
from matches.bots import mark_bots
from matches.models import Rating
from matches.results.finalize import finalize_match
from players.models import Player
from players.wiring import token_verifier
from tests.it.matches.outcomes import finished, make_players

pytestmark = pytest.mark.django_db(transaction=True)


def plan(count: int = 3) -> SwarmPlan:
    return SwarmPlan(base_url="http://localhost:8080", count=count, mode="duel", matches=None, seed=7)


def test_the_accounts_of_a_crew_are_made_once_and_marked() -> None:
    for _ in range(2):
        admit_bots(plan())
    assert sorted(Player.objects.values_list("name", "is_bot")) == sorted(
        (bot_name(number), True) for number in range(3)
    )


def test_crews_of_two_modes_are_different_players_and_may_play_at_once() -> None:
    admit_bots(plan())
    admit_bots(replace(plan(), mode="arena"))
    assert Player.objects.filter(is_bot=True).count() == 6


@pytest.mark.usefixtures("_wired", "redis")
def test_a_bot_that_comes_in_as_a_guest_holds_a_token_that_says_bot(client: Client) -> None:
    admit_bots(plan(1))
    body = {"name": bot_name(0), "device_id": plan().device_id(0)}
    guest = client.post("/api/v1/auth/guest", body, content_type="application/json").json()
    assert token_verifier().verify(guest["access_token"]).is_bot
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {guest['access_token']}"}).json()
    assert (me["player_id"], me["is_bot"]) == (guest["player_id"], True)
    assert Player.objects.count() == 1


def test_the_ratings_of_a_marked_player_are_marked_before_and_after_its_first_match() -> None:
    early, late, person = make_players(3)
    finalize_match(finished([early, person]))
    mark_bots([early, late])
    finalize_match(finished([late, person]))
    marks = {str(row.player_id): row.is_bot for row in Rating.objects.all()}
    assert marks == {early: True, late: True, person: False}
    assert mark_bots([early, late]) == 0


def test_the_command_says_what_to_do_where_there_is_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", 1)
    with pytest.raises(CommandError, match="--unmarked"):
        call_command("bots", stdout=io.StringIO())
