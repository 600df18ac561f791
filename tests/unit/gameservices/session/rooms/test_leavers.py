"""떠난 선수의 뒷일: 놓아준 다음에 알리고, 도는 동안은 가끔 다시 놓아주게 한다."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gameservices.session.rooms.leavers import Leavers
from gameservices.session.rooms.room import AnyRoom, Room, RoomViewer
from tests.fakes.session_rooms import PACE, CollectingSink, plan, player_id


class Matchmaking:
    """놓아주기가 끝날 때를 시험이 정한다."""

    def __init__(self) -> None:
        self.answered = asyncio.Event()
        self.released: list[tuple[str, str, list[str]]] = []
        self.owed: list[tuple[str, str, list[str]]] = []

    async def release(self, match_id: str, region: str, player_ids: Sequence[str]) -> None:
        await self.answered.wait()
        self.released.append((match_id, region, list(player_ids)))

    def owe(self, match_id: str, region: str, player_ids: Sequence[str]) -> None:
        self.owed.append((match_id, region, list(player_ids)))


def room_of_three() -> AnyRoom:
    return Room(plan(players=3), pace=PACE, created_at_s=0.0)


async def test_a_leaver_is_told_after_he_is_let_go_and_not_before() -> None:
    matchmaking, room, told = Matchmaking(), room_of_three(), asyncio.Event()
    leavers = Leavers(matchmaking, lambda: [room])
    leavers.let_go(room, player_id(1), told.set)
    await asyncio.sleep(0)
    assert not told.is_set()
    matchmaking.answered.set()
    await asyncio.wait_for(told.wait(), 5)
    assert matchmaking.released == [(room.match_id, "local", [player_id(1)])]


async def test_those_who_left_a_match_that_goes_on_are_let_go_again_from_time_to_time() -> None:
    matchmaking, room, other = Matchmaking(), room_of_three(), room_of_three()
    leavers = Leavers(matchmaking, lambda: [room, other])
    room.leave(room.seats[2], RoomViewer(CollectingSink(), 3))
    await leavers.remind()
    assert matchmaking.owed == [(room.match_id, "local", [player_id(3)])]


async def test_a_stop_ends_what_is_still_waiting() -> None:
    matchmaking, room = Matchmaking(), room_of_three()
    leavers = Leavers(matchmaking, lambda: [room])
    leavers.let_go(room, player_id(1), lambda: None)
    await asyncio.wait_for(leavers.stop(), 5)
    assert matchmaking.released == []
