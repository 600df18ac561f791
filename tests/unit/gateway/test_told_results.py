"""받았음을 적는 일: 누구인지 아는 소켓만 적고, 적지 못하면 조용히 넘어간다."""

from __future__ import annotations

import asyncio

from gateway.takeover import ToldResults
from kernel.errors import Unavailable
from redisstore.tickets.rows import PlayerHold
from tests.unit.gateway.conftest import ManualClock, make_connection


class Holds:
    """적힌 것들."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, str]] = []
        self.is_down = False

    async def player_hold(self, player_id: str) -> PlayerHold:
        return PlayerHold(None)

    async def told(self, player_id: str, match_id: str) -> bool:
        self.noted.append((player_id, match_id))
        if self.is_down:
            raise Unavailable
        return True


async def test_the_player_of_the_socket_has_heard_the_result(clock: ManualClock) -> None:
    holds = Holds()
    told = ToldResults(holds)
    told.heard(make_connection(clock, player_id="p1"), "m1")
    told.heard(make_connection(clock), "m1")
    await asyncio.sleep(0)
    assert holds.noted == [("p1", "m1")]


async def test_what_cannot_be_noted_is_left_to_the_next_hello(clock: ManualClock) -> None:
    holds = Holds()
    holds.is_down = True
    told = ToldResults(holds)
    told.heard(make_connection(clock, player_id="p1"), "m1")
    await asyncio.sleep(0)
    await told.stop()
    assert holds.noted == [("p1", "m1")]
