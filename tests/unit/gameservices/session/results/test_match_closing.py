"""결과가 정해진 뒤: 놓아주고, 알리고, 치운다. Redis가 멈춰도 앞의 둘은 된다."""

from __future__ import annotations

from collections.abc import Sequence

from gameservices.session.results.match_closing import MatchCloser
from gameservices.session.rooms.gateway_link import GatewayLink
from gameservices.session.rooms.outcomes import outcome_of
from gameservices.session.rooms.room_host import RoomHost
from kernel.errors import Unavailable
from matches.outcome import Settlement
from tests.fakes.manual_clock import ManualClock
from tests.fakes.session_rooms import IDENTITY, PACE, HeardEvents, plan, player_id


class World:
    """놓아주는 곳과 기록의 대역. 한 일을 차례로 적는다."""

    def __init__(self, *, redis_is_down: bool = False) -> None:
        self.redis_is_down = redis_is_down
        self.did: list[str] = []
        self.host = RoomHost(identity=IDENTITY, pace=PACE, clock=ManualClock(), events=HeardEvents())
        self.link = GatewayLink("gateway1")
        self.host.open_link(self.link)
        self.room = self.host.open_room(plan())
        self.host.attach(self.link, 7, self.room.match_id, player_id(1), 1)
        self.link._queue.clear()
        self.host.abort_all("SESSION_DRAINING")
        self.closer = MatchCloser(host=self.host, releaser=self, live=self, holdings=self)

    async def end(self, _match_id: str, region: str, player_ids: Sequence[str]) -> None:
        assert (region, set(player_ids)) == ("local", {player_id(1), player_id(2)})
        assert not self.link._queue, "알리기 전에 놓아준다"
        self.did.append("release")

    async def drop(self, _match_id: str) -> None:
        if self.redis_is_down:
            raise Unavailable
        self.did.append("drop")

    async def let_go(self, server_id: str, _match_id: str) -> None:
        assert server_id == "session1"
        self.did.append("let_go")

    async def conclude(self) -> None:
        outcome = outcome_of(self.room, "session1", "")
        await self.closer.conclude(outcome, Settlement(outcome.match_id, "SESSION_DRAINING", (), ()))


async def test_players_are_free_before_they_hear_the_result() -> None:
    world = World()
    await world.conclude()
    assert world.did == ["release", "drop", "let_go"]
    assert world.link._queue[0].controls[0].match_aborted.code == "SESSION_DRAINING"
    assert world.host.find(world.room.match_id) is None


async def test_players_hear_the_result_while_redis_is_down() -> None:
    world = World(redis_is_down=True)
    await world.conclude()
    assert world.did == ["release"]
    assert world.link._queue[0].controls[0].WhichOneof("event") == "match_aborted"
