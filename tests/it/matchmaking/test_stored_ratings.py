"""대기표에 적는 레이팅이 MariaDB의 것인지: 없는 선수는 처음 값이다."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from django.db import connections

from gameservices.matchmaking.server import StoredRatings
from gameservices.runtime.db_executor import DbExecutor
from kernel.ids import new_id
from matches.models import Rating
from tests.it.matches.outcomes import make_players


@pytest.fixture
def database() -> Iterator[DbExecutor]:
    executor = DbExecutor(1)
    yield executor
    executor.close()


def rated_player(mu: float) -> str:
    """duel에서 한 판을 마친 선수."""
    try:
        [player_id] = make_players(1)
        Rating.objects.create(player_id=player_id, mode="duel", mu=mu, sigma=300.0, games=1)
        return player_id
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
async def test_a_player_queues_with_the_stored_rating_of_that_mode(database: DbExecutor) -> None:
    veteran, newcomer = await asyncio.to_thread(rated_player, 1712.5), new_id()
    ratings = StoredRatings(database)
    assert await ratings.read("duel", [veteran, newcomer]) == {veteran: 1712.5, newcomer: 1500.0}
    assert await ratings.read("arena", [veteran]) == {veteran: 1500.0}
