"""많은 이력을 넣는 명령: 이어지는 데이터를 만들고, 있던 데이터에는 손대지 않는다."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from matches.models import AbortedSeat, MatchResult, Rating, RatingChange
from players.models import Player

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]


def seed(**sizes: int) -> None:
    call_command("seed_history", verbosity=0, **sizes)


def test_players_and_matches_are_there_and_the_pages_show_them(viewer: Client) -> None:
    seed(players=40, matches=300)
    assert (Player.objects.count(), Rating.objects.count(), MatchResult.objects.count()) == (40, 40, 300)
    finalized = MatchResult.objects.filter(status="finalized").count()
    assert RatingChange.objects.count() == 2 * finalized
    assert AbortedSeat.objects.count() == 2 * (300 - finalized)
    newest = MatchResult.objects.order_by("-pk").first()
    assert newest is not None
    for path in (
        "matches/",
        f"matches/{newest.match_id}/",
        f"players/{newest.players[0]['player_id']}/",
        "players/",
    ):
        assert viewer.get(f"/ops/{path}").status_code == 200


def test_a_database_that_is_not_empty_is_left_alone() -> None:
    seed(players=2, matches=1)
    with pytest.raises(CommandError):
        seed(players=2, matches=1)
    assert MatchResult.objects.count() == 1


def test_wrong_sizes_are_refused() -> None:
    with pytest.raises(CommandError):
        seed(players=1, matches=1)
