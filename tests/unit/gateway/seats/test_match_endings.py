"""판의 끝을 알릴 수 있는가: 결과가 있음, 없음, 지금은 모름."""

from __future__ import annotations

import pytest

from gateway.seats.match_endings import MatchEndings
from kernel.errors import (
    MatchNotOver,
    NotFound,
    Unavailable,
)
from tests.fakes.manual_clock import ManualClock
from tests.unit.gateway.seats.seat_world import (
    World,
)


@pytest.fixture
def world(clock: ManualClock) -> World:
    return World(clock)


async def test_a_result_still_being_written_is_unknown_not_absent(world: World) -> None:
    endings = MatchEndings(world.sessions)
    world.sessions.results = [MatchNotOver()]
    with pytest.raises(Unavailable):
        await endings.tell_result(world.conn, world.player_id, world.match_id)
    world.sessions.results = [NotFound()]
    assert not await endings.tell_result(world.conn, world.player_id, world.match_id)
    assert world.conn.sent() == []
